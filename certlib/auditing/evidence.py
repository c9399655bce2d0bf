"""Evidence: what an audit was about, for whoever signs its report.

Every report says the same at its head (what was audited, for which moment, by what)
and at its end (what was not read, and what was not looked at).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path

from certlib import clock, summaries
from certlib.auditing import Audited
from certlib.auditing.comparing import Changed
from certlib.auditing.gate import USUAL, Gate
from certlib.auditing.suppressions import Suppressions
from certlib.rules import MENTIONED, RULES, Context, Severity
from certlib.summaries import Kind
from certlib.trust.roots import GIVEN, MACHINE, PUBLIC, Trust

NO_REVOCATION = "revocation: whether an authority has withdrawn a certificate"
NOT_LOOKED_AT = (
    "issuers in other files than the certificate: each file is judged by itself",
    "whether a name leads to the server",
    "hidden files and folders, and what the endings of files say is no certificate",
)
"""What no audit looks at; docs/auditing.md says the same."""

FINE, ACCEPTED = "fine", "accepted"
"""What a certificate is without findings, or with none but accepted ones."""

Line = tuple[str, str]
"""What it is about, and what is said of it."""


@dataclass(frozen=True)
class Evidence:
    """What an audit was about.

    Attributes:
        asked: what was audited, as it was named.
        context: what was judged for; None if nobody says it.
        trust: the roots that count as trusted.
        stores: whose certificate stores were used, in words.
        suppressions: what somebody has accepted.
        suppressed_in: the file that says so, in words.
        gate: what fails the audit.
        not_read: files in audited folders that were passed over.
        changes: what has changed since an earlier audit; None if not compared.
        compared_with: that audit, in words.
        groups: what was judged for what, if not all for the same.
        seconds: how long it took; None if nobody says it.
    """

    asked: tuple[str, ...] = ()
    context: Context | None = None
    trust: Trust | None = field(default=None, repr=False)
    stores: str = ""
    suppressions: Suppressions | None = None
    suppressed_in: str = ""
    gate: Gate = USUAL
    not_read: tuple[Path, ...] = ()
    changes: tuple[Changed, ...] | None = None
    compared_with: str = ""
    groups: tuple[tuple[str, Context], ...] = ()
    seconds: float | None = None

    def head(self, results: Sequence[Audited]) -> list[Line]:
        """Return what stands at the head of a report."""
        return [
            ("Result", sums(results)),
            ("Audited", "; ".join(self.asked) or "not said"),
            *self._judged_for(),
            ("Roots", self._roots()),
            ("Revocation", self._looked_up() or "not looked up"),
            ("Stores", self.stores or "none"),
            ("Fails from", self._gate()),
            *self._accepted(),
            (
                "certlib",
                f"{version('certlib')}, {len(RULES)} rules ({rules_version()})",
            ),
        ]

    def end(self, results: Sequence[Audited]) -> list[Line]:
        """Return what stands at the end of a report: what nobody looked at."""
        unread = [
            (
                "Not read",
                f"{one.place}: {'; '.join(p.reason for p in one.summary.problems)}",
            )
            for one in results
            if one.summary.kind is Kind.UNREADABLE
        ]
        passed_over = [
            ("Not read", f"{path}: its ending is none of a certificate's")
            for path in self.not_read
        ]
        left = NOT_LOOKED_AT if self._looked_up() else (NO_REVOCATION, *NOT_LOOKED_AT)
        return [*unread, *passed_over, *(("Not looked at", text) for text in left)]

    def _judged_for(self) -> Iterable[Line]:
        if self.context is None:
            return [("Judged for", "not said")]
        at = clock.minute(self.context.at)
        moment = [("Judged for", at), ("Time zone", "UTC, of all days and times")]
        if not self.groups:
            return [*moment, *_purpose(self.context)]
        for asked, context in self.groups:
            moment += [("Of these", asked), *_purpose(context)]
        return moment

    def _roots(self) -> str:
        if self.trust is None:
            return "not said"
        owners = [who for each in self.trust.owners.values() for who in each]
        counted = Counter(owners)
        said = [f"{counted[who]} of {who}" for who in (PUBLIC, MACHINE) if counted[who]]
        given = [
            summaries.of_certificate(root).subject
            for root, who in self.trust.owners.items()
            if GIVEN in who
        ]
        return "; ".join([*said, *(f"given: {subject}" for subject in given)])

    def _looked_up(self) -> str:
        """Return where revocation was looked up, or an empty text."""
        if self.trust is None:
            return ""
        lookup = self.trust.revocation
        given = [
            count(len(lookup.lists), "issuer's given list", "issuers' given lists")
        ]
        online = ["where each certificate says"] * (lookup.network is not None)
        return "; ".join([*given * bool(lookup.lists), *online])

    def _gate(self) -> str:
        least = self.gate.at_least
        more = "" if least is None else f"; fewer than {least} certificates found"
        return f"{self.gate.fail_on or 'no finding'}{more}"

    def _accepted(self) -> Iterable[Line]:
        if self.suppressions is None:
            return [("Accepted", "nothing")]
        at = self.context.at if self.context else None
        entries = self.suppressions.entries
        ended = [one for one in entries if at is not None and one.until < at.date()]
        valid = [one for one in entries if one not in ended]
        return [
            (
                "Accepted",
                f"{count(len(valid), 'entry', 'entries')} of {self.suppressed_in}",
            ),
            *(("Accepted", one.said) for one in valid),
            *(("Accepted no longer", one.said) for one in ended),
        ]


def _purpose(context: Context) -> list[Line]:
    """Return what is judged for, but for the moment."""
    return [
        ("Product", context.product.name if context.product else "none named"),
        ("Environment", str(context.environment)),
        ("Approach", str(context.approach or "as the chain of each says")),
        ("Name asked for", context.server_name or "that of each server's address"),
        ("Mentioned before its end", _within(context.expiring_within)),
    ]


def _within(within: timedelta | float | None) -> str:
    if isinstance(within, timedelta):
        if within.seconds:
            return count(round(within / timedelta(hours=1)), "hour")
        return count(within.days, "day")
    if within is not None:
        return f"{within:.0%} of its lifetime"
    return f"{MENTIONED.days} days, or the last third of a shorter life"


@cache
def rules_version() -> str:
    """Return what tells one catalogue of rules from another."""
    told = "\n".join(
        f"{rule.id} {rule.severity} {rule.text}" for rule in RULES.values()
    )
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def count(number: int, noun: str, several: str = "") -> str:
    """Return a number of things in words: ``1 certificate``, ``2 certificates``."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


