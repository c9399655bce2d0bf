"""Profiles: what the certificates of the practice CA say.

Nobody shall mistake it for a real one, and it can do no harm if somebody
does: its name says so, it lives for weeks, it releases server certificates
only, and its critical name constraints (RFC 5280 section 4.2.1.10) hold it to
names that are set aside for examples and tests (RFC 2606, RFC 5737).
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certlib import keys, names, signing
from certlib.errors import IssuerError
from certlib.keys import PrivateKey
from certlib.parsers import UNREADABLE, panics_as_errors
from certlib.specs import CertificateSpec, extensions, key_usage, requested_names

DOMAINS = ("example.com", "example.net", "example.org", "example", "test")
"""Names that may be released, with all below them (RFC 2606)."""

NETWORKS = (
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "2001:db8::/32",
    "127.0.0.0/8",
    "::1/128",
)
"""Addresses that may be released (RFC 5737, RFC 3849), and the loopback ones."""

ORGANIZATION = "certlib practice - not for production"

ROOT_VALIDITY = timedelta(days=90)
ISSUING_VALIDITY = timedelta(days=75)
LEAF_VALIDITY = timedelta(days=45)
CRL_VALIDITY = timedelta(days=7)


def root(key: PrivateKey, start: datetime) -> x509.Certificate:
    """Return a practice root, signed by itself."""
    subject = _subject("root")
    builder = _authority(subject, subject, key, start, ROOT_VALIDITY, path_length=1)
    return signing.sign_certificate(builder, key)


def issuing(
    key: PrivateKey, issuer: x509.Certificate, issuer_key: PrivateKey, start: datetime
) -> x509.Certificate:
    """Return a practice issuing CA, signed by the root."""
    builder = _authority(
        _subject("issuing"), issuer.subject, key, start, ISSUING_VALIDITY, path_length=0
    ).add_extension(_authority_key(issuer), critical=False)
    return signing.sign_certificate(builder, issuer_key)


def server(
    request: x509.CertificateSigningRequest,
    issuer: x509.Certificate,
    issuer_key: PrivateKey,
    start: datetime,
) -> x509.Certificate:
    """Return the certificate that a request asks for.

    As with the template of a real CA the names are the request's, and all
    the rest is the CA's.

    Raises:
        IssuerError: the issuing CA has expired.
    """
    end = min(signing.last_second(start, LEAF_VALIDITY), issuer.not_valid_after_utc)
    if end <= start:
        raise IssuerError(
            f"the practice CA ended on {end:%Y-%m-%d}",
            fix="found a new one in another folder",
        )
    spec = CertificateSpec(requested_names(request))
    public = request.public_key()
    seed = request.tbs_certrequest_bytes + start.isoformat().encode()
    number = _serial_number(issuer_key, seed)
    builder = signing.begun(spec.subject, issuer.subject, public, number, start, end)
    builder = builder.add_extension(_authority_key(issuer), critical=False)
    for extension, critical in extensions(spec, public):
        builder = builder.add_extension(extension, critical=critical)
    return signing.sign_certificate(builder, issuer_key)


def revocation_list(
    issuer: x509.Certificate,
    issuer_key: PrivateKey,
    revoked: Mapping[int, datetime],
    at: datetime,
) -> x509.CertificateRevocationList:
    """Return the list of revoked serial numbers (RFC 5280 section 5)."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(at)
        .next_update(at + CRL_VALIDITY)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        .add_extension(_authority_key(issuer), critical=False)
    )
    for serial, moment in revoked.items():
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder(serial, moment).build()
        )
    return signing.sign_revocation_list(builder, issuer_key)


def is_for_practice(name: str) -> bool:
    """Tell whether a canonical server name is one that may be released."""
    if (address := names.ip_address(name)) is not None:
        return any(address in ipaddress.ip_network(network) for network in NETWORKS)
    return any(name == d or name.endswith(f".{d}") for d in DOMAINS)


def is_harmless(name: str) -> bool:
    """Tell whether a practice key may stand beside a name.

    In a request it may beside names for practice and such as every network may
    have: no public CA releases a certificate for them.
    """
    return is_for_practice(name) or names.is_internal(name)


def _subject(which: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"certlib practice {which} CA"),
        ]
    )


def _authority(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    start: datetime,
    validity: timedelta,
    *,
    path_length: int,
) -> x509.CertificateBuilder:
    public = key.public_key()
    ski = x509.SubjectKeyIdentifier.from_public_key(public)
    constraints = x509.BasicConstraints(ca=True, path_length=path_length)
    server_auth = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    number = _serial_number(key, keys.spki(public) + start.isoformat().encode())
    end = signing.last_second(start, validity)
    return (
        signing.begun(subject, issuer, public, number, start, end)
        .add_extension(constraints, critical=True)
        .add_extension(key_usage(certificate_signing=True), critical=True)
        .add_extension(_name_constraints(), critical=True)
        .add_extension(server_auth, critical=False)
        .add_extension(ski, critical=False)
    )


def _name_constraints() -> x509.NameConstraints:
    domains = [x509.DNSName(domain) for domain in DOMAINS]
    networks = [x509.IPAddress(ipaddress.ip_network(n)) for n in NETWORKS]
    return x509.NameConstraints([*domains, *networks], None)


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    # The issuer's own identifier, as its issuer wrote it (RFC 5280 4.2.1.1).
    try:
        with panics_as_errors():
            ski = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except (x509.ExtensionNotFound, *UNREADABLE):
        raise IssuerError(
            "the certificate of the practice CA has no SubjectKeyIdentifier that can "
            "be read, so it is not the one that was founded",
            fix="bring issuing.cer back, or found a new one in another folder",
        ) from None
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ski.value)


def _serial_number(key: PrivateKey, seed: bytes) -> int:
    """Return a random number; under a practice key one that depends on the seed."""
    if not keys.is_practice_key(key.public_key()):
        return signing.random_serial_number()
    bits = 8 * signing.SERIAL_NUMBER_BYTES - 2
    digest = hashlib.sha256(seed).digest()
    return int.from_bytes(digest) % (1 << bits) | 1 << bits
