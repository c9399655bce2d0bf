"""Reports: the results of an audit as files, one function for each format."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

import xlsxwriter

from certlib import clock, files, texts
from certlib.auditing import Audited
from certlib.auditing.gate import USUAL, Gate
from certlib.auditing.suppressions import Suppressed
from certlib.errors import InputError
from certlib.rules import Colours, Finding, Severity

FINE, ACCEPTED = "fine", "accepted"
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
    """Return a row of `COLUMNS` for each finding at each place.

    What was accepted follows, and a place where nothing was found has a row, too.
    """
    found: list[Row] = []
    for result in results:
        summary, accepted = result.summary, _accepted(result)
        for place, findings in result.at_place().items():
            head = (place, summary.subject, summary.not_after)
            thumbprint = summary.thumbprint
            if not findings and place not in accepted:
                found.append((*head, FINE, "", "", "", "", "", "", thumbprint))
            found += [
                (
                    *head,
                    severity,
                    f.rule,
                    f.text,
                    f.detail,
                    do,
                    f.source,
                    f.url,
                    thumbprint,
                )
                for severity, f, do in (
                    *((str(f.severity), f, f.remedy) for f in findings),
                    *((ACCEPTED, s.finding, s.why) for s in accepted.get(place, ())),
                )
            ]
    return found


def _accepted(result: Audited) -> dict[str, list[Suppressed]]:
    found: dict[str, list[Suppressed]] = defaultdict(list)
    for one in result.suppressed:
        found[one.finding.place or result.place].append(one)
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
        raise InputError(
            "an Excel file cannot go to the screen", fix="name a file", parameter="out"
        )
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


SCHEMA = 2
"""Version of what `to_json` writes: 1 was a list without `place` in its findings."""


def to_json(results: Sequence[Audited]) -> bytes:
    """Return everything that is known, for programs; see `comparing`."""
    certificates = [
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
    # A line for each certificate: whole lines are much faster than indented ones.
    lines = ",\n".join(json.dumps(one, ensure_ascii=True) for one in certificates)
    document = f'{{"schema": {SCHEMA}, "certificates": [\n{lines}\n]}}\n'
    return document.encode()


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
    page = texts.rendered(
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
        accepted = _accepted(result)
        for place, findings in result.at_place().items():
            where, skipped = _once(texts.shown(place), known), accepted.get(place, [])
            name = texts.shown(result.summary.subject) or "certificate"
            if not findings and not skipped:
                Xml.SubElement(suite, "testcase", classname=where, name=name)
            for rule, said in _by_rule(findings).items():
                case = Xml.SubElement(suite, "testcase", classname=where, name=rule)
                _say(case, said, failed=gate.fails(said[0].severity))
            for rule, why in {a.finding.rule: a.why for a in skipped}.items():
                case = Xml.SubElement(suite, "testcase", classname=where, name=rule)
                Xml.SubElement(case, "skipped", message=texts.shown(why))
    if too_few := gate.too_few(results):
        case = Xml.SubElement(suite, "testcase", classname="audit", name="at-least")
        Xml.SubElement(case, "failure", type="error", message=texts.shown(too_few))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return bytes(Xml.tostring(suite, encoding="utf-8", xml_declaration=True))


def _by_rule(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    for one in findings:
        found[one.rule].append(one)
    return found


def _say(case: Xml.Element, findings: Sequence[Finding], *, failed: bool) -> None:
    said = Xml.SubElement(case, "failure" if failed else "system-out")
    first, detail = findings[0], "; ".join(one.detail for one in findings)
    said.text = texts.shown_lines(
        f"{first.text} {detail}\n{first.remedy}\n{first.source}"
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


FORMATS: dict[str, Callable[[Sequence[Audited]], bytes]] = {
    "json": to_json,
    "csv": to_csv,
    "html": to_html,
    "xlsx": to_xlsx,
    "junit": to_junit,
    "xml": to_junit,
}
"""What makes a file of each format; ``xml`` is that of JUnit."""
