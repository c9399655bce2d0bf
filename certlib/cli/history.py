"""The command that looks back on the audits of a history."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from certlib import clock
from certlib.auditing import looking_back, notes
from certlib.auditing.history import History, Run
from certlib.auditing.looking_back import Open, Sighting
from certlib.auditing.notes import Notes
from certlib.cli.common import A_FILE, AS_JSON, example, print_json
from certlib.cli.console import bold, coloured, dim, out, safe
from certlib.rules import Severity


@click.command(
    epilog=example(
        "certlib audit servers.csv --history fleet.db\n"
        "certlib history fleet.db --notes owners.csv\n"
        "certlib history fleet.db --limit 100 --json"
    )
    + "\n\n\b\nThe file of --notes:\n"
    + f"  {','.join(notes.COLUMNS)}\n"
    + "  *.erp.example.com,Jane Doe,CHG-4711,2027-01-31,moves in January\n"
)
@click.argument("file", type=A_FILE)
@click.option(
    "--notes",
    "notes_file",
    type=A_FILE,
    help="Keep from now on who owns which certificate, name or place: a CSV file.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="How many of each list.",
)
@AS_JSON
def history(file: Path, notes_file: Path | None, limit: int, as_json: bool) -> None:
    """Say what has changed, what is wrong since when, and what expires next.

    FILE is what --history of `certlib audit` keeps.
    """
    given = notes.read(notes_file) if notes_file else None
    with History(file) as kept:
        if given is not None:
            notes.keep(kept, given)
        known = Notes(notes.kept(kept))
        runs = looking_back.runs(kept)
        changed = {
            scope: looking_back.changes(kept, scope)
            for scope in dict.fromkeys(run.scope for run in runs)
        }
        wrong = looking_back.open_findings(kept, limit=limit)
        soon = looking_back.upcoming(kept, at=clock.now(), limit=limit)
    if as_json:
        print_json(
            "history",
            {
                "runs": [_plain(run._asdict()) for run in runs[-limit:]],
                "changes": {s: list(map(_plain_of, c)) for s, c in changed.items()},
                "open": [_row(one, known) for one in wrong],
                "upcoming": [_noted(_plain_of(one), one, known) for one in soon],
            },
        )
        return
    _show_runs(runs[-limit:])
    for scope, changes in changed.items():
        out.print(bold(f"Since the run before: {safe(scope)}"))
        for one in changes[:limit]:
            said = (one.place, one.subject, one.detail)
            out.print(f"  {bold(one.change)}  {'  '.join(map(safe, said))}")
        _show_rest(len(changes) - limit)
    _show_open(wrong, known)
    out.print(bold("What expires next"))
    for seen in soon:
        by = f" with {seen.ends_by}" if seen.ends_by else ""
        words = f"{clock.day(seen.ends) if seen.ends else ''}{by}  {seen.place}"
        out.print(f"  {safe(words)}  {safe(seen.subject)}")
        first, last = clock.day(seen.first), clock.day(seen.last)
        out.print(f"    {dim(f'seen from {first} to {last}')}{_note(seen, known)}")


def _show_runs(runs: Iterable[Run]) -> None:
    out.print(bold("Runs"))
    for run in runs:
        counts = ", ".join(f"{n} {what}" for what, n in run.counts.items() if n)
        out.print(f"  {clock.minute(run.at)}  {safe(run.scope)}: {counts or 'nothing'}")


def _show_rest(more: int) -> None:
    if more > 0:
        out.print(f"  and {more} more")


def _show_open(wrong: Iterable[Open], known: Notes) -> None:
    out.print(bold("What is wrong"))
    for one in wrong:
        severity = coloured(one.severity, Severity(one.severity).tone)
        words = safe(f"{one.rule}  {one.seen.place}  {one.seen.subject}")
        since = dim(f"since {clock.day(one.since)}")
        out.print(f"  {severity}  {words}  {since}{_note(one.seen, known)}")


def _note(seen: Sighting, known: Notes) -> str:
    found = known.of(seen.known)
    return f"  {bold(safe(found))}" if found else ""


def _noted(row: dict[str, object], seen: Sighting, known: Notes) -> dict[str, object]:
    found = known.of(seen.known)
    return {**row, "note": found._asdict() if found else None}


def _row(one: Open, known: Notes) -> dict[str, object]:
    row = _plain_of(one)
    del row["key"]  # numbers of this file only
    return _noted(row, one.seen, known)


def _plain_of(one: object) -> dict[str, object]:
    return _plain(dataclasses.asdict(one))  # type: ignore[call-overload]


def _plain(row: dict[str, object]) -> dict[str, object]:
    """Return values as JSON knows them, moments in ISO 8601."""
    return {
        name: value.isoformat()
        if isinstance(value, datetime)
        else _plain(value)
        if isinstance(value, dict)
        else value
        for name, value in row.items()
    }
