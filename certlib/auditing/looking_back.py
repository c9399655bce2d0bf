"""Looking back: what a history tells of certificates, places and findings."""

from __future__ import annotations

import functools
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Concatenate, ParamSpec, TypeVar

from certlib import clock
from certlib.auditing.comparing import Change, Changed
from certlib.auditing.history import History, Run, no_history
from certlib.parsers import JSON_ERRORS
from certlib.rules import Severity
from certlib.summaries import Kind

_LAST = "SELECT max(id) FROM run GROUP BY scope"
"""The newest run of each scope."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A certificate at a place, as the newest run of a scope saw it.

    Attributes:
        subject: its subject.
        place: where it is.
        thumbprint: SHA-1 of it, or empty.
        names: the names of servers in it.
        ends: the earliest end of its chain, in UTC; None if unknown.
        ends_by: the issuer whose end that is; empty for its own.
        first: when it was first seen there, in UTC.
        last: when it was last seen there, in UTC.
    """

    subject: str
    place: str
    thumbprint: str
    names: tuple[str, ...]
    ends: datetime | None
    ends_by: str
    first: datetime
    last: datetime

    @property
    def known(self) -> tuple[str, ...]:
        """What a note may call it: its thumbprint, its place or one of its names."""
        return (self.thumbprint, self.place, *self.names)


@dataclass(frozen=True, slots=True)
class Open:
    """A finding that the newest run of a scope has, and nobody has accepted.

    Attributes:
        seen: the certificate at its place.
        rule: its id.
        severity: how bad it is.
        detail: what differs.
        since: the first run in a row that had it, in UTC.
        key: the numbers of certificate and place in the history, and the rule.
    """

    seen: Sighting
    rule: str
    severity: str
    detail: str
    since: datetime
    key: tuple[int, int, str]


P = ParamSpec("P")
R = TypeVar("R")


def _of_a_history(
    look: Callable[Concatenate[History, P], R],
) -> Callable[Concatenate[History, P], R]:
    """Say of values that no history has that the file is damaged."""

    @functools.wraps(look)
    def looked(history: History, /, *given: P.args, **named: P.kwargs) -> R:
        try:
            return look(history, *given, **named)
        except JSON_ERRORS:
            raise no_history(history.path) from None

    return looked


@_of_a_history
def runs(history: History, scope: str | None = None) -> tuple[Run, ...]:
    """Return all runs, or those of a scope, the oldest first."""
    found = history.rows(
        "SELECT id, at, scope, counts FROM run WHERE ?1 IS NULL OR scope = ?1 "
        "ORDER BY id",
        (scope,),
    )
    return tuple(
        Run(number, _moment(at), str(of), _counts(counts))
        for number, at, of, counts in found
    )


def _counts(text: str) -> dict[str, int]:
    return {str(status): int(count) for status, count in json.loads(text).items()}


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo != UTC:
        raise ValueError(text)
    return at


_SIGHTING = """c.subject, p.name, c.thumbprint, c.names, s.ends, s.ends_by,
    (SELECT r.at FROM sighting o JOIN run r ON r.id = o.run WHERE
        o.certificate = s.certificate AND o.place = s.place ORDER BY o.run LIMIT 1),
    (SELECT r.at FROM sighting o JOIN run r ON r.id = o.run WHERE
        o.certificate = s.certificate AND o.place = s.place ORDER BY o.run DESC LIMIT 1)
"""
_NAMED = """JOIN certificate c ON c.id = s.certificate JOIN place p ON p.id = s.place"""


def _sighting(*row: str | None) -> Sighting:
    subject, place, thumbprint, names, ends, ends_by, first, last = row
    return Sighting(
        *(str(subject), str(place), str(thumbprint)),
        tuple(map(str, json.loads(str(names)))),
        _moment(ends) if ends else None,
        str(ends_by),
        *(_moment(str(at)) for at in (first, last)),
    )


@_of_a_history
def upcoming(history: History, *, at: datetime, limit: int) -> tuple[Sighting, ...]:
    """Return what ends next, each certificate once at each place.

    Args:
        history: where to look.
        at: the moment from which on, with a time zone.
        limit: how many at most.
    """
    scopes = len(history.rows(_LAST))
    found = history.rows(
        f"SELECT {_SIGHTING} FROM (SELECT * FROM sighting WHERE run IN ({_LAST}) "  # noqa: S608
        f"AND ends >= ? ORDER BY ends LIMIT ?) s {_NAMED} ORDER BY s.ends, p.name",
        (clock.moment(at).isoformat(), limit * scopes),
    )
    return tuple(dict.fromkeys(_sighting(*row) for row in found))[:limit]


