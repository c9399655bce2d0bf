"""Comparing: what has changed since an earlier audit?"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from certlib import clock, files
from certlib.auditing import Audited
from certlib.errors import EncodingError, InputError
from certlib.parsers import JSON_ERRORS


class Change(StrEnum):
    """What became of a certificate."""

    NEW = "new"
    GONE = "gone"
    RENEWED = "renewed"
    WORSE = "worse"
    BETTER = "better"


@dataclass(frozen=True, slots=True)
class Changed:
    """A certificate that is not as it was.

    Attributes:
        change: what became of it.
        subject: its subject.
        place: where it is, or was.
        detail: what differs.
    """

    change: Change
    subject: str
    place: str
    detail: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A certificate in an earlier audit.

    Attributes:
        sha256: its fingerprint, or empty if it could not be read.
        subject: its subject.
        places: where it was.
        not_after: its end.
        broken: the requirements that it broke, each with the place.
    """

    sha256: str
    subject: str
    places: tuple[str, ...]
    not_after: datetime | None
    broken: frozenset[tuple[str, str]]

    @property
    def place(self) -> str:
        """All its places as one text."""
        return ", ".join(self.places)


def read(path: Path) -> tuple[Earlier, ...]:
    """Return an earlier audit, which was written as JSON.

    Raises:
        InputError: the file cannot be read.
        EncodingError: it is not the JSON of an audit.
    """
    data = files.read(path)
    try:
        document = json.loads(data)
        # An earlier version of certlib wrote the list alone.
        listed = document["certificates"] if isinstance(document, dict) else document
        return tuple(_earlier(listed[number]) for number in range(len(listed)))
    except (*JSON_ERRORS, InputError):
        raise EncodingError(
            f"{path} is not an audit in JSON",
            fix="give a file that an audit has written as JSON",
        ) from None


def _earlier(one: dict[str, Any]) -> Earlier:
    summary, end = one["summary"], one["summary"]["not_after"]
    return Earlier(
        _text(summary["sha256"]),
        _text(summary["subject"]),
        places := tuple(map(_text, one.get("places") or [one["place"]])),
        clock.moment(datetime.fromisoformat(end)) if end else None,
        frozenset(
            (_text(f["rule"]), place)
            for f in one["findings"]
            for place in ((_text(f["place"]),) if "place" in f else places)
        ),
    )


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


def earlier(results: Iterable[Audited]) -> tuple[Earlier, ...]:
    """Return results as what a later audit is compared with."""
    return tuple(
        Earlier(
            one.summary.sha256,
            one.summary.subject,
            one.places,
            one.summary.not_after,
            frozenset((f.rule, f.place) for f in one.findings),
        )
        for one in results
    )


def compare(
    before: Iterable[Earlier], results: Iterable[Audited]
) -> tuple[Changed, ...]:
    """Return what has changed, in the order of the later audit, then what is gone.

    The same certificate has the same fingerprint; what cannot be read at all,
    the same place. A new one whose subject an old one had that is gone, and
    which ends later, renews it.
    """
    old = {one.sha256 or one.place: one for one in before}
    new = {one.sha256 or one.place: one for one in earlier(results)}
    gone = {key: one for key, one in old.items() if key not in new}
    changes = []
    for key, one in new.items():
        if key in old:
            changes += _same(old[key], one)
            continue
        renewed = next((k for k, o in gone.items() if _renews(one, o)), None)
        if renewed is None:
            changes.append(Changed(Change.NEW, one.subject, one.place, _until(one)))
        else:
            detail = f"{_until(gone.pop(renewed))}, now {_until(one)}"
            changes.append(Changed(Change.RENEWED, one.subject, one.place, detail))
    changes += [
        Changed(Change.GONE, one.subject, one.place, _until(one))
        for one in gone.values()
    ]
    return tuple(changes)


def _renews(new: Earlier, old: Earlier) -> bool:
    if not new.subject or new.subject != old.subject:
        return False
    return None not in (new.not_after, old.not_after) and new.not_after > old.not_after  # type: ignore[operator]


def _same(old: Earlier, new: Earlier) -> list[Changed]:
    came, went = _more(new, old), _more(old, new)
    if came:
        return [Changed(Change.WORSE, new.subject, new.place, _said(came, new))]
    if went:
        return [Changed(Change.BETTER, new.subject, new.place, _said(went, new))]
    return []


def _more(one: Earlier, other: Earlier) -> set[tuple[str, str]]:
    """Return what one breaks and the other does not; a move alone is no change."""
    rules = {rule for rule, _ in other.broken}
    return {
        (rule, place)
        for rule, place in one.broken - other.broken
        if place in other.places or rule not in rules
    }


def _said(broken: Iterable[tuple[str, str]], of: Earlier) -> str:
    """Return the rules, each with its places if it is not at all of them."""
    at: dict[str, list[str]] = defaultdict(list)
    for rule, place in sorted(broken):
        at[rule].append(place)
    return ", ".join(
        rule if len(places) == len(of.places) else f"{rule} at {', '.join(places)}"
        for rule, places in at.items()
    )


def _until(one: Earlier) -> str:
    return f"until {clock.day(one.not_after)}" if one.not_after else "end unknown"
