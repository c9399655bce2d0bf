"""Kinds: what a value of ASN.1 is, told by its structure alone."""

from __future__ import annotations

from collections.abc import Callable

from asn1crypto import core
from asn1crypto import csr as asn1_csr
from asn1crypto import keys as asn1_keys
from asn1crypto import parser as asn1_parser
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import ocsp

from certlib.bundles import pem
from certlib.parsers import ASN1_ERRORS, attempt

PFX_VERSION = b"\x02\x01\x03"
"""With what the content of a PFX file begins (RFC 7292 section 4)."""


def is_pasted(text: str) -> bool:
    """Tell whether a text is the content of a file, and not the name of one."""
    cleaned = pem.cleaned(text)
    inner = pem.bare(cleaned) or b""  # a long name of a file looks like base64, too
    return pem.is_pem(cleaned) or is_whole(inner) or b"-----BEGIN " in inner


def is_whole(data: bytes) -> bool:
    """Tell whether bytes begin with a whole SEQUENCE of ASN.1."""
    return data[:1] == b"\x30" and bool(body(data))


def body(data: bytes) -> bytes:
    """Return the content of the value that bytes begin with, empty if it is torn."""
    try:
        return bytes(asn1_parser.parse(data)[4])
    except (ValueError, TypeError):
        return b""


def is_request(der: bytes) -> bool:
    """Tell whether it has the form of a signing request (PKCS #10)."""
    try:
        request = asn1_csr.CertificationRequest.load(der)
        info = request["certification_request_info"]
        return bool(info["version"].native and info["subject"].native is not None)
    except ASN1_ERRORS:
        return False


def is_key(der: bytes) -> bool:
    """Tell whether it has the form of a private key: PKCS #8, PKCS #1 or SEC 1."""
    return any(_has(der, kind, part) for kind, part in _KEY_FORMS)


_KEY_FORMS = (
    (asn1_keys.PrivateKeyInfo, "private_key_algorithm"),
    (asn1_keys.EncryptedPrivateKeyInfo, "encrypted_data"),
    (asn1_keys.RSAPrivateKey, "private_exponent"),
    (asn1_keys.ECPrivateKey, "private_key"),
    (asn1_keys.DSAPrivateKey, "private_key"),
)


def _has(der: bytes, kind: type[core.Sequence], part: str) -> bool:
    try:
        return kind.load(der)[part].native is not None
    except ASN1_ERRORS:
        return False


def other(der: bytes) -> str | None:
    """Return what something is that is neither certificate, request nor key."""
    return next((name for load, name in _OTHERS if _loads(load, der)), None)


def _loads(load: Callable[[bytes], object], der: bytes) -> bool:
    with attempt():
        load(der)
        return True
    return False


_OTHERS: tuple[tuple[Callable[[bytes], object], str], ...] = (
    (x509.load_der_x509_crl, "a list of revoked certificates (CRL)"),
    (ocsp.load_der_ocsp_response, "an answer about revocation (OCSP)"),
    (ocsp.load_der_ocsp_request, "a question about revocation (OCSP)"),
    (load_der_public_key, "a public key without its certificate"),
)
