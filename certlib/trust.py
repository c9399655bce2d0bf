"""Trust: at which roots may a chain end, and what does it look like from here?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from certlib import chains, stores, summaries
from certlib.stores import Machine
from certlib.summaries import Surroundings

Anchors = Collection[x509.Certificate] | None
"""The trust anchors that count as public; Mozilla's roots when None."""


@dataclass(frozen=True)
class Trust:
    """Which roots are trusted, and which issuers are known.

    Attributes:
        public: the public roots, by subject.
        own: the roots that this machine trusts, by subject.
        issuers: roots and intermediate certificates of this machine.
    """

    public: chains.BySubject = field(repr=False)
    own: chains.BySubject = field(repr=False)
    issuers: tuple[x509.Certificate, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, machine: Machine | None, anchors: Anchors) -> Trust:
        """Return the trust of a machine and of the public.

        Raises:
            StoreError: a store of the machine cannot be read.
        """
        public = chains.public_anchors() if anchors is None else anchors
        if machine is None:
            return cls(chains.by_subject(public), {})
        roots, between = (
            tuple(entry.certificate for entry in machine.open(address))
            for address in (stores.TRUSTED_ROOT, stores.INTERMEDIATE)
        )
        return cls(
            chains.by_subject(public), chains.by_subject(roots), (*between, *roots)
        )

    def judge(self, path: tuple[x509.Certificate, ...]) -> tuple[Surroundings, bool]:
        """Return what a chain looks like from here, and whether it is public.

        Args:
            path: leaf and issuers in order, the nearest first.
        """
        public = chains.anchor_of(path, self.public)
        own = chains.anchor_of(path, self.own)
        leaf, top = path[0], path[-1]
        valid = chains.signature_valid(leaf, leaf)  # None where another signed it
        known = public is not None or own is not None
        complete = known or chains.is_self_signed(top)
        issuers = path[1:] if path[1:] or public is None else (public,)
        return Surroundings(
            chain_complete=complete,
            root_known=known,
            issuer_ends=tuple(end for one in issuers for end in _end(one)),
            signature_valid=valid,
        ), public is not None


def _end(issuer: x509.Certificate) -> Iterator[tuple[str, datetime]]:
    summary = summaries.of_certificate(issuer)
    if summary.not_after is not None:
        yield summary.subject, summary.not_after