@_of_a_history
def open_findings(
    history: History, *, limit: int = -1, scope: str | None = None
) -> tuple[Open, ...]:
    """Return what is wrong and since when, the worst and then the oldest first.

    Args:
        history: where to look.
        limit: how many at most; all when left out.
        scope: of which runs; of all when left out.
    """
    found = history.rows(
        f"""SELECT f.certificate, f.place, f.rule, f.severity, f.detail, (
            SELECT min(r.at) FROM finding g JOIN run r ON r.id = g.run
            WHERE g.certificate = f.certificate AND g.place = f.place
            AND g.rule = f.rule AND r.scope = n.scope AND g.run > coalesce((
                SELECT max(o.run) FROM sighting o JOIN run q ON q.id = o.run
                LEFT JOIN finding h ON h.run = o.run AND h.certificate = o.certificate
                AND h.place = o.place AND h.rule = f.rule
                WHERE o.certificate = f.certificate AND o.place = f.place
                AND q.scope = n.scope AND h.run IS NULL), 0)) AS since, {_SIGHTING}
        FROM finding f JOIN run n ON n.id = f.run JOIN sighting s ON s.run = f.run
        AND s.certificate = f.certificate AND s.place = f.place {_NAMED}
        WHERE f.run IN ({_LAST}) AND NOT f.accepted AND (?1 IS NULL OR n.scope = ?1)
        ORDER BY CASE f.severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
        since, p.name, f.rule LIMIT ?2""",  # noqa: S608 # texts of our own
        (scope, limit),
    )
    return tuple(
        Open(
            *(_sighting(*seen), str(rule), str(Severity(severity)), str(detail)),
            _moment(since),
            (certificate, place, str(rule)),
        )
        for certificate, place, rule, severity, detail, since, *seen in found
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """A certificate at a place in one run."""

    subject: str
    place: str
    names: str
    ends: str | None
    unread: bool
    rules: frozenset[str]

    @property
    def spot(self) -> str:
        """The place for a successor, too: in a store each has its thumbprint there."""
        return _THUMBPRINT.sub("", self.place)

    @property
    def until(self) -> str:
        return f"until {self.ends[:10]}" if self.ends else "end unknown"


_THUMBPRINT = re.compile(r"\\[0-9A-F]{40}$")


@_of_a_history
def unread(history: History, run: int) -> tuple[str, ...]:
    """Return the places that a run could not look into: nobody knows what is there."""
    found = history.rows(
        f"SELECT p.name FROM sighting s {_NAMED} WHERE s.run = ? AND c.kind = ?",  # noqa: S608
        (run, str(Kind.UNREADABLE)),
    )
    return tuple(str(name) for (name,) in found)


def lies_in(place: str, others: tuple[str, ...]) -> bool:
    """Tell whether a place is one of others, or within one."""
    inside = tuple(other + mark for other in others for mark in ("/", "\\", " #"))
    return place in others or place.startswith(inside)


@_of_a_history
def changes(history: History, scope: str) -> tuple[Changed, ...]:
    """Return what the newest run of a scope found otherwise than the one before.

    A certificate that came to a place renews one that went from there, has the same
    names and ends earlier. Where one of the runs could not look, nothing that was known
    there is new or gone.
    """
    two = [run.id for run in runs(history, scope)[-2:]]
    if len(two) < 2:
        return ()
    old, new = (_run(history, one) for one in two)
    hidden, back = unread(history, two[1]), unread(history, two[0])
    gone = [
        one
        for key, one in old.items()
        if not (key in new or one.unread or lies_in(one.place, hidden))
    ]
    changed: list[Changed] = []
    for key, one in new.items():
        if key in old:
            changed += _same(old[key], one)
        elif lies_in(one.place, back) and _known(history, key, two[0]):
            continue
        elif before := next((o for o in gone if _renews(one, o)), None):
            gone.remove(before)
            changed.append(
                _changed(Change.RENEWED, one, f"{before.until}, now {one.until}")
            )
        else:
            changed.append(_changed(Change.NEW, one, one.until))
    return (*changed, *(_changed(Change.GONE, one, one.until) for one in gone))


def _run(history: History, run: int) -> dict[tuple[int, int], _Seen]:
    broken: dict[tuple[int, int], set[str]] = defaultdict(set)
    for certificate, place, rule in history.rows(
        "SELECT certificate, place, rule FROM finding WHERE run = ? AND NOT accepted",
        (run,),
    ):
        broken[certificate, place].add(rule)
    return {
        (certificate, place): _Seen(
            *(str(subject), str(name), str(names), ends),
            kind == str(Kind.UNREADABLE),
            frozenset(broken[certificate, place]),
        )
        for certificate, place, subject, name, names, ends, kind in history.rows(
            "SELECT s.certificate, s.place, c.subject, p.name, c.names, s.ends, "  # noqa: S608
            f"c.kind FROM sighting s {_NAMED} WHERE s.run = ? "
            "ORDER BY p.name, c.subject",
            (run,),
        )
    }


def _known(history: History, key: tuple[int, int], before: int) -> bool:
    """Tell whether a certificate was seen at a place before a run."""
    query = "SELECT 1 FROM sighting WHERE certificate = ? AND place = ? AND run < ?"
    return bool(history.rows(f"{query} LIMIT 1", (*key, before)))


def _renews(new: _Seen, old: _Seen) -> bool:
    same = (new.spot, new.names) == (old.spot, old.names)
    return same and None not in (new.ends, old.ends) and new.ends > old.ends  # type: ignore[operator]


def _same(old: _Seen, new: _Seen) -> Iterable[Changed]:
    if came := new.rules - old.rules:
        return [_changed(Change.WORSE, new, ", ".join(sorted(came)))]
    if went := old.rules - new.rules:
        return [_changed(Change.BETTER, new, ", ".join(sorted(went)))]
    return []


def _changed(change: Change, one: _Seen, detail: str) -> Changed:
    return Changed(change, one.subject, one.place, detail)
