"""The command for learners and their trainers."""

from __future__ import annotations

import json
from pathlib import Path

import click

from certlib import clock, files, reports
from certlib.cli.common import A_FILE, AS_JSON, DRY_RUN, example, print_json, stop_if
from certlib.cli.console import err, out, safe, table
from certlib.errors import InputError
from certlib.practice import course as course_
from certlib.practice.progress import Learner

_EXAMPLES = """certlib course
certlib course --name "Ada Lovelace"
certlib course --certificate ada.html
certlib course --class results --out class.xlsx
certlib course --reset"""


@click.command(epilog=example(_EXAMPLES))
@click.option("--name", help="Whose progress it is, for the certificate.")
@click.option("--reset", is_flag=True, help="Forget everything that was solved.")
@click.option(
    "--certificate",
    type=A_FILE,
    help="Write the certificate of completion: a page to print, and a .p7b file.",
)
@click.option(
    "--class", "folder", type=A_FILE, help="Look at all progress files of a folder."
)
@click.option(
    "-o", "--out", "table", type=A_FILE, help="Write that table: .xlsx or .json."
)
@AS_JSON
@DRY_RUN
def course(
    name: str | None,
    reset: bool,
    certificate: Path | None,
    folder: Path | None,
    table: Path | None,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Show what is solved of the course, and what is left."""
    learner = Learner.here()
    done = {"Forget everything": reset, f"Keep the name {name}": name is not None}
    done |= {f"Write {path}": bool(path) for path in (certificate, table)}
    stop_if(dry_run, "; ".join(text for text, yes in done.items() if yes))
    if reset:
        learner.reset()
        err.print("Everything is forgotten; the tasks have other material now.")
        return
    if name is not None:
        learner.rename(name)
    if folder is not None:
        _class(folder, table, as_json=as_json)
        return
    known = learner.progress()
    _show(course_.rows(known), as_json=as_json)
    if certificate is not None:
        bundle = course_.certify(known, at=clock.now())
        page = certificate.with_suffix(".html")
        files.write(page, course_.page(known, bundle).encode())
        files.write(certificate.with_suffix(".p7b"), bundle.to_p7b())
        err.print(f"Written: {safe(page)}, to print, and a .p7b file beside it.")
    elif missing := course_.left(known):
        err.print(f"{len(missing)} to go, next: {missing[0]}")


def _class(folder: Path, table: Path | None, *, as_json: bool) -> None:
    found, left_out = course_.of_class(folder)
    for message in left_out:
        err.print(f"Left out: {safe(message)}")
    if table is None:
        _show(found, as_json=as_json)
    else:
        files.write(table, _as_file(found, table.suffix.lower()))
        err.print(f"Written: {safe(table)}")


def _as_file(found: list[course_.Row], suffix: str) -> bytes:
    match suffix:
        case ".xlsx":
            return reports.workbook(course_.COLUMNS, found)
        case ".json":
            return json.dumps(_dicts(found), indent=1).encode()
        case _:
            raise InputError(
                f"{suffix or 'a name without an ending'} is no kind of table",
                fix="end the name in .xlsx or .json",
            )


def _dicts(found: list[course_.Row]) -> list[dict[str, str]]:
    return [dict(zip(course_.COLUMNS, row, strict=True)) for row in found]


def _show(found: list[course_.Row], *, as_json: bool) -> None:
    if as_json:
        print_json("course", _dicts(found))
        return
    out.print(table([tuple(map(safe, row)) for row in found], course_.COLUMNS))
