"""Notes: who owns a certificate or a place, and what is planned there.

A history keeps them: those of a file, which the next file replaces, and before them
those that somebody wrote by hand.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from certlib import files, texts
from certlib.auditing.history import History
from certlib.auditing.suppressions import meant
from certlib.errors import InputError

COLUMNS = ("certificate", "owner", "ticket", "due", "note")
MAX_LINES = 10_000


class Note(NamedTuple):
    """A line of the file.

    Attributes:
        certificate: thumbprint, place or DNS name; ``*`` stands for anything.
        owner: who sees to it.
        ticket: where that is planned.
        due: until when, as it was written.
        note: anything else.
    """

    certificate: str
    owner: str = ""
    ticket: str = ""
    due: str = ""
    note: str = ""

    def __str__(self) -> str:
        said = (self.owner, self.ticket, self.due and f"due {self.due}", self.note)
        return ", ".join(filter(None, said))


def read(path: Path) -> tuple[Note, ...]:
    """Return the notes of a CSV file, whose head has some of `COLUMNS`.

    Commas, semicolons and tabs part the cells, as Excel of each country writes them.

    Raises:
        InputError: the file cannot be read, or has no such head.
    """
    text = texts.decoded(files.read(path))
    lines = text.splitlines()
    head = lines[0] if lines else ""
    part = max(",;\t", key=head.count)
    try:
        head_of, *rows = csv.reader(io.StringIO(text), delimiter=part)
    except (csv.Error, ValueError):  # a cell longer than any may be; no line at all
        head_of, rows = [], []
    known = [name.strip().lower() for name in head_of]
    if "certificate" not in known or len(lines) > MAX_LINES:
        raise InputError(
            f"{path} is no list of notes of at most {MAX_LINES:,} lines",
            fix=f"begin it with a line {','.join(COLUMNS)}",
            parameter="notes",
        )
    found = (dict(zip(known, map(str.strip, row), strict=False)) for row in rows)
    return tuple(
        Note(**{name: row.get(name, "") for name in COLUMNS})
        for row in found
        if row.get("certificate")
    )


_KEEP = "INSERT INTO note (by_hand, certificate, owner, ticket, due, note) VALUES "


def keep(history: History, notes: Iterable[Note]) -> None:
    """Keep the notes of a file in place of those of the file before.

    Raises:
        InputError: the history cannot be written.
    """
    with history.changing():
        history.db.execute("DELETE FROM note WHERE NOT by_hand")
        history.db.executemany(f"{_KEEP} (0, ?, ?, ?, ?, ?)", notes)


def put(history: History, note: Note) -> None:
    """Keep a note by hand in place of the one for the same; an empty one ends it.

    Raises:
        InputError: the history cannot be written.
    """
    with history.changing():
        history.db.execute(
            "DELETE FROM note WHERE by_hand AND certificate = ?", (note.certificate,)
        )
        if any(note[1:]):
            history.db.execute(f"{_KEEP} (1, ?, ?, ?, ?, ?)", note)


def kept(history: History) -> tuple[Note, ...]:
    """Return the notes of a history, those first that were written by hand.

    Raises:
        InputError: the history cannot be read.
    """
    columns = ", ".join(COLUMNS)
    query = f"SELECT {columns} FROM note ORDER BY by_hand DESC, id"  # noqa: S608
    return tuple(Note(*map(str, row)) for row in history.rows(query))


def note_for(notes: Iterable[Note], known: Iterable[str]) -> Note | None:
    """Return the first note that means one of the names of a certificate."""
    names = tuple(known)
    return next((one for one in notes if meant(one.certificate, names)), None)
