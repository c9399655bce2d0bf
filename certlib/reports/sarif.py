"""SARIF: results as code scanning shows them (OASIS SARIF 2.1.0)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from certlib import texts
from certlib.auditing import Audited
from certlib.auditing.evidence import Evidence, Line
from certlib.auditing.suppressions import Suppressed
from certlib.reports.rows import accepted_at
from certlib.rules import Finding, Severity

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-schema-2.1.0.json"
_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTICE: "note",
}


def to_sarif(results: Sequence[Audited], about: Evidence) -> bytes:
    """Return a log with a result for each finding at each place."""
    rules: dict[str, dict[str, Any]] = {}
    found = [
        _result(result, place, finding, accepted, rules)
        for result in results
        for place, finding, accepted in _all(result)
    ]
    driver = {"name": "certlib", "version": version("certlib")}
    run = {
        "tool": {"driver": {**driver, "rules": list(rules.values())}},
        "invocations": [{"executionSuccessful": True}],
        "results": found,
        "properties": {
            "about": _lines(about.head(results)),
            "end": _lines(about.end(results)),
        },
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1).encode()


def _all(result: Audited) -> Iterable[tuple[str, Finding, Suppressed | None]]:
    accepted = accepted_at(result)
    for place, findings in result.at_place().items():
        yield from ((place, one, None) for one in findings)
        yield from ((place, one.finding, one) for one in accepted.get(place, ()))


def _result(
    result: Audited,
    place: str,
    finding: Finding,
    accepted: Suppressed | None,
    rules: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    rules.setdefault(finding.rule, _rule(finding))
    where, summary = texts.shown(place), result.summary
    do = f"{finding.remedy} ({finding.by})"
    said = texts.shown(f"{where}: {finding.text} {finding.detail} {do}")
    told = {
        "ruleId": finding.rule,
        "ruleIndex": list(rules).index(finding.rule),
        "level": _LEVELS[finding.severity],
        # What follows such brackets would be a link (section 3.11.6).
        "message": {"text": said.replace("](", "] (")},
        "locations": [_location(where)],
        # The same fault of the same certificate there is the same alert.
        "partialFingerprints": {
            "certificate/v1": f"{summary.sha256} {finding.rule} {where}"
        },
        "properties": {"subject": texts.shown(summary.subject)},
    }
    if accepted is not None:
        why = texts.shown(accepted.why)
        told["suppressions"] = [{"kind": "external", "justification": why}]
    return told


def _location(place: str) -> dict[str, Any]:
    # Colons would make a scheme of a host or a drive.
    uri = quote(place.replace("\\", "/"), safe="/")
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri}},
        "logicalLocations": [{"fullyQualifiedName": place}],
    }


def _rule(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.rule,
        "shortDescription": {"text": texts.shown(finding.text)},
        "fullDescription": {"text": texts.shown(f"{finding.text} {finding.source}")},
        "helpUri": quote(finding.url, safe=":/?#[]@!$&'()*+,;=%"),
        "help": {"text": texts.shown(finding.remedy)},
    }


def _lines(lines: Iterable[Line]) -> list[dict[str, str]]:
    return [{"what": what, "value": texts.shown(value)} for what, value in lines]
