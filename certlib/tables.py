"""Tables: results as pandas frames, coloured for the notebook, and as files."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd
from pandas.io.formats.style import Styler

from certlib.auditing import Audited

FINE = "fine"
"""The severity of a certificate without findings."""

# Text and background, readable on light and dark themes.
_COLOURS = {
    "error": "color:#ffffff;background-color:#cf222e",
    "warning": "color:#1f2328;background-color:#f2cc60",
    "notice": "color:#1f2328;background-color:#b6d7f2",
    FINE: "color:#ffffff;background-color:#1a7f37",
}

COLUMNS = (
    "place",
    "subject",
    "expires",
    "severity",
    "rule",
    "finding",
    "detail",
    "remedy",
    "source",
    "url",
    "thumbprint",
)


def frame(results: Iterable[Audited]) -> pd.DataFrame:
    """Return a row for each finding, and one for each fine certificate."""
    columns: dict[str, list[object]] = {name: [] for name in COLUMNS}
    for result in results:
        for row in _rows(result):
            for name, value in zip(COLUMNS, row, strict=True):
                columns[name].append(value)
    table = pd.DataFrame(columns)
    table["expires"] = pd.to_datetime(table["expires"], utc=True)
    return table


def _rows(result: Audited) -> Iterable[tuple[object, ...]]:
    summary = result.summary
    head = (result.place, summary.subject, summary.not_after)
    if not result.findings:
        yield (*head, FINE, "", "", "", "", "", "", summary.thumbprint)
    for f in result.findings:
        yield (
            *head,
            str(f.severity),
            f.rule,
            f.text,
            f.detail,
            f.remedy,
            f.source,
            f.url,
            summary.thumbprint,
        )


def coloured(table: pd.DataFrame, *, columns: Iterable[str] = COLUMNS[:8]) -> Styler:
    """Return a frame with its severities in colour, the same HTML each time."""
    shown = table[list(columns)]
    style = shown.style.set_uuid("audit").hide(axis="index")
    if "expires" in shown:
        style = style.format({"expires": _day}, escape="html")
    return style.format(escape="html", subset=[c for c in shown if c != "expires"]).map(
        lambda value: _COLOURS.get(value, ""), subset=["severity"]
    )


def _day(moment: object) -> str:
    return f"{moment:%Y-%m-%d}" if isinstance(moment, pd.Timestamp) else ""


def render(results: Iterable[Audited], format_: str) -> bytes:
    """Return results as the content of a file.

    Args:
        results: from `auditing.audit`.
        format_: ``json``, ``csv``, ``html`` or ``xlsx``.
    """
    if format_ == "json":
        return _json(results)
    table = frame(results)
    if format_ == "html":
        return coloured(table).to_html(doctype_html=True).encode()
    if format_ == "csv":
        return table.to_csv(index=False).encode()
    table["expires"] = table["expires"].dt.tz_localize(None)  # Excel knows no zones
    stream = io.BytesIO()
    table.to_excel(stream, index=False, engine="xlsxwriter", freeze_panes=(1, 0))
    return stream.getvalue()


def _json(results: Iterable[Audited]) -> bytes:
    document = [
        {
            "place": result.place,
            "summary": result.summary.to_json(),
            "findings": [asdict(finding) for finding in result.findings],
        }
        for result in results
    ]
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
