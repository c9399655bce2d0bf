"""Roots: where a chain may end, and what it looks like from here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from cryptography import x509

from certlib import summaries
from certlib.summaries import Summary, Surroundings
from certlib.trust import Pool, chains

Anchors = Collection[x509.Certificate] | None
"""The trust anchors that count as public; Mozilla's roots when None."""


@dataclass(frozen=True)
class Trust:
    """Which roots are trusted, and which issuers are known.

    Attributes:
        public: the public roots, by subject.
        own: the roots that this machine trusts, by subject.
        issuers: roots and intermediate certificates of this machine, by subject.
        pool: judges paths to all these roots.
    """

    public: chains.BySubject = field(repr=False)
    own: chains.BySubject = field(repr=False)
    issuers: chains.BySubject = field(default_factory=dict, repr=False)
    pool: Pool = field(default_factory=lambda: Pool((), ()), repr=False)

    @classmethod
    def of(
        cls,
        anchors: Anchors,
        roots: Collection[x509.Certificate] = (),
        intermediates: Collection[x509.Certificate] = (),
    ) -> Trust:
        """Return the trust in public anchors, and in a machine's certificates.

        Args:
            anchors: the public trust anchors.
            roots: those that the machine trusts.
            intermediates: issuers that it knows.
        """
        return cls(
            chains.anchors_by_subject(anchors),
            chains.by_subject(roots),
            chains.by_subject((*intermediates, *roots)),
            _pool(anchors, roots, intermediates),
        )

    def judge(self, path: tuple[x509.Certificate, ...]) -> tuple[Surroundings, bool]:
        """Return what a chain looks like from here, and whether it is public.

        Args:
            path: leaf and issuers in order, the nearest first.
        """
        public = chains.anchor_of(path, self.public)
        own = chains.anchor_of(path, self.own)
        top = path[-1]
        known = public is not None or own is not None
        complete = known or chains.is_self_signed(top)
        issuers = tuple(
            summaries.of_certificate(one)
            for one in (path[1:] if path[1:] or public is None else (public,))
        )
        return Surroundings(
            chain_complete=complete,
            root_known=known,
            issuer_ends=ends(issuers),
        ), public is not None


def ends(issuers: Iterable[Summary]) -> tuple[tuple[str, datetime], ...]:
    """Return the subjects of issuers and their ends, in their order."""
    return tuple(
        (one.subject, one.not_after) for one in issuers if one.not_after is not None
    )


def _pool(
    anchors: Anchors,
    roots: Iterable[x509.Certificate],
    intermediates: Iterable[x509.Certificate],
) -> Pool:
    roots, intermediates = tuple(roots), tuple(intermediates)
    if anchors is not None:
        return Pool(intermediates, (*roots, *anchors))
    if roots or intermediates:
        return Pool(intermediates, (*roots, *chains.public_anchors()))
    return _public_pool()


@cache
def _public_pool() -> Pool:
    return Pool((), chains.public_anchors())
