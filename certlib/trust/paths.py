"""Paths: how a certificate may lead to a trust anchor.

Found depth first, and bounded: hostile sets of cross-signed certificates have
more paths than anybody can walk. Issuers are found by name; key identifiers
only order them. An anchor is an authority, that is a name and a key: another
certificate of it that was sent along is no obstacle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cryptography import x509

from certlib.trust.credentials import Credential
from certlib.trust.distinguished import Rdns
from certlib.trust.signatures import Link, SignatureCache

MAX_LENGTH = 12
MAX_CHECKS = 400
MAX_PATHS = 64
MAX_WRONG_KEYS = 64
"""Of one name; no authority has had more, and each costs a look at the signature."""


class End(StrEnum):
    """Why a route does not reach a trust anchor: the rule that is broken."""

    FORGED = "signature-invalid"
    UNKNOWN_ROOT = "root-unknown"
    OTHER_ISSUER = "issuer-other"
    NO_ISSUER = "chain-incomplete"


@dataclass(frozen=True)
class Route:
    """Certificates that lead upwards, the lowest first.

    Args:
        certificates: the last is a trust anchor if there is no `end`.
        links: how each but the last is signed by the next.
        end: why it stops without reaching an anchor.
    """

    certificates: tuple[Credential, ...]
    links: tuple[Link, ...] = ()
    end: End | None = None


@dataclass
class Budget:
    """What may still be spent on a search; `exceeded` once it was too little.

    A path that is too long exceeds it, too, but does not end the search.
    """

    checks: int = MAX_CHECKS
    paths: int = MAX_PATHS
    exceeded: bool = False

    def spend(self, *, checks: int = 0, paths: int = 0) -> bool:
        """Tell whether there was enough left."""
        self.checks -= checks
        self.paths -= paths
        enough = self.checks >= 0 and self.paths >= 0
        self.exceeded |= not enough
        return enough


@dataclass
class Index:
    """Certificates by name, in the order in which they are tried."""

    anchors: set[bytes] = field(default_factory=set)
    known: dict[bytes, Credential] = field(default_factory=dict)
    by_name: dict[Rdns, list[Credential]] = field(
        default_factory=lambda: defaultdict(list)
    )
    by_key_id: dict[tuple[Rdns, bytes], list[Credential]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @classmethod
    def of(
        cls, candidates: Iterable[Credential], anchors: Iterable[Credential]
    ) -> Index:
        """Return an index of certificates, each once."""
        index = cls()
        for anchor in anchors:
            index.anchors.add(anchor.digest)
            index.known[anchor.digest] = anchor
        for candidate in candidates:
            index.known.setdefault(candidate.digest, candidate)
        in_order = sorted(
            index.known.values(),
            key=lambda c: (c.digest not in index.anchors, -c.last_moment, c.digest),
        )
        for credential in in_order:
            index.by_name[credential.subject].append(credential)
            if (key_id := credential.extensions.key_id) is not None:
                index.by_key_id[credential.subject, key_id].append(credential)
        return index

    def issuers(self, certificate: Credential, at: datetime) -> Iterator[Credential]:
        """Yield those that bear the issuer's name, the likeliest first.

        Valid now comes first, then the right key identifier, then trust
        anchors, then the latest end.
        """
        name, key_id = certificate.issuer, certificate.extensions.issuer_key_id
        same = self.by_name.get(name, [])
        fitting = self.by_key_id.get((name, key_id), []) if key_id is not None else []
        for now in (True, False):
            for one in fitting:
                if one.is_valid_at(at) is now:
                    yield one
            for one in same:
                other = key_id is None or one.extensions.key_id != key_id
                if other and one.is_valid_at(at) is now:
                    yield one


@dataclass
class Search:
    """How routes are found: over which certificates, and when."""

    index: Index
    signatures: SignatureCache
    at: datetime

    def routes(self, start: Credential, budget: Budget) -> list[Route]:
        """Return the routes from a certificate upwards, within a budget."""
        return list(self._climb((start,), (), budget))

    def _climb(
        self, path: tuple[Credential, ...], links: tuple[Link, ...], budget: Budget
    ) -> Iterator[Route]:
        if path[-1].digest in self.index.anchors:
            if budget.spend(paths=1):
                yield Route(path, links)
            return
        steps = Steps()
        taken = {certificate.identity for certificate in path}
        for issuer, link in self.steps(path[-1], budget, steps):
            if issuer.identity in taken:
                steps.circle = True
            elif len(path) >= MAX_LENGTH - 1:  # the leaf stands below
                budget.exceeded = True
            else:
                steps.taken = True
                yield from self._climb((*path, issuer), (*links, link), budget)
        if not steps.taken and budget.spend(paths=1):
            yield dead_end(path, links, steps)

    def steps(
        self, certificate: Credential, budget: Budget, steps: Steps
    ) -> Iterator[tuple[Credential, Link]]:
        """Yield who may have issued a certificate; note in `steps` who did not."""
        if certificate.names_itself:  # if its own key made it, no other is tried
            self.signatures.link(certificate, certificate)
        for issuer in self.index.issuers(certificate, self.at):
            if not budget.spend(checks=1):
                return
            link = self.signatures.link(issuer, certificate)
            fits = _key_ids_fit(issuer, certificate)
            steps.wrong += link is Link.DENIED
            if steps.wrong > MAX_WRONG_KEYS and not self.signatures.settled(
                certificate
            ):
                budget.exceeded = True
                return
            if link is Link.CONFIRMED or (
                link is Link.NOT_CHECKED and fits is not False
            ):
                yield issuer, link
            elif link is Link.DENIED and fits and steps.forged is None:
                steps.forged = issuer
            else:
                steps.other = True
        if not steps.taken and not steps.circle and certificate.is_self_issued:
            own = self.signatures.link(certificate, certificate)
            steps.circle = own is Link.CONFIRMED
            if own is Link.DENIED and _means_itself(certificate):
                steps.forged = steps.forged or certificate
            steps.other |= own is Link.DENIED


@dataclass
class Steps:
    """What was found on the way up from one certificate."""

    taken: bool = False
    circle: bool = False
    other: bool = False
    wrong: int = 0
    forged: Credential | None = None


def dead_end(
    path: tuple[Credential, ...], links: tuple[Link, ...], steps: Steps
) -> Route:
    """Return a route that stops, with the reason."""
    if steps.circle:
        return Route(path, links, End.UNKNOWN_ROOT)
    if steps.forged is not None:
        return Route(path, links, End.FORGED)
    return Route(path, links, End.OTHER_ISSUER if steps.other else End.NO_ISSUER)


def _key_ids_fit(issuer: Credential, certificate: Credential) -> bool | None:
    """Tell whether key identifiers name the issuer; None if one is missing."""
    wanted = certificate.extensions.issuer_key_id
    given = issuer.extensions.key_id
    if wanted is None or given is None:
        return None
    return wanted == given


def _means_itself(certificate: Credential) -> bool:
    """Tell whether one that bears its issuer's name must be its own issuer.

    Only self-signed ones may leave the issuer's key identifier out (RFC 5280
    section 4.2.1.1); one without any identifier may be of another of that name.
    """
    says = certificate.extensions
    return says.key_id is not None and says.issuer_key_id in (None, says.key_id)


def credentials(certificates: Iterable[x509.Certificate]) -> list[Credential]:
    """Return certificates as the judge reads them."""
    return [Credential(certificate) for certificate in certificates]
