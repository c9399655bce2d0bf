"""Traits: what many certificates have in common.

Whether a rule applies, and what most rules say, depends on a few values that
are the same for thousands of certificates. They are judged once for each
combination; only the rest is judged for each certificate.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from certlib import keys, names
from certlib.summaries import (
    NOWHERE,
    SERVER_AUTHENTICATION,
    Kind,
    Problem,
    Role,
    Summary,
    Surroundings,
)
from certlib.summaries.roles import PLAIN_NAME


class Phase(StrEnum):
    """Where in its validity a certificate is at the moment it is judged for."""

    __hash__ = str.__hash__  # see summaries.Kind

    RUNNING = "running"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    ODD = "odd"
    """Not yet valid, without an end, never valid, or not read: a closer look."""


class Traits(NamedTuple):
    """The values of a `Summary` that are not its own alone.

    Those that a `Summary` has too are the same. The others tell whether a
    closer look is needed: at the names, the serial number, the surroundings.
    """

    kind: Kind
    version: int | None
    signature_algorithm: str
    key_algorithm: str
    key_bits: int | None
    curve: str
    san_critical: bool | None
    key_usage: tuple[str, ...] | None
    key_usage_critical: bool | None
    extended_key_usage: tuple[str, ...] | None
    is_ca: bool | None
    path_length: int | None
    basic_constraints_critical: bool | None
    unknown_critical_extensions: tuple[str, ...]
    extensions: tuple[str, ...]
    timestamps: int | None
    self_signed: bool
    private_key: bool | None
    publicly_trusted: bool | None
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    role: Role
    has_names: bool
    has_subject: bool
    has_issuer: bool
    has_subject_key_identifier: bool
    has_authority_key_identifier: bool
    odd_names: bool
    odd_common_name: bool
    odd_serial_number: bool
    phase: Phase
    limits_exceeded: int
    key_is_published: bool
    has_other_names: bool
    unprintable: bool
    odd_country: bool
    told: frozenset[str]
    """The fields of its `Surroundings` that say something."""

    @property
    def extensions_known(self) -> bool:
        """Whether nothing is missing only because it could not be read."""
        return not any(p.part.startswith(("Ext", "Cert")) for p in self.problems)


_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
LIMITS = (
    (datetime(2029, 3, 15, tzinfo=UTC), 47),
    (datetime(2027, 3, 15, tzinfo=UTC), 100),
    (datetime(2026, 3, 15, tzinfo=UTC), 200),
    (datetime(2020, 9, 1, tzinfo=UTC), 398),
    (datetime(2018, 3, 1, tzinfo=UTC), 825),
)
"""From when on (UTC) public CAs may issue for how many days, the newest first."""

APPLE_DAYS = 825
"""Days that Apple's systems accept, whoever released the certificate."""

_DAYS = sorted({APPLE_DAYS, *(days for _, days in LIMITS)})
_LIFETIMES = [timedelta(days=days, seconds=-1) for days in _DAYS]  # both ends count

_BETWEEN = "\uffff"  # no character, so no name has it
_ALL_PLAIN = re.compile(f"{PLAIN_NAME.pattern}(?:{_BETWEEN}{PLAIN_NAME.pattern})*")
_LONGEST_LABEL = 63


