"""JUnit: results as a CI shows those of tests."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as Xml

from certlib import texts
from certlib.auditing import Audited
from certlib.auditing.evidence import Evidence, Line
from certlib.reports.rows import accepted_at, text_of
from certlib.rules import Finding


def to_junit(results: Sequence[Audited], about: Evidence) -> bytes:
    """Return test results for a CI: a case for each certificate and broken rule.

    They fail where the gate does, and what was accepted is skipped. What the audit
    was about stands in the properties.
    """
    suite, known = Xml.Element("testsuite", name="certlib audit"), set[str]()
    gate = about.gate
    _properties(suite, (*about.head(results), *about.end(results)))
    if about.context is not None:
        suite.set("timestamp", about.context.at.isoformat(timespec="seconds"))
    if about.seconds is not None:
        suite.set("time", f"{about.seconds:.3f}")
    for result in results:
        accepted = accepted_at(result)
        for place, findings in result.at_place().items():
            where, skipped = _once(texts.shown(place), known), accepted.get(place, [])
            name = texts.shown(result.summary.subject) or "certificate"
            if not findings and not skipped:
                Xml.SubElement(suite, "testcase", classname=where, name=name)
            for rule, said in _by_rule(findings).items():
                case = Xml.SubElement(suite, "testcase", classname=where, name=rule)
                _properties(case, _known_of(result))
                _say(case, said, failed=gate.fails(said[0].severity))
            for rule, why in {a.finding.rule: a.why for a in skipped}.items():
                case = Xml.SubElement(suite, "testcase", classname=where, name=rule)
                Xml.SubElement(case, "skipped", message=texts.shown(why))
    if too_few := gate.too_few(results):
        case = Xml.SubElement(suite, "testcase", classname="audit", name="at-least")
        Xml.SubElement(case, "failure", type="error", message=texts.shown(too_few))
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return bytes(Xml.tostring(suite, encoding="utf-8", xml_declaration=True))


def _properties(of: Xml.Element, lines: Iterable[Line]) -> None:
    properties = Xml.SubElement(of, "properties")
    for name, value in lines:
        line = {"name": name, "value": texts.shown(value)}
        Xml.SubElement(properties, "property", line)


def _known_of(result: Audited) -> Iterable[Line]:
    summary = result.summary
    yield "subject", summary.subject
    yield "expires", text_of(summary.not_after)
    yield "thumbprint", summary.thumbprint


def _by_rule(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    for one in findings:
        found[one.rule].append(one)
    return found


def _say(case: Xml.Element, findings: Sequence[Finding], *, failed: bool) -> None:
    said = Xml.SubElement(case, "failure" if failed else "system-out")
    first, detail = findings[0], "; ".join(one.detail for one in findings)
    said.text = texts.shown_lines(
        f"{first.text} {detail}\n{first.remedy} ({first.by})\n{first.source}"
    )
    if failed:
        said.set("type", str(first.severity))
        said.set("message", texts.shown(detail))


def _once(name: str, known: set[str]) -> str:
    """Return a name that is not known yet, and know it from now on."""
    names = (f"{name} ({n})" if n > 1 else name for n in itertools.count(1))
    new = next(one for one in names if one not in known)
    known.add(new)
    return new
