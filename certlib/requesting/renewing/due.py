"""Due: when a certificate is to be renewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from cryptography import x509

from certlib import clock
from certlib.errors import InputError, IssuerError
from certlib.issuers import Issuer, RenewalTime
from certlib.parsers import attempt

FRACTION = 2 / 3
"""Of its lifetime, after which a certificate is renewed if its CA does not tell.

Let's Encrypt's recommendation: with a third of the lifetime left.
"""


@runtime_checkable
class TellsWhen(Protocol):
    """An issuer that says when to renew one of its certificates (RFC 9773)."""

    def renewal_time(self, certificate: x509.Certificate) -> RenewalTime:
        """Ask when to renew a certificate, or raise `IssuerError`."""


@dataclass(frozen=True)
class Due:
    """When a certificate is to be renewed.

    Attributes:
        at: the moment, in UTC.
        why: who says so.
        reached: whether it has come.
    """

    at: datetime
    why: str
    reached: bool

    def __str__(self) -> str:
        return f"{'due since' if self.reached else 'due on'} {self.when} ({self.why})"

    @property
    def when(self) -> str:
        """The moment as people read it."""
        return clock.minute(self.at)


def when(
    certificate: x509.Certificate,
    issuer: Issuer | None,
    *,
    at: datetime,
    fraction: float = FRACTION,
) -> Due:
    """Return when a certificate is to be renewed.

    Args:
        certificate: the one in use.
        issuer: who shall renew it; is asked if it tells (ARI).
        at: the moment, in UTC.
        fraction: of the lifetime, which counts where the issuer does not tell.

    Raises:
        InputError: the fraction is none.
    """
    if not 0 < fraction < 1:
        raise InputError(
            f"{fraction} is no part of a lifetime",
            fix="give a number between 0 and 1, for example 0.67",
        )
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    by_age = clock.moment(start + (end - start) * fraction)
    told = _told(certificate, issuer)
    if told is not None and told < end:  # an odd answer lets no certificate end
        return Due(told, "its certification authority says so", told <= at)
    return Due(by_age, f"{fraction:.0%} of its lifetime", by_age <= at)


def _told(certificate: x509.Certificate, issuer: Issuer | None) -> datetime | None:
    """Return what the CA says; nothing of a certificate that it does not know."""
    if not isinstance(issuer, TellsWhen):
        return None
    with attempt() as reading:
        certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    if reading.failed:
        return None
    try:
        return issuer.renewal_time(certificate).at
    except IssuerError:  # its age tells as well
        return None
