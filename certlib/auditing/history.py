"""History: what every audit has found, in one SQLite file.

A run is written in one transaction, so one that is killed leaves nothing, and two at
once wait for each other. Certificates and places are kept once; a run is a few numbers
for each. Runs are compared with those of the same scope: what was asked for, in words.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from certlib import clock, texts
from certlib.auditing import Audited
from certlib.auditing.evidence import tiles
from certlib.errors import EncodingError, InputError

PATIENCE = 60.0
"""Seconds for which a run waits until another one is written."""

APPLICATION = 0x43455254  # "CERT", by which SQLite files tell whose they are

_TABLES = """
CREATE TABLE run (id INTEGER PRIMARY KEY, at TEXT NOT NULL, scope TEXT NOT NULL,
    counts TEXT NOT NULL);
CREATE TABLE certificate (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL, thumbprint TEXT NOT NULL, subject TEXT NOT NULL,
    names TEXT NOT NULL);
CREATE TABLE place (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE sighting (run INTEGER NOT NULL REFERENCES run, certificate INTEGER NOT NULL
    REFERENCES certificate, place INTEGER NOT NULL REFERENCES place, ends TEXT,
    ends_by TEXT NOT NULL, PRIMARY KEY (run, certificate, place)) WITHOUT ROWID;
CREATE INDEX sighting_of ON sighting (certificate, place, run);
CREATE INDEX sighting_ends ON sighting (run, ends);
CREATE TABLE finding (run INTEGER NOT NULL REFERENCES run, certificate INTEGER NOT NULL
    REFERENCES certificate, place INTEGER NOT NULL REFERENCES place,
    rule TEXT NOT NULL, severity TEXT NOT NULL, detail TEXT NOT NULL,
    accepted INTEGER NOT NULL, PRIMARY KEY (run, certificate, place, rule))
    WITHOUT ROWID;
CREATE INDEX finding_of ON finding (certificate, place, rule, run);
CREATE TABLE told (scope TEXT NOT NULL, target TEXT NOT NULL, certificate INTEGER
    NOT NULL, place INTEGER NOT NULL, rule TEXT NOT NULL, PRIMARY KEY (scope, target,
    certificate, place, rule)) WITHOUT ROWID;
"""
_NOTES = """
CREATE TABLE note (id INTEGER PRIMARY KEY, by_hand INTEGER NOT NULL, certificate TEXT
    NOT NULL, owner TEXT NOT NULL, ticket TEXT NOT NULL, due TEXT NOT NULL,
    note TEXT NOT NULL);
CREATE INDEX note_first ON note (by_hand DESC, id);
"""
_STEPS = (_TABLES, _NOTES)
"""What each version adds to the one before."""
VERSION = len(_STEPS)


class Run(NamedTuple):
    """An audit that was kept."""

    id: int
    at: datetime
    """In UTC."""
    scope: str
    """What was asked for."""
    counts: dict[str, int]
    """How many certificates there were of each status, see `evidence.tiles`."""


class History:
    """The file; use it as a context manager, which closes it."""

    def __init__(self, path: Path, *, make: bool = False) -> None:
        """Open a history.

        Args:
            path: the SQLite file.
            make: make it if it is not there.

        Raises:
            InputError: it is not there, or cannot be opened.
            EncodingError: it is another file than a history.
        """
        self.path = path
        if not make and not path.exists():
            raise InputError(f"{path} does not exist", fix="check the path")
        uri = f"{path.absolute().as_uri()}?mode={'rwc' if make else 'rw'}"
        with self._explained():
            self.db = sqlite3.connect(
                uri, uri=True, timeout=PATIENCE, isolation_level=None
            )
        try:
            with self._explained():
                self._prepare()
        except BaseException:
            self.db.close()
            raise

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def keep(self, results: Iterable[Audited], *, at: datetime, scope: str) -> Run:
        """Keep a run, all of it or nothing, and return it.

        Args:
            results: of `auditing.audit`.
            at: the moment of the audit, with a time zone.
            scope: what was asked for, in the same words each time.

        Raises:
            InputError: it cannot be written.
        """
        kept = tuple(results)
        counts, moment = tiles(kept), clock.moment(at)
        with self.changing():
            (run,) = self.db.execute(
                "INSERT INTO run (at, scope, counts) VALUES (?, ?, ?) RETURNING id",
                (moment.isoformat(), texts.shown(scope), json.dumps(counts)),
            ).fetchone()
            for one in kept:
                self._keep(run, one)
        return Run(run, moment, texts.shown(scope), counts)

    def _keep(self, run: int, one: Audited) -> None:
        summary = one.summary
        end, by = chain_end(one)
        names = sorted(summary.server_names or ()) or [summary.subject]
        certificate = self._number(
            "certificate",
            identity=summary.sha256 or texts.shown(f"{summary.kind} at {one.place}"),
            kind=str(summary.kind),
            thumbprint=summary.thumbprint,
            subject=texts.shown(summary.subject),
            names=json.dumps(names),
        )
        places = {
            name: self._number("place", name=texts.shown(name)) for name in one.places
        }
        ends = end.isoformat() if end else None
        self.db.executemany(
            "INSERT OR IGNORE INTO sighting VALUES (?, ?, ?, ?, ?)",
            [(run, certificate, at, ends, by) for at in places.values()],
        )
        judged = [(f, 0) for f in one.findings]
        judged += [(s.finding, 1) for s in one.suppressed]
        found = [(f, texts.shown(f.detail), accepted) for f, accepted in judged]
        self.db.executemany(
            "INSERT OR IGNORE INTO finding VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (run, certificate, at, f.rule, str(f.severity), detail, accepted)
                for f, detail, accepted in found
                for at in ([places[f.place]] if f.place in places else places.values())
            ],
        )

    def _number(self, table: str, **values: str) -> int:
        """Return the number of a row, which is made if it is not there."""
        key = next(iter(values))
        known = self.db.execute(
            f"SELECT id FROM {table} WHERE {key} = ?",  # noqa: S608 # names of our own
            (values[key],),
        ).fetchone()
        if known is None:
            marks = ", ".join("?" * len(values))
            known = self.db.execute(
                f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks}) "  # noqa: S608
                "RETURNING id",
                tuple(values.values()),
            ).fetchone()
        number: int = known[0]
        return number

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return what a query finds.

        Raises:
            InputError: another run holds the file for too long, or it is damaged.
        """
        with self._explained():
            return self.db.execute(query, values).fetchall()

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Write all that is changed inside, or nothing of it.

        Raises:
            InputError: it cannot be written.
        """
        with self._explained():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")

    def _prepare(self) -> None:
        if self._whose() == (APPLICATION, VERSION, True):
            return
        with self.changing():
            match self._whose():
                case (0, 0 as version, False):
                    self._grow(version)
                case (0x43455254, version, True) if version <= VERSION:
                    self._grow(version)  # by nothing, if another run did meanwhile
                case (0x43455254, version, _):
                    raise InputError(
                        f"{self.path} has version {version} of a history, and this "
                        f"certlib knows {VERSION}",
                        fix="take the certlib that wrote it, or begin another file",
                    )
                case _:
                    raise no_history(self.path)

    def _grow(self, version: int) -> None:
        for statement in ";".join(_STEPS[version:]).split(";"):
            self.db.execute(statement)
        self.db.execute(f"PRAGMA application_id = {APPLICATION}")
        self.db.execute(f"PRAGMA user_version = {VERSION}")

    def _whose(self) -> tuple[int, int, bool]:
        (application,) = self.db.execute("PRAGMA application_id").fetchone()
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        (tables,) = self.db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return application, version, tables > 0

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise InputError(
                f"the history {self.path} cannot be used: {error}",
                fix="check its name and your rights, and whether another run hangs",
            ) from None
        except sqlite3.DatabaseError:
            raise no_history(self.path) from None


def chain_end(one: Audited) -> tuple[datetime | None, str]:
    """Return the earliest end of a certificate and its issuers, and whose it is.

    The name is empty for the certificate's own end.
    """
    own = one.summary.not_after
    ends = [
        (end, texts.shown(who)) for who, end in one.summary.surroundings.issuer_ends
    ]
    if own is not None:
        ends.append((own, ""))
    return min(ends, default=(None, ""))


def no_history(path: Path) -> EncodingError:
    """Return the error for a file with something else in it than a history."""
    return EncodingError(
        f"{path} is no history of certlib, or a damaged one",
        fix="name another file: it is made if it is not there",
    )
