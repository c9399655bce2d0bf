"""Listing: which certificates the board shows, in which order and group.

Everything that is asked again and again is computed once for each audit, so
that a search or a new order of 100,000 rows takes well under 200 ms.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from certlib import texts
from certlib.auditing import Audited
from certlib.auditing.evidence import ACCEPTED, status, tiles
from certlib.auditing.notes import Note

GROUPS = ("", "finding", "place", "issuer", "owner")
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

    def __init__(
        self,
        results: Sequence[Audited],
        at: datetime,
        owners: Sequence[Note | None] = (),
    ) -> None:
        """Prepare results.

        Args:
            results: of an audit.
            at: the moment of the audit, with a time zone.
            owners: who owns each of them, if somebody says it.
        """
        self.results, self.today = results, at.date()
        self.owners = owners or [None] * len(results)
        self.names = [_name(one) for one in results]
        self.severities = [status(one) for one in results]
        self._ends = [_end(one) for one in results]
        self._texts = [self._text(n, one) for n, one in enumerate(results)]
        self._ranks = [_rank(one) for one in results]
        self._orders: dict[str, list[int]] = {}
        self._grouped: dict[str, list[list[str]]] = {}
        self.rows = lru_cache(maxsize=8)(self._rows)
        self._fitting = lru_cache(maxsize=8)(self._fits)
        self._timeline = lru_cache(maxsize=8)(self._bars)

    def prepare(self) -> None:
        """Find out every order and group now, and not when one is asked for."""
        for order in ORDERS:
            self._in_order(order)
        for group in filter(None, GROUPS):
            self._groups_of(group)
        everything = Query()  # what a page asks for first
        self.rows(everything), self.bars(everything)

    @property
    def counts(self) -> dict[str, int]:
        """How many certificates there are of each status, as reports count them."""
        counted = Counter(self.severities)
        of_each = {name: counted[name] for name in tiles(())}
        return {n: count for n, count in of_each.items() if count or n != ACCEPTED}

    def days_left(self, number: int) -> int | None:
        """Return the days from the audit to the end of a certificate."""
        end = self._ends[number]
        return (end - self.today).days if end is not None else None

    def end(self, number: int) -> date | None:
        """Return the day on which a certificate ends, in UTC."""
        return self._ends[number]

    def bars(self, query: Query) -> tuple[Bar, ...]:
        """Return the timeline of the rows that a query finds, finer for a span."""
        return self._timeline(replace(query, order="ends", descending=False, group=""))

    def _bars(self, query: Query) -> tuple[Bar, ...]:
        found = self._found(query)
        dated = [n for n in found if self._ends[n] is not None]
        if not dated:
            return ()
        ends = [self._key_end(n) for n in dated]
        # Certificates that never end would press all others into one bar.
        first = query.begin or max(ends[0], self.today - _YEAR)
        last = query.end or min(ends[-1], self.today + 3 * _YEAR)
        step = max(timedelta(days=1), (last - first + _DAY) / _BARS)
        top = query.end or last + _DAY
        edges = sorted({min(first + step * n, top) for n in range(_BARS + 1)})
        if query.begin is None and ends[0] < edges[0]:
            edges.insert(0, date.min)
        if query.end is None and ends[-1] >= edges[-1]:
            edges.append(date.max)
        cuts = [bisect_left(ends, edge) for edge in edges]
        spans = zip(pairwise(edges), pairwise(cuts), strict=True)
        return tuple(self._bar(*span, dated[i:j]) for span, (i, j) in spans)

    def _bar(self, begin: date, end: date, inside: list[int]) -> Bar:
        worst = (
            self.severities[min(inside, key=self._ranks.__getitem__)] if inside else ""
        )
        names = tuple(f"{self.names[n]} ({self.results[n].place})" for n in inside[:5])
        return Bar(begin, end, len(inside), worst, names)

    def _rows(self, query: Query) -> tuple[Row, ...]:
        """Return the rows of a query; a certificate may be in several groups."""
        found = self._found(query)
        if not query.group:
            return tuple((n, "") for n in found)
        of_each = self._groups_of(query.group)
        members: dict[str, list[int]] = defaultdict(list)
        for n in found:
            for group in of_each[n]:
                members[group].append(n)
        ranks = self._ranks
        worst = {g: min(ranks[n] for n in of_it) for g, of_it in members.items()}
        groups = sorted(members, key=lambda g: (worst[g], -len(members[g]), g))
        titles = {group: f"{len(members[group]):,} × {group}" for group in groups}
        return tuple((n, titles[group]) for group in groups for n in members[group])

    def _found(self, query: Query) -> list[int]:
        """Return the numbers that a query finds, in its order."""
        ordered = self._in_order(query.order)
        if query.words or query.severity or query.begin or query.end:
            fits = self._fitting(replace(query, group="", order="", descending=False))
            ordered = [n for n in ordered if n in fits]
        return ordered[::-1] if query.descending else ordered

    def _fits(self, query: Query) -> frozenset[int]:
        found: Iterable[int] = range(len(self.results))
        ends = self._ends
        if query.severity:
            found = [n for n in found if self.severities[n] == query.severity]
        if begin := query.begin:
            found = [n for n in found if (end := ends[n]) is not None and end >= begin]
        if before := query.end:
            found = [n for n in found if (end := ends[n]) is not None and end < before]
        for word in query.words.casefold().split():
            found = [n for n in found if word in self._texts[n]]
        return frozenset(found)

    def _groups_of(self, group: str) -> list[list[str]]:
        """Return the groups of each certificate, which are found out once."""
        if group not in self._grouped:
            self._grouped[group] = [
                self._groups(n, group) for n in range(len(self.results))
            ]
        return self._grouped[group]

    def _groups(self, number: int, group: str) -> list[str]:
        one = self.results[number]
        match group:
            case "finding":
                said = list(dict.fromkeys(f.text for f in one.findings))
                return said or [_NOTHING[bool(one.suppressed)]]
            case "place":
                return list(map(texts.shown, one.places))
            case "owner":
                note = self.owners[number]
                return [texts.shown(note.owner if note else "") or "nobody"]
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
                "severity": self._ranks.__getitem__,
            }
            key = keys[order]
            self._orders[order] = sorted(
                range(len(self.results)), key=lambda n: (key(n), self._key_end(n), n)
            )
        return self._orders[order]

    def sentences(self, number: int) -> tuple[str, ...]:
        """Return what is wrong with a certificate, the worst first, or accepted."""
        one = self.results[number]
        accepted = (f"Accepted: {s.finding.text}" for s in one.suppressed)
        return tuple(dict.fromkeys((*(f.text for f in one.findings), *accepted)))

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
        parts.append(str(self.owners[number] or ""))
        for f, _ in one.told:
            parts += [f.text, f.detail, f.rule]
        for s, _ in one.accepted:
            parts += [s.finding.text, s.finding.rule, s.why]
        return "\n".join(parts).casefold()


_NOTHING = ("Nothing is wrong.", "Nothing but what was accepted.")
_RANKS = {name: rank for rank, name in enumerate(tiles(()))}
_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)


def _name(one: Audited) -> str:
    summary = one.summary
    known = (*(summary.common_names or ()), *(summary.server_names or ()))
    return texts.shown(next(iter(known), summary.subject) or str(summary.kind))


def _rank(one: Audited) -> int:
    return _RANKS[status(one)]


def _end(one: Audited) -> date | None:
    end = one.summary.not_after
    return end.date() if end is not None else None
