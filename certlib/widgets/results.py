"""Results: an audit in HTML, everything escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from certlib import reports
from certlib.auditing import Audited
from certlib.reports import tables
from certlib.widgets import look


def tiles(results: Iterable[Audited]) -> str:
    """Return how many certificates there are, by their worst finding."""
    box = "display:inline-block;border-radius:6px;padding:6px 18px;margin:4px 8px 4px 0"
    return "".join(
        f'<span style="{box};{tables.STYLES[name]}">'
        f'<b style="font-size:1.5em">{count}</b> {name}</span>'
        for name, count in reports.tiles(results).items()
    )


def findings(result: Audited) -> str:
    """Return what is wrong with a certificate and what to do."""
    subject = result.summary.subject or str(result.summary.kind)
    parts = [f"<h4>{escape(subject)}</h4><p>{escape(result.place)}</p>"]
    if not result.findings:
        parts.append(look.note("It breaks no requirement.", "good"))
    for f, places in result.told:
        where = f"<br>only at {escape(', '.join(places))}" if places else ""
        body = (
            f"{escape(f.detail)}{where}<br><b>To do ({f.by}):</b> {escape(f.remedy)}<br>"
            f'<a href="{escape(f.url)}" target="_blank">{escape(f.source)}</a>'
        )
        parts.append(look.box(f.text, body, f.severity.tone))
    for accepted, places in result.accepted:
        title = f"Accepted until {accepted.until}: {accepted.finding.text}"
        where = f" (only at {', '.join(places)})" if places else ""
        parts.append(look.box(title, escape(accepted.reason + where)))
    return "".join(parts)
