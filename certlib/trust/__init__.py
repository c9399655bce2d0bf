"""Trust: at which roots may a chain end, and what does it look like from here?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from certlib import clock, summaries
from certlib.summaries import Summary, Surroundings
from certlib.trust import chains

Anchors = Collection[x509.Certificate] | None
"""The trust anchors that count as public; Mozilla's roots when None."""


@dataclass(frozen=True)
class Trust:
    """Which roots are trusted, and which issuers are known.

    Attributes:
        public: the public roots, by subject.
        own: the roots that this machine trusts, by subject.
        issuers: roots and intermediate certificates of this machine, by subject.
    """

    public: chains.BySubject = field(repr=False)
    own: chains.BySubject = field(repr=False)
    issuers: chains.BySubject = field(default_factory=dict, repr=False)

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
        issuers = tuple(
            summaries.of_certificate(one)
            for one in (path[1:] if path[1:] or public is None else (public,))
        )
        return Surroundings(
            chain_complete=complete,
            root_known=known,
            issuer_ends=tuple(
                (one.subject, one.not_after)
                for one in issuers
                if one.not_after is not None
            ),
            issuer_faults=tuple(_unfit(issuers)),
            signature_valid=valid,
        ), public is not None


def faults(path: tuple[x509.Certificate, ...], at: datetime) -> tuple[str, ...]:
    """Return why a leaf's issuers do not stand behind it; empty is fine.

    Each has to be valid, a CA, allowed to sign certificates, and to have no
    more CAs below it than it says (RFC 5280 sections 6.1.3 and 6.1.4). The root
    is judged like the others, as clients do. The leaf itself is not judged;
    names and signatures are what `chains.order` looks at.

    Args:
        path: leaf and issuers in order, the nearest first.
        at: the moment, with a time zone.
    """
    issuers = tuple(map(summaries.of_certificate, path[1:]))
    ended = (text for one in issuers for text in _out_of_time(one, at))
    return (*ended, *_unfit(issuers))


def _out_of_time(issuer: Summary, at: datetime) -> Iterator[str]:
    if issuer.not_after is not None and issuer.not_after < at:
        yield f"{issuer.subject} has expired on {clock.minute(issuer.not_after)}"
    if issuer.not_before is not None and at < issuer.not_before:
        yield f"{issuer.subject} is not valid before {issuer.not_before:%Y-%m-%d} UTC"


def _unfit(issuers: tuple[Summary, ...]) -> Iterator[str]:
    """Yield why issuers, the nearest first, may not have issued, at any time."""
    below = 0  # CAs between the issuer and the leaf, without those self-issued
    for issuer in issuers:
        # A root of version 1 is older than the extensions.
        if not issuer.is_ca and not (issuer.version == 1 and issuer.self_signed):
            yield f"{issuer.subject} is no certification authority (CA:TRUE)"
        if issuer.key_usage is not None and "keyCertSign" not in issuer.key_usage:
            yield f"{issuer.subject} may not sign certificates (keyCertSign)"
        if issuer.path_length is not None and below > issuer.path_length:
            yield (
                f"{issuer.subject} allows {issuer.path_length} CAs below it, and "
                f"there are {below} (pathLenConstraint)"
            )
        below += issuer.subject != issuer.issuer
