"""Signing: what every certificate and request that is made here shares."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from certlib import keys
from certlib.errors import InputError
from certlib.keys import PrivateKey, PublicKey

SERIAL_NUMBER_BYTES = 16

BACKDATED = timedelta(minutes=10)
"""A certificate starts this much in the past, for clocks that are slow."""


def begun(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: PublicKey,
    serial_number: int,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    """Return what every certificate begins with, before its extensions."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(serial_number)
        .not_valid_before(start)
        .not_valid_after(end)
    )


def sign_certificate(
    builder: x509.CertificateBuilder, key: PrivateKey
) -> x509.Certificate:
    """Return the certificate, signed the same way each time."""
    return builder.sign(key, digest(key), **_deterministic(key))


def sign_request(
    builder: x509.CertificateSigningRequestBuilder, key: PrivateKey
) -> x509.CertificateSigningRequest:
    """Return the signing request, signed the same way each time."""
    return builder.sign(key, digest(key), **_deterministic(key))


def sign_revocation_list(
    builder: x509.CertificateRevocationListBuilder, key: PrivateKey
) -> x509.CertificateRevocationList:
    """Return the revocation list, signed the same way each time."""
    return builder.sign(key, digest(key), **_deterministic(key))


def digest(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384:
    """Return the digest that is as strong as the key."""
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    wide = keys.digest(is_rsa=is_rsa, bits=key.key_size) == "sha384"
    return hashes.SHA384() if wide else hashes.SHA256()


def random_serial_number() -> int:
    """Return a positive number of exactly 16 bytes (RFC 5280 section 4.1.2.2)."""
    # The second-highest bit is set for the length, the highest clear for the sign.
    bits = 8 * SERIAL_NUMBER_BYTES
    return secrets.randbits(bits - 2) | 1 << (bits - 2)


def last_second(start: datetime, validity: timedelta) -> datetime:
    """Return the end of a validity, itself still in it (RFC 5280 4.1.2.5).

    Raises:
        InputError: it would end after the year 9999.
    """
    try:
        return start + (validity - timedelta(seconds=1))
    except OverflowError:
        raise InputError(
            f"a validity of {validity.days:,} days ends after the year 9999",
            fix="give a number of days, 365 for example",
        ) from None


def _deterministic(key: PrivateKey) -> dict[str, Any]:
    # RSA PKCS #1 v1.5 is so by itself, ECDSA by RFC 6979 when asked.
    ecdsa = isinstance(key, ec.EllipticCurvePrivateKey)
    return {"ecdsa_deterministic": True} if ecdsa else {}


def prove(private_key: PrivateKey, public_key: object) -> None:
    """Sign a text with one key and check it with the other.

    Raises:
        InvalidSignature: the two are not a pair.
    """
    text = b"certlib: do these two keys belong together?"
    hash_ = digest(private_key)
    match private_key, public_key:
        case rsa.RSAPrivateKey(), rsa.RSAPublicKey():
            signature = private_key.sign(text, padding.PKCS1v15(), hash_)
            public_key.verify(signature, text, padding.PKCS1v15(), hash_)
        case ec.EllipticCurvePrivateKey(), ec.EllipticCurvePublicKey():
            signature = private_key.sign(text, ec.ECDSA(hash_))
            public_key.verify(signature, text, ec.ECDSA(hash_))
        case _:
            raise InvalidSignature
