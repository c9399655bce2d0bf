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
MAX_TEXT = 1_000


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
        InputError: it is for nothing or too long, or the history cannot be written.
    """
    if not note.certificate.strip() or any(len(text) > MAX_TEXT for text in note):
        raise InputError(
            f"a note says what it is for, in at most {MAX_TEXT:,} characters a field",
            fix="name a certificate, a place or a DNS name, and say it shorter",
        )
    with history.changing():
        history.db.execute(
            "DELETE FROM note WHERE by_hand AND certificate = ? COLLATE NOCASE",
            (note.certificate,),
        )
        if any(note[1:]):
            history.db.execute(f"{_KEEP} (1, ?, ?, ?, ?, ?)", note)


def kept(history: History) -> tuple[Note, ...]:
    """Return the notes of a history: by hand, the newest first, then of the file.

    Raises:
        InputError: the history cannot be read.
    """
    columns = ", ".join(COLUMNS)
    order = "by_hand DESC, CASE WHEN by_hand THEN -id ELSE id END"
    query = f"SELECT {columns} FROM note ORDER BY {order}"  # noqa: S608
    return tuple(Note(*map(str, row)) for row in history.rows(query))


class Notes:
    """Notes of which the first that fits counts."""

    def __init__(self, notes: Iterable[Note] = ()) -> None:
        """Make a register of notes, so that each certificate finds its own fast."""
        self._all = list(notes)
        self._named: dict[str, int] = {}
        self._patterns: list[int] = []
        for number, note in enumerate(self._all):
            name = note.certificate.casefold()
            self._named.setdefault(name, number)
            if set(name) & set("*?["):
                self._patterns.append(number)

    def of(self, known: Iterable[str]) -> Note | None:
        """Return the first note that means one of the names of a certificate."""
        names = tuple(known)
        found = [self._named[n] for n in map(str.casefold, names) if n in self._named]
        first = min(found, default=len(self._all))
        patterns = (n for n in self._patterns if n < first)
        first = next((n for n in patterns if self._meant(n, names)), first)
        return self._all[first] if first < len(self._all) else None

    def _meant(self, number: int, names: tuple[str, ...]) -> bool:
        return meant(self._all[number].certificate, names)
