"""Listing: which certificates the board shows, in which order and group.

Everything that is asked again and again is computed once for each audit, so
that a search or a new order of 100,000 rows takes well under 200 ms.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from certlib import texts
from certlib.auditing import Audited
from certlib.reports import FINE

GROUPS = ("", "finding", "place", "issuer")
"""What rows can be grouped by; empty for none."""

ORDERS = ("severity", "name", "place", "ends", "findings")
"""What rows can be sorted by."""

_BARS = 48


@dataclass(frozen=True)
class Query:
    """What somebody wants to see.

    Attributes:
        words: all of them have to be found in a row.
        severity: of the worst finding, ``fine``, or empty for all.
        begin: rows that end on this day or later.
        end: rows that end before this day.
        group: one of `GROUPS`.
        order: one of `ORDERS`.
        descending: the order is turned round.
    """

    words: str = ""
    severity: str = ""
    begin: date | None = None
    end: date | None = None
    group: str = ""
    order: str = "severity"
    descending: bool = False


@dataclass(frozen=True)
class Bar:
    """How many certificates end in a span.

    Attributes:
        begin: its first day.
        end: the day after its last.
        count: of certificates.
        worst: the worst severity among them.
        names: some of them, with their places.
    """

    begin: date
    end: date
    count: int
    worst: str
    names: tuple[str, ...]


Row = tuple[int, str]
"""The number of a result, and the group that it is shown in."""


class Listing:
    """The results of one audit, to be asked for what is shown."""

    def __init__(self, results: Sequence[Audited], at: datetime) -> None:
        """Prepare results.

        Args:
            results: of an audit.
            at: the moment of the audit, with a time zone.
        """
        self.results, self.today = results, at.date()
        self.names = [_name(one) for one in results]
        self.severities = [str(one.worst or FINE) for one in results]
        self._ends = [_end(one) for one in results]
        self._texts = [self._text(n, one) for n, one in enumerate(results)]
        self._orders: dict[str, list[int]] = {}
        self.rows = lru_cache(maxsize=8)(self._rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many certificates there are of each severity."""
        counted = Counter(self.severities)
        return {name: counted[name] for name in ("error", "warning", "notice", FINE)}

    def days_left(self, number: int) -> int | None:
        """Return the days from the audit to the end of a certificate."""
        end = self._ends[number]
        return (end - self.today).days if end is not None else None

    def end(self, number: int) -> date | None:
        """Return the day on which a certificate ends, in UTC."""
        return self._ends[number]

    def bars(self, query: Query) -> tuple[Bar, ...]:
        """Return the timeline of the rows that a query finds, finer for a span."""
        shown = {n for n, _ in self.rows(query)}
        found = [n for n in self._in_order("ends") if n in shown]
        dated = [n for n in found if self._ends[n] is not None]
        if not dated:
            return ()
        # Certificates that never end would press all others into one bar.
        first = query.begin or max(self._key_end(dated[0]), self.today - _YEAR)
        last = query.end or min(self._key_end(dated[-1]), self.today + 3 * _YEAR)
        step = max(timedelta(days=1), (last - first + _DAY) / _BARS)
        edges = [first + step * n for n in range(_BARS + 1)]
        return tuple(self._bars(dated, [*dict.fromkeys(edges)], query))

    def _bars(self, dated: list[int], edges: list[date], query: Query) -> list[Bar]:
        if query.begin is None and self._key_end(dated[0]) < edges[0]:
            edges.insert(0, date.min)
        if query.end is None and self._key_end(dated[-1]) >= edges[-1]:
            edges.append(date.max)
        bars, position = [], 0
        for begin, end in pairwise(edges):
            inside = []
            while position < len(dated) and self._key_end(dated[position]) < end:
                inside.append(dated[position])
                position += 1
            bars.append(self._bar(begin, end, inside))
        return bars

    def _bar(self, begin: date, end: date, inside: list[int]) -> Bar:
        worst = (
            min((self._rank(n), self.severities[n]) for n in inside) if inside else ()
        )
        names = tuple(f"{self.names[n]} ({self.results[n].place})" for n in inside[:5])
        return Bar(begin, end, len(inside), str(worst[1]) if worst else "", names)

    def _rows(self, query: Query) -> tuple[Row, ...]:
        """Return the rows of a query; a certificate may be in several groups."""
        words = query.words.casefold().split()
        ordered = self._in_order(query.order)
        ordered = ordered[::-1] if query.descending else ordered
        found = [n for n in ordered if self._fits(n, query, words)]
        if not query.group:
            return tuple((n, "") for n in found)
        members: dict[str, list[int]] = defaultdict(list)
        for n in found:
            for group in self._groups(n, query.group):
                members[group].append(n)
        worst = {group: min(map(self._rank, of_it)) for group, of_it in members.items()}
        groups = sorted(members, key=lambda g: (worst[g], -len(members[g]), g))
        titles = {group: f"{len(members[group])} × {group}" for group in groups}
        return tuple((n, titles[group]) for group in groups for n in members[group])

    def _fits(self, number: int, query: Query, words: list[str]) -> bool:
        if query.severity and self.severities[number] != query.severity:
            return False
        end = self._ends[number]
        if query.begin and (end is None or end < query.begin):
            return False
        if query.end and (end is None or end >= query.end):
            return False
        text = self._texts[number]
        return all(word in text for word in words)

    def _groups(self, number: int, group: str) -> list[str]:
        one = self.results[number]
        match group:
            case "finding":
                said = list(dict.fromkeys(f.text for f in one.findings))
                return said or ["Nothing is wrong."]
            case "place":
                return list(map(texts.shown, one.places))
            case _:
                return [texts.shown(one.summary.issuer) or "no issuer"]

    def _in_order(self, order: str) -> list[int]:
        """Return all numbers in an order, which is made once."""
        if order not in self._orders:
            keys: dict[str, Callable[[int], object]] = {
                "name": lambda n: self.names[n].casefold(),
                "place": lambda n: self.results[n].place.casefold(),
                "ends": self._key_end,
                "findings": self.sentences,
                "severity": self._rank,
            }
            key = keys[order]
            self._orders[order] = sorted(
                range(len(self.results)), key=lambda n: (key(n), self._key_end(n), n)
            )
        return self._orders[order]

    def sentences(self, number: int) -> tuple[str, ...]:
        """Return what is wrong with a certificate, the worst first."""
        return tuple(dict.fromkeys(f.text for f in self.results[number].findings))

    def _rank(self, number: int) -> int:
        worst = self.results[number].worst
        return worst.rank if worst is not None else len(GROUPS)

    def _key_end(self, number: int) -> date:
        return self._ends[number] or date.max

    def _text(self, number: int, one: Audited) -> str:
        summary = one.summary
        parts = [
            *(summary.subject, summary.issuer, one.place, summary.thumbprint),
            *(summary.server_names or ()),
            self.severities[number],
            str(self._ends[number] or ""),
        ]
        for f, _ in one.told:
            parts += [f.text, f.detail, f.rule]
        return "\n".join(parts).casefold()


_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)


def _name(one: Audited) -> str:
    summary = one.summary
    known = (*(summary.common_names or ()), *(summary.server_names or ()))
    return texts.shown(next(iter(known), summary.subject) or str(summary.kind))


def _end(one: Audited) -> date | None:
    end = one.summary.not_after
    return end.date() if end is not None else None
