"""Reports: the results of an audit as files, one function for each format."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

import xlsxwriter

from certlib import clock, files, templates, texts
from certlib.auditing import Audited
from certlib.auditing.gate import USUAL, Gate
from certlib.errors import InputError
from certlib.rules import Colours, Finding, Severity

FINE = "fine"
COLOURS: dict[str, Colours] = {
    **{severity: severity.colours for severity in Severity},
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
    "source",
    "url",
    "thumbprint",
)

Row = tuple[str, str, datetime | None, str, str, str, str, str, str, str, str]


def rows(results: Sequence[Audited]) -> list[Row]:
    """Return a row of `COLUMNS` for each finding, and one for each fine one."""
    found: list[Row] = []
    for result in results:
        summary = result.summary
        head = (result.place, summary.subject, summary.not_after)
        if not result.findings:
            found.append((*head, FINE, "", "", "", "", "", "", summary.thumbprint))
        found += [
            (
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
            for f in result.findings
        ]
    return found


def render(results: Sequence[Audited], format_: str, *, gate: Gate = USUAL) -> bytes:
    """Return results as the content of a file.

    Args:
        results: from `auditing.audit`.
        format_: one of `FORMATS`.
        gate: what fails a build, for the format of a CI.

    Raises:
        InputError: there is no such format.
    """
    try:
        make = FORMATS[format_]
    except KeyError:
        raise InputError(
            f"there is no format {format_!r}", fix=f"take one of {', '.join(FORMATS)}"
        ) from None
    return to_junit(results, gate) if make is to_junit else make(results)


def printed(results: Sequence[Audited], format_: str, *, gate: Gate = USUAL) -> str:
    """Return results as a text for a screen or a pipe, in a format of `FORMATS`.

    Raises:
        InputError: there is no such format, or it is no text.
    """
    if format_ == "xlsx":
        raise InputError("an Excel file cannot go to the screen", fix="add --out FILE")
    text = render(results, format_, gate=gate).decode(
        "utf-8-sig"
    )  # a pipe has no such mark
    if format_ == "csv":
        return text
    # Both say of themselves that they are UTF-8, whatever a screen makes of it.
    return text.encode("ascii", "xmlcharrefreplace").decode()


def write(
    results: Sequence[Audited],
    path: Path,
    *,
    format_: str | None = None,
    replace: bool = False,
    gate: Gate = USUAL,
) -> None:
    """Write results to a file, in the format that its name ends in.

    Raises:
        InputError: there is no such format, the file is there already and
            `replace` is not set, or it cannot be written.
    """
    chosen = format_ or path.suffix.lower().removeprefix(".")
    files.write(path, render(results, chosen, gate=gate), replace=replace)


def to_json(results: Sequence[Audited]) -> bytes:
    """Return everything that is known, for programs; see `comparing`."""
    document = [
        {
            "place": result.place,
            "places": list(result.places),
            "summary": result.summary.to_json(),
            "findings": [finding._asdict() for finding in result.findings],
            "suppressed": [
                {
                    "finding": accepted.finding._asdict(),
                    "reason": accepted.reason,
                    "until": accepted.until.isoformat(),
                }
                for accepted in result.suppressed
            ],
        }
        for result in results
    ]
    # In ASCII: whole on every screen, and nothing in it turns the writing around.
    return (json.dumps(document, indent=2, ensure_ascii=True) + "\n").encode()


# A cell may begin at a semicolon or tab as well: Excel takes the separator that
# its country is used to, and does not see that a quoted cell has begun before.
_FORMULA = re.compile(r"""(^|[;\t|])(["'\s]*)(?=[=+\-@＝＋－＠])""")


def plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, on one line.

    Names in certificates come from strangers; ``=cmd()`` may be one.
    """
    return _FORMULA.sub(r"\1'\2", texts.shown(text))


def to_csv(results: Sequence[Audited]) -> bytes:
    """Return a table for other programs, in UTF-8 that Excel recognises."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows(results):
        writer.writerow([plain(_text(value)) for value in row])
    return stream.getvalue().encode("utf-8-sig")


def _text(value: str | datetime | None) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return value or ""


_WIDTHS = (34, 34, 12, 10, 28, 44, 44, 44, 34, 20, 44)


def to_xlsx(results: Sequence[Audited]) -> bytes:
    """Return an Excel table with filters, coloured by severity."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
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
                    sheet.write_string(number, column, _cell(_text(value)), cell)
        for severity, (text, ground) in COLOURS.items():
            where = (1, 3, max(len(found), 1), 3)
            same = {"type": "cell", "criteria": "==", "value": f'"{severity}"'}
            fill = book.add_format({"bg_color": ground, "font_color": text})
            sheet.conditional_format(*where, {**same, "format": fill})
        sheet.autofilter(0, 0, len(found), len(COLUMNS) - 1)
        sheet.freeze_panes(1, 0)
    return stream.getvalue()


_FIRST_YEAR = 1900  # Excel's calendar begins with it
_MOST = 32_767
"""Characters in a cell of Excel, which leaves out a longer text as a whole."""


def _cell(text: str) -> str:
    text = texts.shown(text)
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"


def to_html(results: Sequence[Audited]) -> bytes:
    """Return a page that stands alone: no script or style from elsewhere."""
    page = templates.rendered(
        "report.html.j2",
        results=results,
        colours=COLOURS,
        counts=tiles(results),
        made=clock.minute(clock.now()),
    )
    return page.encode()


def workbook(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    """Return a plain table of texts for Excel, with a filter."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bottom": 1})
        for column, name in enumerate(columns):
            sheet.write_string(0, column, name, head)
        for number, line in enumerate(lines, start=1):
            for column, value in enumerate(line):  # never as a formula or a link
                sheet.write_string(number, column, _cell(value))
        sheet.autofilter(0, 0, len(lines), len(columns) - 1)
        sheet.autofit()
    return stream.getvalue()


