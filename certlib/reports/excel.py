"""Excel: results as a workbook that filters and colours, and whose cells are texts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from certlib import texts
from certlib.auditing import Audited
from certlib.auditing.evidence import Evidence
from certlib.reports.rows import COLOURS, COLUMNS, rows, text_of

if TYPE_CHECKING:
    import xlsxwriter

_WIDTHS = (34, 34, 12, 10, 28, 44, 44, 44, 26, 34, 20, 44)


def to_xlsx(results: Sequence[Audited], about: Evidence) -> bytes:
    """Return a table with filters, coloured by severity, and what it is about."""
    stream = io.BytesIO()
    with _begun(stream) as book:
        if about.context is not None:
            # So that the same audit gives the same file.
            book.set_properties({"created": about.context.at.replace(tzinfo=None)})
        _findings(book, results)
        lines = [*about.head(results), *about.end(results)]
        _table(book, "About", ("what", "value"), lines)
        if about.changes is not None:
            changed = [(c.change, c.subject, c.place, c.detail) for c in about.changes]
            _table(book, "Changes", ("change", "subject", "place", "detail"), changed)
    return stream.getvalue()


def _begun(stream: io.BytesIO) -> xlsxwriter.Workbook:
    import xlsxwriter  # takes as long to load as the rest of the reports

    return xlsxwriter.Workbook(stream, {"in_memory": True})


def _findings(book: xlsxwriter.Workbook, results: Sequence[Audited]) -> None:
    sheet = book.add_worksheet("Audit")
    head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    cell = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    for column, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    found = rows(results)
    for number, row in enumerate(found, start=1):
        for column, value in enumerate(row):
            if isinstance(value, datetime) and value.year >= _FIRST_YEAR:
                moment = value.replace(tzinfo=None)  # Excel knows no zones
                sheet.write_datetime(number, column, moment, day)
            else:  # never as a formula or a link
                sheet.write_string(number, column, _cell(text_of(value)), cell)
    for severity, (text, ground) in COLOURS.items():
        where = (1, 3, max(len(found), 1), 3)
        same = {"type": "cell", "criteria": "==", "value": f'"{severity}"'}
        fill = book.add_format({"bg_color": ground, "font_color": text})
        sheet.conditional_format(*where, {**same, "format": fill})
    sheet.autofilter(0, 0, len(found), len(COLUMNS) - 1)
    sheet.freeze_panes(1, 0)


_FIRST_YEAR = 1900  # Excel's calendar begins with it
_MOST = 32_767
"""Characters in a cell of Excel, which leaves out a longer text as a whole."""


def _cell(text: str) -> str:
    text = texts.shown(text)
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"


def workbook(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    """Return a plain table of texts for Excel, with a filter."""
    stream = io.BytesIO()
    with _begun(stream) as book:
        _table(book, None, columns, lines)
    return stream.getvalue()


def _table(
    book: xlsxwriter.Workbook,
    title: str | None,
    columns: Sequence[str],
    lines: Sequence[Sequence[str]],
) -> None:
    sheet = book.add_worksheet(title)
    head = book.add_format({"bold": True, "bottom": 1})
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name, head)
    for number, line in enumerate(lines, start=1):
        for column, value in enumerate(line):  # never as a formula or a link
            sheet.write_string(number, column, _cell(value))
    sheet.autofilter(0, 0, len(lines), len(columns) - 1)
    sheet.autofit()
