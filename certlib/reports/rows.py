"""Rows: a finding at a place, as tables of every format show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from certlib.auditing import Audited
from certlib.auditing.evidence import ACCEPTED, FINE
from certlib.auditing.suppressions import Suppressed
from certlib.rules import Colours, Severity

COLOURS: dict[str, Colours] = {
    **{severity: severity.colours for severity in Severity},
    ACCEPTED: Colours("#1f2328", "#d0d7de"),
    FINE: Colours("#ffffff", "#1a7f37"),
}
"""What each certificate's worst finding looks like, the worst first."""

COLUMNS = (
    "place",
    "subject",
    "expires",
    "severity",
    "rule",
    "finding",
    "detail",
    "remedy",
    "by",
    "source",
    "url",
    "thumbprint",
)

Row = tuple[str | datetime | None, ...]
"""A text for each of `COLUMNS`, and a moment or None for ``expires``."""


def rows(results: Sequence[Audited]) -> list[Row]:
    """Return a row of `COLUMNS` for each finding at each place.

    What was accepted follows, and a place where nothing was found has a row, too.
    """
    found: list[Row] = []
    for result in results:
        summary, accepted = result.summary, accepted_at(result)
        for place, findings in result.at_place().items():
            head = (place, summary.subject, summary.not_after)
            thumbprint = summary.thumbprint
            if not findings and place not in accepted:
                found.append((*head, FINE, *[""] * 7, thumbprint))
            found += [
                (
                    *head,
                    severity,
                    f.rule,
                    f.text,
                    f.detail,
                    *do,
                    f.source,
                    f.url,
                    thumbprint,
                )
                for severity, f, do in (
                    *((str(f.severity), f, (f.remedy, f.by)) for f in findings),
                    *(
                        (ACCEPTED, s.finding, (s.why, s.by))
                        for s in accepted.get(place, ())
                    ),
                )
            ]
    return found


def worst_first(results: Sequence[Audited]) -> list[Row]:
    """Return the `rows` of what was found or accepted, the worst first."""
    order = list(COLOURS)
    found = (row for row in rows(results) if row[3] != FINE)
    return sorted(found, key=lambda row: order.index(str(row[3])))


def accepted_at(result: Audited) -> dict[str, list[Suppressed]]:
    """Return what somebody has accepted, by its place."""
    found: dict[str, list[Suppressed]] = defaultdict(list)
    for one in result.suppressed:
        found[one.finding.place or result.place].append(one)
    return found


def text_of(value: str | datetime | None) -> str:
    """Return a cell as a text; a moment in ISO 8601 with its zone."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value or ""