_NOUNS = {
    Kind.CERTIFICATE: ("certificate", ""),
    Kind.REQUEST: ("signing request", ""),
    Kind.PRIVATE_KEY: ("private key", ""),
    Kind.UNREADABLE: ("thing that was not read", "things that were not read"),
}


def status(one: Audited) -> str:
    """Return the severity of the worst finding, or that there is none."""
    return str(one.worst or (ACCEPTED if one.suppressed else FINE))


def tiles(results: Iterable[Audited]) -> dict[str, int]:
    """Return how many there are of each status, the worst first."""
    counts = dict.fromkeys((*map(str, Severity), ACCEPTED, FINE), 0)
    for one in results:
        counts[status(one)] += 1
    return counts


def sums(results: Sequence[Audited]) -> str:
    """Return how many things were found and what they are like; it adds up."""
    kinds = Counter(one.summary.kind for one in results)
    things = [
        count(kinds[kind], *noun)
        for kind, noun in _NOUNS.items()
        if kinds[kind] or kind is Kind.CERTIFICATE
    ]
    found = tiles(results)
    unjudged = sum(
        status(one) == FINE
        and one.summary.kind is Kind.CERTIFICATE
        and one.summary.surroundings.trusted is None
        for one in results
    )
    accepted = sum(len(one.suppressed) for one in results)
    parts = [
        f"{found[Severity.ERROR]:,} with errors",
        f"{found[Severity.WARNING]:,} with warnings",
        f"{found[Severity.NOTICE]:,} with notices",
        *(
            [f"{found[ACCEPTED]:,} with nothing but accepted findings"]
            * bool(found[ACCEPTED])
        ),
        f"{found[FINE]:,} fine"
        + (f" (of {unjudged:,} the path to a root was not judged)" if unjudged else ""),
    ]
    more = f"; {count(accepted, 'finding')} accepted" if accepted else ""
    return f"{', '.join(things)}: {', '.join(parts)}{more}"
