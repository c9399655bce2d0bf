"""Specs: what a server certificate shall say, before anybody signs it.

The same `CertificateSpec` becomes a self-signed certificate (`creating`) or
a signing request (`requesting`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from certlib import clock, names
from certlib.errors import InputError
from certlib.keys import KeyKind, PublicKey
from certlib.parsers import attempt

MAX_VALIDITY = timedelta(days=36525)
"""A hundred years. Beyond the year 9999 no certificate has a date at all."""


@dataclass(frozen=True)
class CertificateSpec:
    """A server certificate that is wanted.

    Attributes:
        server_names: DNS names and IP addresses of the server, the DNS name
            under which the service is reached first. Stored canonically and
            each once.
        key_kind: of a key that is made for it.
        validity: how long it shall hold; a CA may decide otherwise.
        friendly_name: what Windows' lists shall call it.

    Raises:
        InputError: a name is not one, there is no DNS name, the first is too
            long for a common name, the validity is less than a day or more than
            `MAX_VALIDITY`, or the friendly name cannot be shown.
    """

    server_names: tuple[str, ...]
    key_kind: KeyKind = KeyKind.RSA_3072
    validity: timedelta = field(default=timedelta(days=365))
    friendly_name: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.server_names, str):
            raise InputError(
                "the server names are one text",
                fix=f"give a tuple: ({self.server_names!r},)",
            )
        object.__setattr__(self, "server_names", names.server_names(self.server_names))
        if all(names.is_ip_address(name) for name in self.server_names):
            raise InputError(
                "no DNS name was given for the server",
                fix="give the DNS name of the server on which the Windows service "
                "runs; addresses may follow it",
            )
        if self.validity < timedelta(days=1):
            raise InputError(
                f"the validity is {clock.length(self.validity)}, less than a day",
                fix="give a number of days, 365 for example",
            )
        if self.validity > MAX_VALIDITY:
            raise InputError(
                f"the validity is {self.validity.days} days, more than a hundred years",
                fix="give a number of days, 365 for example",
            )
        if not self.friendly_name.isprintable():
            raise InputError(
                f"the friendly name {self.friendly_name!a} has characters that cannot "
                "be shown",
                fix="give letters, digits and signs in one line",
            )
        names.common_name(self.common_name)

    @property
    def common_name(self) -> str:
        """The first DNS name. The documented requirement wants it in CN and SAN."""
        return next(n for n in self.server_names if not names.is_ip_address(n))

    @property
    def subject(self) -> x509.Name:
        """The subject: the common name alone."""
        return names.common_name(self.common_name)


def extensions(
    spec: CertificateSpec, public_key: PublicKey
) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """Return the extensions of a TLS server certificate, each with 'critical'.

    All names in the SubjectAlternativeName (RFC 5280 section 4.2.1.6), not a
    CA (4.2.1.9), server authentication (4.2.1.12), and a key usage that fits
    the kind of key (4.2.1.3): RSA keys may also be used to encrypt the session
    key, as old clients ask for.
    """
    san = x509.SubjectAlternativeName(map(names.general_name, spec.server_names))
    return (
        (san, False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (key_usage(key_encipherment=isinstance(public_key, rsa.RSAPublicKey)), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
    )


def requested_names(request: x509.CertificateSigningRequest) -> tuple[str, ...]:
    """Return the names that a request asks for.

    Raises:
        InputError: there is none, or one that no server has.
    """
    with attempt() as reading:
        san = request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    if isinstance(reading.error, x509.ExtensionNotFound):
        raise InputError(
            "the request names no server in a SubjectAlternativeName",
            fix="make the request from a `CertificateSpec`",
        )
    if reading.failed:
        raise InputError(
            f"the names in the request cannot be read: {reading.reason}",
            fix="make the request from a `CertificateSpec`",
        )
    found = [
        str(name.value)
        for name in san.value
        if isinstance(name, x509.DNSName | x509.IPAddress)
    ]
    return CertificateSpec(tuple(found)).server_names


def key_usage(
    *,
    digital_signature: bool = True,
    key_encipherment: bool = False,
    certificate_signing: bool = False,
) -> x509.KeyUsage:
    """Return a KeyUsage; a CA's key also signs its revocation lists."""
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificate_signing,
        crl_sign=certificate_signing,
        encipher_only=False,
        decipher_only=False,
    )
