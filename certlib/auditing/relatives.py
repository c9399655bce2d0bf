"""Relatives: what the certificates of one audit tell about each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from certlib import summaries
from certlib.auditing.found import Found
from certlib.summaries import Summary


def noted(groups: list[list[Found]]) -> Iterator[list[Found]]:
    """Note in each group what the others tell: who has its key, when its issuer ends.

    A group is emptied once it was used.
    """
    holders, issuers = _Holders(), _ends_of_authorities(groups)
    for first, *_ in groups:
        if first.summary.kind is summaries.Kind.CERTIFICATE:
            holders.add(first)
    for group in groups:
        notes: dict[str, Any] = {}
        if (others := holders.others(group[0].summary)) is not None:
            notes = {"same_key": others[0], "same_key_more": others[1] - 1}
        if (issuer := issuers.get(_issuer_of(group[0].summary))) is not None:
            notes["issuer_elsewhere"] = issuer
        yield [noting(one, notes) for one in group] if notes else group[:]
        group.clear()  # what a library reads of a certificate it keeps with it


class _Holders:
    """Who has which key, and where."""

    def __init__(self) -> None:
        self._places: dict[str, dict[object, list[str]]] = defaultdict(dict)
        self._counts: Counter[str] = Counter()

    def add(self, found: Found) -> None:
        key = found.summary.key_sha256
        self._counts[key] += 1
        holder = _holder(found.summary)
        self._places[key].setdefault(holder, []).append(found.place)

    def others(self, summary: Summary) -> tuple[str, int] | None:
        """Return where the first other one with its key is, and how many are."""
        key = summary.key_sha256
        if not key or summary.kind is not summaries.Kind.CERTIFICATE:
            return None
        holders = self._places[key]
        if len(holders) < 2:
            return None
        own = _holder(summary)
        place = next(places[0] for one, places in holders.items() if one != own)
        return place, self._counts[key] - len(holders[own])


def _holder(summary: Summary) -> object:
    """Return whose certificate it is; a renewed one is of the same.

    So are cross-certificates: another issuer certifies the same authority.
    """
    names = summary.server_names
    if summary.is_ca or not names:
        return summary.subject
    first = next(iter(summary.common_names), "").lower()
    return first if first in names else frozenset(names)


def noting(one: Found, notes: dict[str, Any]) -> Found:
    """Return it with more known of its surroundings."""
    return one._replace(summary=one.summary.noting(**notes))


_Authority = tuple[str, str]
"""Subject and key identifier."""


def _ends_of_authorities(
    groups: list[list[Found]],
) -> dict[_Authority, tuple[str, datetime]]:
    """Return subject and end of each authority of the run, the last if renewed."""
    found: dict[_Authority, tuple[str, datetime]] = {}
    for first, *_ in groups:
        one = first.summary
        key, end = (one.subject, one.subject_key_identifier), one.not_after
        if not one.is_ca or end is None or not all(key):
            continue
        if key not in found or found[key][1] < end:
            found[key] = one.subject, end
    return found


def _issuer_of(one: Summary) -> _Authority:
    if one.self_signed:
        return "", ""
    return one.issuer, one.authority_key_identifier
