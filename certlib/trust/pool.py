"""Pool: a certificate judged over all paths to the trust anchors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from cryptography import x509

from certlib.trust import constraints, judging, policies
from certlib.trust.answers import Answer
from certlib.trust.credentials import Credential
from certlib.trust.extensions import Extensions
from certlib.trust.faults import Fault, Standing, standing
from certlib.trust.paths import (
    MAX_CHECKS,
    Budget,
    End,
    Index,
    Route,
    Search,
    Steps,
    credentials,
    dead_end,
)
from certlib.trust.revocation import Ask
from certlib.trust.signatures import Link, SignatureCache

MAX_REMEMBERED = 10_000
"""Issuers whose ways upwards are remembered."""


@dataclass(frozen=True)
class Verdict:
    """Whether clients trust a certificate, and why.

    Args:
        standing: yes, no or not judged; it follows from the faults.
        path: the certificates, the leaf first, the trust anchor last if one
            is reached.
        faults: what is wrong or cannot be checked on this path.
        anchor: the trust anchor that is reached, or None.
        alternatives: whether there is another path, and it fails, so that
            clients that try only one may refuse.
        revocation: what is known of each certificate's revocation; empty if nobody
            looked.
    """

    standing: Standing
    path: tuple[x509.Certificate, ...]
    faults: tuple[Fault, ...]
    anchor: x509.Certificate | None
    alternatives: bool = False
    revocation: tuple[Answer, ...] = ()


def judge(
    leaf: x509.Certificate,
    candidates: Iterable[x509.Certificate],
    anchors: Iterable[x509.Certificate],
    *,
    at: datetime,
    cache: SignatureCache | None = None,
    server: bool = True,
) -> Verdict:
    """Return whether clients trust a certificate; for many, use a `Pool`.

    Args:
        leaf: the certificate in question.
        candidates: what was sent along and what stores hold, in any order.
        anchors: what the clients trust.
        at: the moment to judge, with a time zone.
        cache: signatures that were looked at before.
        server: whether it has to be good for a TLS server.
    """
    return Pool(candidates, anchors, cache=cache).judge(leaf, at=at, server=server)


@dataclass(frozen=True)
class _Way:
    """A judged route from an issuer upwards."""

    route: Route
    faults: tuple[Fault, ...]
    limits: tuple[Extensions, ...]


@dataclass(frozen=True)
class _Ways:
    """All ways from an issuer upwards, and what it took to find them."""

    ways: tuple[_Way, ...]
    checks: int
    exceeded: bool


class _Found(NamedTuple):
    """A path from the leaf with its faults."""

    path: tuple[Credential, ...]
    faults: tuple[Fault, ...]
    end: End | None = None
    answers: tuple[Answer, ...] = ()

    def asked(self, ask: Ask) -> _Found:
        """Return it with what is known of the revocation of its certificates."""
        answers = ask(self.path, self.end is None)
        revoked = tuple(one.fault for one in answers if one.fault is not None)
        return self._replace(faults=(*self.faults, *revoked), answers=answers)


class Pool:
    """Issuers and trust anchors, to judge many certificates over.

    Args:
        candidates: certificates of issuers, in any order.
        anchors: what the clients trust.
        cache: signatures that were looked at before.
    """

    def __init__(
        self,
        candidates: Iterable[x509.Certificate],
        anchors: Iterable[x509.Certificate],
        *,
        cache: SignatureCache | None = None,
    ) -> None:
        self._index = Index.of(credentials(candidates), credentials(anchors))
        self._signatures = SignatureCache() if cache is None else cache
        self._ways: dict[tuple[bytes, datetime, bool], _Ways] = {}

    def including(self, sent: Iterable[x509.Certificate]) -> Pool:
        """Return a pool that has other certificates too; itself if it has all."""
        new = [c for c in credentials(sent) if c.digest not in self._index.known]
        if not new:
            return self
        known, anchors = self._index.known, self._index.anchors
        pool = Pool((), (), cache=self._signatures)
        pool._index = Index.of(
            [*known.values(), *new], [known[digest] for digest in anchors]
        )
        return pool

    def judge(
        self,
        leaf: x509.Certificate,
        *,
        at: datetime,
        server: bool = True,
        revocation: Ask | None = None,
    ) -> Verdict:
        """Return whether clients trust a certificate; `revocation` is asked, too."""
        bottom = Credential(leaf)
        own = judging.leaf(bottom, at=at, server=server)
        budget = Budget()
        best: _Found | None = None
        failing = False
        for found in self._found(bottom, budget, at=at, server=server):
            if best is not None and not best.faults:
                failing |= _misleads(found)  # clients may try it first
                continue
            if revocation is not None and not found.faults:
                found = found.asked(revocation)
            if best is None or _rank(found) < _rank(best):
                best = found
            failing |= bool(found.faults)
        assert best is not None  # noqa: S101 # without a way there is a dead end
        if revocation is not None and not best.answers:
            best = best.asked(revocation)
        if best.faults and budget.exceeded:
            detail = f"more than {MAX_CHECKS} steps would be needed to try all paths"
            too_much = Fault("chain-too-complex", 0, detail, wrong=False)
            best = best._replace(faults=(too_much,))
        return _verdict(best, own, alternatives=not best.faults and failing)

    def _found(
        self, leaf: Credential, budget: Budget, *, at: datetime, server: bool
    ) -> Iterator[_Found]:
        if leaf.digest in self._index.anchors:
            yield _Found((leaf,), ())
            return
        search, steps = Search(self._index, self._signatures, at), Steps()
        signed = tuple(judging.signature(leaf, 0))
        for issuer, link in search.steps(leaf, budget, steps):
            if issuer.is_same_authority(leaf):
                steps.circle = True
                continue
            below = (*signed, *judging.identifiers(leaf, issuer, 0))
            if link is not Link.CONFIRMED:
                below = (*below, judging.not_checked(leaf, 0))
            ways = self._upwards(issuer, search, server=server)
            budget.spend(checks=ways.checks, paths=len(ways.ways))
            budget.exceeded |= ways.exceeded
            for found in _joined(leaf, below, ways.ways):
                steps.taken = True
                yield found
            steps.circle |= not steps.taken  # all ways lead back to the leaf
        if not steps.taken:
            end = dead_end((leaf,), (), steps)
            yield _Found((leaf,), (_end_fault(end, 0), *signed), end.end)

    def _upwards(self, issuer: Credential, search: Search, *, server: bool) -> _Ways:
        key = issuer.digest, search.at, server
        if (known := self._ways.get(key)) is None:
            budget = Budget()
            routes = search.routes(issuer, budget)
            ways = tuple(_judged(r, at=search.at, server=server) for r in routes)
            spent = MAX_CHECKS - budget.checks
            if len(self._ways) >= MAX_REMEMBERED:
                self._ways.clear()
            known = self._ways[key] = _Ways(ways, spent, budget.exceeded)
        return known


def _judged(route: Route, *, at: datetime, server: bool) -> _Way:
    faults = judging.issuers(route, at=at, server=server)
    if route.end is not None:
        faults = (_end_fault(route, 1), *faults)
    return _Way(route, faults, judging.limiting(route.certificates))


def _joined(
    leaf: Credential, below: tuple[Fault, ...], ways: Iterable[_Way]
) -> Iterator[_Found]:
    checked: dict[tuple[int, ...], tuple[Fault, ...]] = {}
    for way in ways:
        chain = way.route.certificates
        if any(one.is_same_authority(leaf) for one in chain):
            continue
        key = tuple(id(limit) for limit in way.limits)
        if key not in checked:
            checked[key] = tuple(constraints.faults(leaf, way.limits, 0))
        faults = (*below, *way.faults, *checked[key])
        if way.route.end is None:
            faults = (*faults, *policies.faults((leaf, *chain)))
        yield _Found((leaf, *chain), faults, way.route.end)


def _end_fault(route: Route, lowest: int) -> Fault:
    assert route.end is not None  # noqa: S101
    last = route.certificates[-1]
    detail = _DEAD_ENDS[route.end].format(last)
    return Fault(route.end.value, lowest + len(route.certificates) - 1, detail)


_DEAD_ENDS = {
    End.FORGED: "the key of {0.issuer_text} does not confirm its signature",
    End.UNKNOWN_ROOT: "{0.subject_text} is its own issuer and not trusted",
    End.OTHER_ISSUER: "the certificates of {0.issuer_text} that are there "
    "have another key, or it was changed after it was signed",
    End.NO_ISSUER: "the certificate of its issuer, {0.issuer_text}, was not found",
}


_ENDS = [None, *End]


def _rank(found: _Found) -> tuple[int, int, int]:
    """Return how bad a path is: first where it ends, then its faults."""
    wrong = sum(fault.wrong for fault in found.faults)
    return _ENDS.index(found.end), wrong, len(found.faults)


def _misleads(found: _Found) -> bool:
    """Tell whether clients may take a path that fails, when a good one is there.

    They pass over what is not valid now.
    """
    return bool({fault.rule for fault in found.faults} - _DATES)


_DATES = frozenset(["issuer-expired", "issuer-not-yet-valid"])


def _verdict(found: _Found, own: tuple[Fault, ...], *, alternatives: bool) -> Verdict:
    faults = tuple(dict.fromkeys((*own, *found.faults)))
    reached = found.end is None and not any(
        fault.rule == "chain-too-complex" and fault.depth == 0 for fault in faults
    )
    path = tuple(one.certificate for one in found.path)
    anchor = path[-1] if reached else None
    of_each = found.answers
    return Verdict(standing(faults), path, faults, anchor, alternatives, of_each)