def tiles(results: Iterable[Audited]) -> dict[str, int]:
    """Return how many certificates there are, by their worst finding."""
    counts = dict.fromkeys(map(str, COLOURS), 0)
    for result in results:
        counts[str(result.worst or FINE)] += 1
    return counts


def to_junit(results: Sequence[Audited], gate: Gate = USUAL) -> bytes:
    """Return test results for a CI: a case for each certificate and broken rule.

    They fail where the gate does, and what was accepted is skipped.
    """
    suite, known = Xml.Element("testsuite", name="certlib audit"), set[str]()
    for result in results:
        place = _once(texts.shown(result.place), known)
        for name, finding, details in _cases(result):
            case = Xml.SubElement(suite, "testcase", classname=place, name=name)
            if finding is not None:
                _say(case, finding, details, failed=gate.fails(finding.severity))
        for rule, accepted in {a.finding.rule: a for a in result.suppressed}.items():
            case = Xml.SubElement(suite, "testcase", classname=place, name=rule)
            why = f"accepted until {accepted.until}: {accepted.reason}"
            Xml.SubElement(case, "skipped", message=texts.shown(why))
    if too_few := gate.too_few(results):
        case = Xml.SubElement(suite, "testcase", classname="audit", name="at-least")
        Xml.SubElement(case, "failure", type="error", message=texts.shown(too_few))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return bytes(Xml.tostring(suite, encoding="utf-8", xml_declaration=True))


def _cases(result: Audited) -> list[tuple[str, Finding | None, list[str]]]:
    """Return each case by its name, with what is to be said in it."""
    if not result.findings and not result.suppressed:
        return [(texts.shown(result.summary.subject) or "certificate", None, [])]
    cases: dict[str, tuple[str, Finding | None, list[str]]] = {}
    for finding in result.findings:
        _, _, details = cases.setdefault(finding.rule, (finding.rule, finding, []))
        details.append(finding.detail)
    return list(cases.values())


def _say(
    case: Xml.Element, finding: Finding, details: list[str], *, failed: bool
) -> None:
    said = Xml.SubElement(case, "failure" if failed else "system-out")
    detail = "; ".join(details)
    said.text = texts.shown_lines(
        f"{finding.text} {detail}\n{finding.remedy}\n{finding.source}"
    )
    if failed:
        said.set("type", str(finding.severity))
        said.set("message", texts.shown(detail))


def _once(name: str, known: set[str]) -> str:
    """Return a name that is not known yet, and know it from now on."""
    names = (f"{name} ({n})" if n > 1 else name for n in itertools.count(1))
    new = next(one for one in names if one not in known)
    known.add(new)
    return new


FORMATS: dict[str, Callable[[Sequence[Audited]], bytes]] = {
    "json": to_json,
    "csv": to_csv,
    "html": to_html,
    "xlsx": to_xlsx,
    "junit": to_junit,
    "xml": to_junit,
}
"""What makes a file of each format; ``xml`` is that of JUnit."""
