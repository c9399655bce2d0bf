"""Issuers: who signs a request.

An issuer never sees a private key. It is asked twice: `submit` hands the
request in and returns an `Order` at once, `collect` fetches the chain or says
that it has to wait. Between the two may lie seconds (ACME) or days (a person
at a certification authority), and a restart of the notebook.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography import x509

Chain = tuple[x509.Certificate, ...]
"""What an issuer answers: the server's certificate and its issuers."""


@dataclass(frozen=True)
class Order:
    """A request that has been handed in.

    Attributes:
        issuer: who has it, `Issuer.name`.
        reference: what the issuer calls it: a number, an URL, a file.
        request: the signing request itself.
    """

    issuer: str
    reference: str
    request: x509.CertificateSigningRequest


@dataclass(frozen=True)
class RenewalTime:
    """When to renew a certificate, if its CA tells (RFC 9773).

    Attributes:
        at: when to renew, in UTC; None if the CA does not tell.
        ask_again: when to ask again, in UTC.
    """

    at: datetime | None
    ask_again: datetime


class Issuer(Protocol):
    """A certification authority, or the way to one."""

    @property
    def name(self) -> str:
        """What to call it; the same after a restart."""

    def refuse(self, server_names: tuple[str, ...]) -> None:
        """Let names pass for which it can release a certificate, as far as it is known.

        Asked before a key and a request are made; nothing is ordered.

        Raises:
            InputError: it cannot.
            IssuerError: it says so itself, or did not answer.
        """

    def submit(self, request: x509.CertificateSigningRequest) -> Order:
        """Hand a request in.

        Raises:
            InputError: it asks for something that this issuer cannot release;
                nothing was sent.
            IssuerError: the issuer refused it or did not answer.
        """

    def collect(self, order: Order) -> Chain | None:
        """Return the certificates of an order, or None while it is pending.

        May be called as often as one likes, also after an error.

        Raises:
            IssuerError: the issuer refused it or did not answer.
        """
