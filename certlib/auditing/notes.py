"""Notes: who owns a certificate or a place, and what is planned there.

They come from a CSV file, and from the history, where the auditor's page keeps them.
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
    table = csv.DictReader(io.StringIO(text), delimiter=part)
    known = [(name or "").strip().lower() for name in table.fieldnames or ()]
    table.fieldnames = known
    if "certificate" not in known or len(lines) > MAX_LINES:
        raise InputError(
            f"{path} is no list of notes of at most {MAX_LINES:,} lines",
            fix=f"begin it with a line {','.join(COLUMNS)}",
            parameter="notes",
        )
    rows = ({n: (row.get(n) or "").strip() for n in COLUMNS} for row in table)
    return tuple(Note(**row) for row in rows if row["certificate"])


class Notes:
    """Notes of several places, of which the first that fits counts."""

    def __init__(self, *several: Iterable[Note]) -> None:
        """Take what a history keeps first, then what a file says."""
        self._all = [note for notes in several for note in notes]
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


def kept(history: History) -> tuple[Note, ...]:
    """Return the notes that a history keeps, the newest first.

    Raises:
        InputError: the history cannot be read.
    """
    found = history.rows(
        "SELECT certificate, owner, ticket, due, note FROM note ORDER BY id DESC"
    )
    return tuple(Note(*row) for row in found)


def keep(history: History, note: Note) -> None:
    """Keep a note in a history instead of what it said there; an empty one goes.

    Raises:
        InputError: it means nothing, or is too long.
    """
    said = Note(*(text.strip() for text in note))
    if not said.certificate or any(len(text) > MAX_TEXT for text in said):
        raise InputError(
            f"a note says what it is for, in at most {MAX_TEXT:,} characters a field",
            fix="name a certificate, a place or a DNS name, and say it shorter",
        )
    with history.changing():
        history.db.execute("DELETE FROM note WHERE certificate = ?", said[:1])
        if any(said[1:]):
            history.db.execute(
                "INSERT INTO note (certificate, owner, ticket, due, note) "
                "VALUES (?, ?, ?, ?, ?)",
                said,
            )
