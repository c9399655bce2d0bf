"""Found: a certificate of an audit, or what should have been one, and its place."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from cryptography import x509

from certlib import summaries
from certlib.errors import CertlibError
from certlib.summaries import Summary
from certlib.trust.places import Placed
from certlib.trust.roots import Trust


class Found(NamedTuple):
    """A certificate, or something that should have been one, and its place.

    Attributes:
        place: where it was found, in words of its source.
        summary: what it says.
        certificates: it and its issuers in DER, for a closer look.
        leaf: the certificate itself, if it could be read.
        trust: judges by which path it is trusted, from what came with it.
        stapled: what a server brought along about its revocation (OCSP).
    """

    place: str
    summary: Summary
    certificates: tuple[bytes, ...] = ()
    leaf: x509.Certificate | None = None
    trust: Trust | None = None
    stapled: bytes = b""

    def __repr__(self) -> str:
        return f"<Found {self.place}>"

    @classmethod
    def not_opened(cls, place: str, error: CertlibError) -> Found:
        """Return a place that nobody could look into, and why."""
        return cls(place, summaries.not_opened(error))

    @classmethod
    def of(cls, place: str, placed: Placed, ders: tuple[bytes, ...]) -> Found:
        """Return a certificate that was placed by `certlib.trust.places`."""
        seen = placed.leaf, placed.trust, placed.stapled
        return cls(place, placed.summary, ders, *seen)

    def judged(self, at: datetime) -> Found:
        """Return it with what its path to a root is like at a moment."""
        if self.leaf is None or self.trust is None:
            return self
        placed = Placed(self.leaf, self.summary, self.trust, self.stapled)
        return self._replace(summary=placed.judged(at))
