"""Forge: certificates for tests, right ones and odd ones, in one line each.

    forge.leaf()                                  a right self-signed one
    forge.leaf(san=None, common_name="old")       no SubjectAlternativeName
    forge.leaf(not_after=AT - SECOND)             expired one second ago
    forge.leaf(issuer=forge.ca())                 released by a CA
    forge.chain()                                 leaf, issuing CA and root

Each is a `Bundle` with its private key; the certificate is its ``.leaf``.
Keys come from a pool and are made once in a process. Signatures are real.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certlib import clock, keys, names, specs
from certlib.bundles import Bundle
from certlib.keys import KeyKind

AT = clock.PRACTICE_TIME
"""The moment of every test that does not name another one."""

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

RIGHT: Any = object()
"""As it should be: for a value that may also be None, which leaves it out."""

_serial_numbers = itertools.count(0x1000)


def key(number: int = 0, kind: KeyKind | str = KeyKind.RSA_2048) -> Any:
    """Return a private key, the same for the same arguments.

    Args:
        number: tells keys of one kind apart.
        kind: a `KeyKind`, or ``RSA-1024``, ``Ed25519`` or ``Ed448`` for odd ones.
    """
    return _key(number, str(kind))


@cache
def _key(number: int, kind: str) -> Any:
    match kind:
        case "RSA-1024":
            return rsa.generate_private_key(65537, 1024)
        case "Ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case "Ed448":
            return ed448.Ed448PrivateKey.generate()
        case _:
            return keys.generate(KeyKind(kind))


def leaf(
    *,
    common_name: str | None = "server.example.com",
    subject: x509.Name | None = None,
    san: Iterable[str | x509.GeneralName] | None = ("server.example.com",),
    not_before: datetime = AT - DAY,
    not_after: datetime | None = None,
    validity: timedelta = 90 * DAY,
    serial_number: int | None = None,
    private_key: Any = None,
    issuer: Bundle | None = None,
    issuer_name: x509.Name | None = None,
    key_usage: x509.KeyUsage | None = RIGHT,
    eku: Iterable[x509.ObjectIdentifier] | None = (ExtendedKeyUsageOID.SERVER_AUTH,),
    is_ca: bool | None = False,
    path_length: int | None = None,
    subject_key_identifier: bool = True,
    extra: Iterable[tuple[x509.ExtensionType, bool]] = (),
    digest: Any = RIGHT,
    friendly_name: str = "",
) -> Bundle:
    """Return a certificate with its key and its issuers, right unless told otherwise.

    Args:
        common_name: None leaves the subject empty.
        subject: the whole subject instead.
        san: texts become DNS names or addresses, unchecked; None leaves it out.
        not_before: begin of the validity.
        not_after: its last second; begin plus `validity` when left out.
        validity: its length.
        serial_number: one that no other test certificate has, when left out.
        private_key: the first of the pool when left out, see `key`.
        issuer: the CA that signs it; itself when left out.
        issuer_name: what it says about its issuer, if that is to be a lie.
        key_usage: None leaves it out.
        eku: extended key usage; None leaves it out.
        is_ca: of the BasicConstraints; None leaves them out.
        path_length: of a CA.
        subject_key_identifier: whether it has one.
        extra: further extensions, each with 'critical'.
        digest: of the signature; the usual one of the key when left out.
        friendly_name: of the bundle.
    """
    own_key = private_key or key()
    public_key = own_key.public_key()
    name = subject if subject is not None else x500(CN=common_name)
    if issuer_name is None:
        issuer_name = name if issuer is None else issuer.leaf.subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer_name)
        .public_key(public_key)
        .serial_number(serial_number or next(_serial_numbers))
        .not_valid_before(not_before)
        .not_valid_after(not_after or not_before + validity)
    )
    if san is not None:
        extra = (*extra, (x509.SubjectAlternativeName(map(general_name, san)), False))
    if is_ca is not None:
        extra = (*extra, (x509.BasicConstraints(is_ca, path_length), True))
    if key_usage is RIGHT:
        key_usage = specs.key_usage(
            key_encipherment=isinstance(own_key, rsa.RSAPrivateKey)
        )
    if key_usage is not None:
        extra = (*extra, (key_usage, True))
    if eku is not None:
        extra = (*extra, (x509.ExtendedKeyUsage(eku), False))
    if subject_key_identifier:
        ski = x509.SubjectKeyIdentifier.from_public_key(public_key)
        extra = (*extra, (ski, False))
    if issuer is not None:
        aki = x509.AuthorityKeyIdentifier.from_issuer_public_key(
            issuer.leaf.public_key()
        )
        extra = (*extra, (aki, False))
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical=critical)
    signer = own_key if issuer is None else issuer.private_key
    if digest is RIGHT:
        edwards = isinstance(signer, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
        digest = None if edwards else hashes.SHA256()
    issuers = () if issuer is None else issuer.certificates
    # The same key signs the same text alike, as RSA does.
    same = True if isinstance(signer, ec.EllipticCurvePrivateKey) else None
    signed = builder.sign(signer, digest, ecdsa_deterministic=same)
    return Bundle(signed, own_key, issuers, friendly_name)


def ca(common_name: str = "Example Root CA", **overrides: Any) -> Bundle:
    """Return a certification authority, a root unless it has an issuer.

    Args:
        common_name: its name; each name has a key of its own.
        overrides: as for `leaf`.
    """
    values: dict[str, Any] = {
        "common_name": common_name,
        "private_key": _ca_key(common_name),
        "san": None,
        "eku": None,
        "is_ca": True,
        "key_usage": specs.key_usage(certificate_signing=True),
        "not_before": AT - 365 * DAY,
        "validity": 3650 * DAY,
    }
    return leaf(**values | overrides)


def chain(**overrides: Any) -> Bundle:
    """Return a leaf with its issuing CA and its root.

    Args:
        overrides: of the leaf, as for `leaf`.
    """
    root = ca("Example Root CA")
    issuing = ca("Example Issuing CA", issuer=root, path_length=0)
    return leaf(**{"issuer": issuing} | overrides)


@cache
def _ca_key(common_name: str) -> Any:
    return keys.generate(KeyKind.RSA_2048)


def x500(**parts: str | None) -> x509.Name:
    """Return an X.500 name: ``x500(C="DE", O="Example", CN="server")``."""
    types = {
        "C": NameOID.COUNTRY_NAME,
        "ST": NameOID.STATE_OR_PROVINCE_NAME,
        "L": NameOID.LOCALITY_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "CN": NameOID.COMMON_NAME,
        "DC": NameOID.DOMAIN_COMPONENT,
        "E": NameOID.EMAIL_ADDRESS,
    }
    with warnings.catch_warnings():
        # Too long and empty names are wanted here too.
        warnings.simplefilter("ignore")
        return x509.Name(
            [
                x509.NameAttribute(types[type_], value, _validate=False)
                for type_, value in parts.items()
                if value is not None
            ]
        )


def general_name(name: str | x509.GeneralName) -> x509.GeneralName:
    """Return an entry of a SubjectAlternativeName, however odd its text."""
    if isinstance(name, x509.GeneralName):
        return name
    address = names.ip_address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def der(bundle: Bundle) -> bytes:
    """Return the leaf in DER."""
    return bundle.leaf.public_bytes(serialization.Encoding.DER)


def damaged(bundle: Bundle, old: bytes, new: bytes) -> bytes:
    """Return the leaf in DER with the first `old` replaced by `new`.

    For what no builder makes. Both have the same length, so the rest stays
    readable; the signature is wrong afterwards.
    """
    data = der(bundle)
    assert len(old) == len(new), "the lengths differ, the rest would be torn"
    assert old in data, f"{old.hex()} does not occur in the certificate"
    return data.replace(old, new, 1)


def unparsable() -> bytes:
    """Return a certificate that `cryptography` refuses: its version is 5."""
    return damaged(leaf(), b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x04")


def with_unreadable_extensions(bundle: Bundle | None = None) -> bytes:
    """Return a certificate that parses, and whose extensions cannot be read.

    The BasicConstraints hold an INTEGER where a SEQUENCE belongs.
    """
    constraints = b"\x06\x03\x55\x1d\x13\x01\x01\xff\x04\x02"
    right = constraints + b"\x30\x00"
    return damaged(bundle or leaf(), right, constraints + b"\x02\x00")
