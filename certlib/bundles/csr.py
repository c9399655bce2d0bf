"""CSR: reading a signing request (PKCS #10, RFC 2986), whoever made it."""

from __future__ import annotations

from cryptography import x509

from certlib.bundles import pem
from certlib.errors import EncodingError
from certlib.parsers import UNREADABLE, panics_as_errors, plain_reason

_LABELS = (b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST")  # certreq's is NEW


def read(data: bytes, *, origin: str) -> x509.CertificateSigningRequest:
    """Return the signing request in PEM or DER.

    Raises:
        EncodingError: there is none that can be read.
    """
    if (request := find(data, origin=origin)) is not None:
        return request
    raise EncodingError(
        f"{origin} holds no signing request that can be read",
        fix="give the file with -----BEGIN CERTIFICATE REQUEST-----",
    )


def find(data: bytes, *, origin: str) -> x509.CertificateSigningRequest | None:
    """Return the first signing request in a file, or None if it holds none.

    Raises:
        EncodingError: it holds one that cannot be read.
    """
    is_pem = pem.is_pem(data)
    found = next((b.whole for b in pem.blocks(data) if b.label in _LABELS), None)
    if is_pem and found is None:
        return None
    load = x509.load_pem_x509_csr if is_pem else x509.load_der_x509_csr
    try:
        with panics_as_errors():
            return load(found or data)
    except UNREADABLE as error:
        if not is_pem and not isinstance(error, x509.InvalidVersion):
            return None  # DER does not say what it is
        raise EncodingError(
            f"{origin} holds a signing request that cannot be read: "
            f"{plain_reason(error)}",
            fix="make the request again, or copy it complete from BEGIN to END",
        ) from None


def is_signed_by_its_key(request: x509.CertificateSigningRequest) -> bool:
    """Tell whether a request's signature holds; an odd key's never does."""
    try:
        with panics_as_errors():
            return request.is_signature_valid
    except UNREADABLE:
        return False
