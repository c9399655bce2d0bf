"""Reports: the results of an audit as files, one function for each format."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from certlib import files, texts
from certlib.auditing import Audited
from certlib.auditing.evidence import FINE as FINE
from certlib.auditing.evidence import Evidence, Line, status, tiles
from certlib.auditing.gate import Gate
from certlib.errors import InputError
from certlib.reports.excel import to_xlsx
from certlib.reports.excel import workbook as workbook
from certlib.reports.junit import to_junit
from certlib.reports.markdown import to_markdown
from certlib.reports.nagios import state, to_nagios
from certlib.reports.rows import COLOURS as COLOURS
from certlib.reports.rows import COLUMNS as COLUMNS
from certlib.reports.rows import rows as rows
from certlib.reports.rows import text_of
from certlib.reports.sarif import to_sarif

NOTHING_SAID = Evidence()
"""Of results that come without what they are about."""


def render(
    results: Sequence[Audited], format_: str, *, about: Evidence = NOTHING_SAID
) -> bytes:
    """Return results as the content of a file.

    Args:
        results: from `auditing.audit`.
        format_: one of `FORMATS`.
        about: what the audit was about, which each format says.

    Raises:
        InputError: there is no such format.
    """
    try:
        make = FORMATS[format_]
    except KeyError:
        raise InputError(
            f"there is no format {format_!r}", fix=f"take one of {', '.join(FORMATS)}"
        ) from None
    return make(results, about)


def printed(
    results: Sequence[Audited], format_: str, *, about: Evidence = NOTHING_SAID
) -> str:
    """Return results as a text for a screen or a pipe, in a format of `FORMATS`.

    Raises:
        InputError: there is no such format, or it is no text.
    """
    if format_ == "xlsx":
        raise InputError(
            "an Excel file cannot go to the screen", fix="name a file", parameter="out"
        )
    # A pipe has no mark of its encoding.
    text = render(results, format_, about=about).decode("utf-8-sig")
    if format_ in ("csv", "nagios"):
        return text
    # These say of themselves that they are UTF-8, whatever a screen makes of it.
    return text.encode("ascii", "xmlcharrefreplace").decode()


def write(
    results: Sequence[Audited],
    path: Path,
    *,
    format_: str | None = None,
    replace: bool = False,
    about: Evidence = NOTHING_SAID,
) -> None:
    """Write results to a file, in the format that its name ends in.

    Beside a table of CSV, which has no room for it, ``<name>.about.csv`` says what the
    audit was about.

    Raises:
        InputError: there is no such format, the file is there already and
            `replace` is not set, or it cannot be written.
    """
    chosen = format_ or path.suffix.lower().removeprefix(".")
    content = render(results, chosen, about=about)
    if chosen == "csv":
        beside = path.with_suffix(".about.csv")
        if not replace:
            files.check_free(path, replace=False)
        lines = [("what", "value"), *about.head(results), *about.end(results)]
        files.write(beside, _csv(lines), replace=replace)
    files.write(path, content, replace=replace)


def exit_code(results: Sequence[Audited], format_: str, gate: Gate) -> int:
    """Return with which code a command ends that printed a report in this format."""
    if format_ == "nagios":
        return state(results, gate)
    return 0 if gate.passes(results) else 1


SCHEMA = 2
"""Version of what `to_json` writes: 1 was a list without `place` in its findings."""


def to_json(results: Sequence[Audited], about: Evidence) -> bytes:
    """Return everything that is known, for programs; see `comparing`."""
    # In ASCII: whole on every screen, and nothing in it turns the writing around.
    # A line for each certificate: whole lines are much faster than indented ones.
    stream = io.BytesIO()  # of hundreds of thousands nothing stands here twice
    stream.write(f'{{"schema": {SCHEMA},\n"certificates": [\n'.encode())
    for number, result in enumerate(results):
        line = json.dumps(_certificate(result), ensure_ascii=True)
        stream.write((",\n" * (number > 0) + line).encode())
    around: dict[str, object] = {"about": _lines(about.head(results))}
    if about.changes is not None:
        around["changes"] = [dataclasses.asdict(one) for one in about.changes]
    around["end"] = _lines(about.end(results))
    said = "".join(
        f",\n{json.dumps(name)}: {json.dumps(value, ensure_ascii=True)}"
        for name, value in around.items()
    )
    stream.write(f"\n]{said}}}\n".encode())
    return stream.getvalue()


def _certificate(result: Audited) -> dict[str, object]:
    return {
        "place": result.place,
        "places": list(result.places),
        "summary": result.summary.to_json(),
        "findings": [finding._asdict() for finding in result.findings],
        "suppressed": [
            {
                "finding": accepted.finding._asdict(),
                "reason": accepted.reason,
                "until": accepted.until.isoformat(),
                "by": accepted.by,
            }
            for accepted in result.suppressed
        ],
    }


def _lines(lines: Sequence[Line]) -> list[dict[str, str]]:
    return [{"what": what, "value": value} for what, value in lines]


# A cell may begin at a semicolon or tab as well: Excel takes the separator that
# its country is used to, and does not see that a quoted cell has begun before.
_FORMULA = re.compile(r"""(^|[;\t|])(["'\s]*)(?=[=+\-@＝＋－＠])""")


def plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, on one line.

    Names in certificates come from strangers; ``=cmd()`` may be one.
    """
    return _FORMULA.sub(r"\1'\2", texts.shown(text))


def to_csv(results: Sequence[Audited], about: Evidence) -> bytes:
    """Return a table for other programs, in UTF-8 that Excel recognises."""
    texts_ = (tuple(map(text_of, row)) for row in rows(results))
    return _csv([COLUMNS, *texts_])


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([plain(value) for value in line] for line in lines)
    return stream.getvalue().encode("utf-8-sig")


def to_html(results: Sequence[Audited], about: Evidence) -> bytes:
    """Return a page that stands alone: no script or style from elsewhere."""
    page = texts.rendered(
        "report.html.j2",
        results=results,
        colours=COLOURS,
        counts=tiles(results),
        about=about,
        head=about.head(results),
        end=about.end(results),
        status=status,
    )
    return page.encode()


FORMATS: dict[str, Callable[[Sequence[Audited], Evidence], bytes]] = {
    "json": to_json,
    "csv": to_csv,
    "html": to_html,
    "xlsx": to_xlsx,
    "junit": to_junit,
    "xml": to_junit,
    "sarif": to_sarif,
    "md": to_markdown,
    "nagios": to_nagios,
}
"""What makes a file of each format; ``xml`` is that of JUnit."""
