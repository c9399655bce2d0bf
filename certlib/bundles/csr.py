"""CSR: reading a signing request (PKCS #10, RFC 2986), whoever made it."""

from __future__ import annotations

from cryptography import x509

from certlib.bundles import formats
from certlib.errors import EncodingError
from certlib.parsers import attempt


def read(data: bytes, *, origin: str) -> x509.CertificateSigningRequest:
    """Return the signing request in a file, however it is wrapped.

    Raises:
        EncodingError: there is none, or it is damaged.
    """
    if requests := formats.read(data, origin=origin).requests:
        return requests[0]
    raise EncodingError(
        f"{origin} holds no signing request that can be read",
        fix="give the file with -----BEGIN CERTIFICATE REQUEST-----",
    )


def is_signed_by_its_key(request: x509.CertificateSigningRequest) -> bool:
    """Tell whether a request's signature holds; an odd key's never does."""
    with attempt():
        return request.is_signature_valid
    return False