def traits_of(summary: Summary, at: datetime, soon: datetime) -> Traits:
    """Return the traits of a summary.

    Args:
        summary: what a certificate says.
        at: the moment for which it is judged.
        soon: the moment until which it should hold at least.
    """
    dns_names, serial = summary.dns_names, summary.serial_number
    common_names = summary.common_names
    begin, end = summary.not_before, summary.not_after
    around = summary.surroundings
    has_names = bool(dns_names or summary.ip_addresses)
    return Traits(
        kind=summary.kind,
        version=summary.version,
        signature_algorithm=summary.signature_algorithm,
        key_algorithm=summary.key_algorithm,
        key_bits=summary.key_bits,
        curve=summary.curve,
        san_critical=summary.san_critical,
        key_usage=summary.key_usage,
        key_usage_critical=summary.key_usage_critical,
        extended_key_usage=summary.extended_key_usage,
        is_ca=summary.is_ca,
        path_length=summary.path_length,
        basic_constraints_critical=summary.basic_constraints_critical,
        unknown_critical_extensions=summary.unknown_critical_extensions,
        extensions=summary.extensions,
        timestamps=summary.timestamps,
        self_signed=summary.self_signed,
        private_key=summary.private_key,
        publicly_trusted=summary.publicly_trusted,
        problems=summary.problems,
        remarks=summary.remarks,
        role=_SERVER if has_names and _serves(summary) else summary.role,
        has_names=has_names,
        has_subject=summary.subject != "",
        has_issuer=summary.issuer != "",
        has_subject_key_identifier=summary.subject_key_identifier != "",
        has_authority_key_identifier=summary.authority_key_identifier != "",
        odd_names=are_odd(dns_names),
        odd_common_name=len(common_names) != 1
        or len(common_names[0]) > names.MAX_COMMON_NAME
        or common_names[0] not in dns_names,
        # Of usual length and positive: 8 to 20 bytes, and the first bit clear.
        odd_serial_number=not 16 <= len(serial) <= 40
        or serial[0] in "-0"
        or (len(serial) == 40 and serial[0] >= "8"),
        phase=_RUNNING
        if begin is not None
        and end is not None
        and begin <= at <= soon <= end < _NEVER
        and (end - at) * 100 >= end - begin
        else _phase(begin, end, at),
        limits_exceeded=0
        if begin is None or end is None
        else bisect_left(_LIFETIMES, end - begin),
        key_is_published=summary.key_sha256 in keys.practice_digests(),
        has_other_names=summary.other_names != (),
        unprintable=not (
            summary.subject.isprintable() and summary.issuer.isprintable()
        ),
        odd_country=_MAYBE_ODD.search(summary.subject) is not None
        and any(odd_countries(summary.subject)),
        told=_NOTHING if around is NOWHERE else _told(around),
    )


_NOTHING: frozenset[str] = frozenset()

_MAYBE_ODD = re.compile(r"C=(?<!\wC=)(?![A-Za-z]{2}(?:, | \+ |$))")
"""Found in what wants the closer look of `odd_countries`; it begins with a literal,
which is quickly searched for."""
_COUNTRY = re.compile(r'(?:^|, | \+ )C=("(?:[^"]|"")*"|[^,+]*?)(?=,| ?\+|$)')
_QUOTED = re.compile(r'(?<!\bC)="(?:[^"]|"")*"')


def odd_countries(subject: str) -> Iterator[str]:
    """Yield the countries of a name that are not two letters (X.520 section 6.3.1)."""
    for country in _COUNTRY.findall(_QUOTED.sub("=", subject)):
        if not (len(country) == 2 and country.isascii() and country.isalpha()):
            yield country


def _told(around: Surroundings) -> frozenset[str]:
    values = zip(Surroundings._fields, around, NOWHERE, strict=True)
    return frozenset([name for name, said, plain in values if said != plain])


def _serves(summary: Summary) -> bool:
    """Tell at a glance that a certificate with names is a server's."""
    usage = summary.extended_key_usage
    return usage is None or SERVER_AUTHENTICATION in usage


def lives_longer(traits: Traits, days: int) -> bool:
    """Tell whether a certificate lives longer than one of the limits."""
    return traits.limits_exceeded > _DAYS.index(days)


def are_odd(dns_names: tuple[str, ...]) -> bool:
    """Tell whether any of the names needs a closer look."""
    if not dns_names:
        return False
    return (
        _ALL_PLAIN.fullmatch(_BETWEEN.join(dns_names)) is None  # at once: faster
        or max(map(len, dns_names)) > _LONGEST_LABEL
        or len(set(dns_names)) < len(dns_names)
    )


_SERVER = Role.SERVER
_RUNNING = Phase.RUNNING


def _phase(begin: datetime | None, end: datetime | None, at: datetime) -> Phase:
    """Return the phase of a certificate that is not simply running."""
    if begin is None or end is None or end < begin or at < begin or end >= _NEVER:
        return Phase.ODD
    return Phase.EXPIRED if end < at else Phase.EXPIRING
