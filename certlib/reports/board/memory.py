"""Memory: what the board keeps between two audits, and who owns what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from certlib import clock, texts
from certlib.auditing import Audited, looking_back, notes
from certlib.auditing.comparing import Changed
from certlib.auditing.history import History
from certlib.auditing.looking_back import Sighting
from certlib.auditing.notes import Note, Notes
from certlib.errors import InputError
from certlib.rules import RULES

_LIMIT = 25
"""Lines of each list; `certlib history` tells all."""


class Memory:
    """A history of audits and a list of owners, both of which may be missing.

    Attributes:
        history: the SQLite file of `auditing.history`, or None.
        listed: the CSV file of `auditing.notes`, or None.
        owners: what both say.
    """

    def __init__(self, history: Path | None = None, listed: Path | None = None) -> None:
        """Open both; the history is made if it is not there.

        Raises:
            CertlibError: one of them cannot be used.
        """
        self.history, self.listed = history, listed
        self._read()

    def _read(self) -> None:
        given = notes.read(self.listed) if self.listed else None
        if self.history is None:
            self.owners = Notes(given or ())
            return
        with History(self.history, make=True) as history:
            if given is not None:
                notes.keep(history, given)
            self.owners = Notes(notes.kept(history))

    def note_for(self, one: Audited) -> Note | None:
        """Return who owns a certificate and what is planned, or None."""
        summary = one.summary
        names = summary.server_names or ()
        places = (*one.places, *map(texts.shown, one.places))
        return self.owners.of((summary.thumbprint, *places, *names))

    def keep_note(self, note: Note) -> None:
        """Keep a note; an empty one takes away what was said.

        Raises:
            InputError: there is no history, or it cannot be written.
        """
        if self.history is None:
            raise InputError(
                "owners are kept in a history, and none is open",
                fix="name its file under History, or start with --history",
            )
        with History(self.history) as history:
            notes.put(history, Note(*map(str.strip, note)))
        self._read()

    def keep(
        self, results: Sequence[Audited], at: datetime, scope: str
    ) -> tuple[Changed, ...] | None:
        """Keep a run, and return what has changed since the one before, if any."""
        if self.history is None:
            return None
        with History(self.history, make=True) as history:
            kept = history.keep(results, at=at, scope=scope).scope
            if len(looking_back.runs(history, kept)) < 2:
                return None
            return looking_back.changes(history, kept)

    def told(self, at: datetime) -> dict[str, Any]:
        """Return the trend, what is wrong since when, and what ends next."""
        said: dict[str, Any] = {"history": _path(self.history)}
        said["notes"] = _path(self.listed)
        if self.history is None:
            return said
        with History(self.history) as history:
            runs = looking_back.runs(history)
            wrong = looking_back.open_findings(history, limit=_LIMIT)
            soon = looking_back.upcoming(history, at=at, limit=_LIMIT)
        runs = runs[-_LIMIT:]
        said["runs"] = [[clock.minute(r.at), r.scope, r.counts] for r in runs]
        said["open"] = [
            [
                one.severity,
                _sentence(one.rule),
                *self._at(one.seen),
                clock.day(one.since),
            ]
            for one in wrong
        ]
        said["upcoming"] = [
            [clock.day(one.ends) if one.ends else "", *self._at(one)] for one in soon
        ]
        return said

    def _at(self, seen: Sighting) -> tuple[str, str, str]:
        note = self.owners.of(seen.known)
        return (seen.subject, seen.place, str(note or ""))


def _sentence(rule: str) -> str:
    known = RULES.get(rule)
    return known.text if known else rule  # one that is gone since


def _path(path: Path | None) -> str:
    return "" if path is None else str(path)
