"""Formats: the certificates and the private key in a file, whatever its format.

PEM, DER, PKCS #7 (P7B) and PKCS #12 (PFX) are told apart by their content. A
damaged file is refused as a whole; `contents` looks at it piece by piece.
"""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from asn1crypto import cms
from asn1crypto import parser as asn1_parser
from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from certlib import files, keys
from certlib.bundles import pem
from certlib.errors import EncodingError, PassphraseError
from certlib.keys import PrivateKey
from certlib.parsers import UNREADABLE, panics_as_errors, plain_reason

_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_PFX_VERSION = b"\x02\x01\x03"


@dataclass(frozen=True)
class Content:
    """What stands in a file, in the file's own order."""

    certificates: tuple[x509.Certificate, ...] = ()
    private_key: PrivateKey | None = field(default=None, repr=False)
    friendly_name: str = ""


def read(
    data: bytes, *, passphrase: str | None = None, origin: str = "the data"
) -> Content:
    """Return the certificates and the private key in a file, as they stand there.

    Raises:
        PassphraseError: the passphrase is missing or wrong.
        EncodingError: the content is not PEM, DER, P7B or PFX, or damaged.
        InputError: its private key is of a kind that Windows cannot use.
    """
    if pem.is_pem(data):
        return _read_pem(data, passphrase, origin)
    body = _asn1_body(data, origin)
    if body.startswith(_PFX_VERSION):
        return _read_pfx(data, passphrase, origin)
    if body.startswith(_SIGNED_DATA):
        return Content(certificates=tuple(_read_p7b(data, origin)))
    if body.startswith(b"\x30"):
        try:
            return Content(certificates=(read_der(data, origin=origin),))
        except EncodingError:  # an encrypted PKCS #8 key starts alike
            with_key = _try_private_key(data, passphrase, origin)
            if with_key is None:
                raise
            return Content(private_key=with_key)
    return Content(private_key=keys.read_private_key(data, passphrase, origin=origin))


def _asn1_body(data: bytes, origin: str) -> bytes:
    """Return the content of the outer SEQUENCE, the whole of which must be there."""
    try:
        _, _, tag, _, body, _ = asn1_parser.parse(data)
    except (ValueError, TypeError):
        tag, body = None, b""
    if tag != 16 or not body:
        raise EncodingError(
            f"{origin} is not a certificate file, or only a part of one",
            fix="ask for the file again as .pfx, .cer, .p7b or .pem, sent as a "
            "binary attachment",
        )
    return bytes(body)


def _read_pem(data: bytes, passphrase: str | None, origin: str) -> Content:
    certificates: list[x509.Certificate] = []
    private_key: PrivateKey | None = None
    blocks = list(pem.blocks(data))
    for block in blocks:
        match block.label:
            case b"CERTIFICATE" | b"X509 CERTIFICATE":
                certificates.append(_read_pem_certificate(block.whole, origin))
            case b"PKCS7":
                certificates.extend(_read_p7b(block.whole, origin))
            case label if label.endswith(b"PRIVATE KEY"):
                if private_key is not None:
                    raise _several_keys(origin)
                private_key = keys.read_private_key(
                    block.whole, passphrase, origin=origin
                )
    if not certificates and private_key is None:
        kinds = ", ".join(sorted({b.label.decode() for b in blocks})) or "a torn one"
        raise EncodingError(
            f"{origin} holds no certificate in its PEM blocks, only {kinds}",
            fix="give the file with -----BEGIN CERTIFICATE-----, complete to its END",
        )
    return Content(tuple(certificates), private_key)


def _several_keys(origin: str) -> EncodingError:
    return EncodingError(
        f"{origin} holds more than one private key",
        fix="give a file with one key and the certificate to it",
    )


def _read_pem_certificate(block: bytes, origin: str) -> x509.Certificate:
    block = block.replace(b" X509 CERTIFICATE", b" CERTIFICATE")
    try:
        with panics_as_errors():
            return x509.load_pem_x509_certificate(block)
    except UNREADABLE as error:
        raise unreadable(origin, error) from None


def read_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates in a file that needs no passphrase.

    Raises:
        InputError: the file cannot be read.
        EncodingError: it is no certificate file, or damaged.
    """
    return read(files.read(path), origin=path.name).certificates


def read_der(data: bytes, *, origin: str = "the data") -> x509.Certificate:
    """Return the certificate that DER holds.

    Raises:
        EncodingError: it is none, or one that cannot be read.
    """
    try:
        with panics_as_errors():
            return x509.load_der_x509_certificate(data)
    except UNREADABLE as error:
        raise unreadable(origin, error) from None


def unreadable(origin: str, error: Exception) -> EncodingError:
    """Return the error for a certificate that breaks a rule of its form."""
    return EncodingError(
        f"{origin} holds a certificate that cannot be read: {plain_reason(error)}",
        fix="ask its issuer for a certificate that follows RFC 5280",
    )


def _read_p7b(data: bytes, origin: str) -> list[x509.Certificate]:
    load = (
        pkcs7.load_pem_pkcs7_certificates
        if data.startswith(b"-----")
        else pkcs7.load_der_pkcs7_certificates
    )
    try:
        with warnings.catch_warnings(), panics_as_errors():
            # Windows and OpenSSL write BER here; the library reads it and warns.
            warnings.simplefilter("ignore")
            return load(data)
    except UNREADABLE:
        raise EncodingError(
            f"{origin} holds a PKCS #7 text without certificates that can be read",
            fix="export it again as 'PKCS #7 Certificates (.P7B)'",
        ) from None


def _read_pfx(data: bytes, passphrase: str | None, origin: str) -> Content:
    _check_rounds(data, origin)
    try:
        pfx = _load_pfx(data, passphrase)
    except UnsupportedAlgorithm as error:
        raise EncodingError(
            f"{origin} is protected in a way that cannot be read: "
            f"{plain_reason(error)}",
            fix="export it again with AES256-SHA256 or TripleDES-SHA1",
        ) from None
    except (ValueError, TypeError, x509.InvalidVersion):
        if not passphrase:
            raise PassphraseError(
                f"{origin} is protected by a passphrase, or the file is damaged",
                fix="give the passphrase that was set at its export; if there was "
                "none, ask for the file again",
            ) from None
        raise PassphraseError(
            f"the passphrase does not open {origin}, or the file is damaged",
            fix="ask whoever exported the file for the passphrase, which cannot be "
            "recovered, or for the file again",
        ) from None
    private_key = None if pfx.key is None else keys.usable(pfx.key, origin=origin)
    own = [pfx.cert] if pfx.cert is not None else []
    name = own[0].friendly_name if own else None
    return Content(
        tuple(c.certificate for c in (*own, *pfx.additional_certs)),
        private_key,
        (name or b"").decode("utf-8", "replace"),
    )


def _check_rounds(data: bytes, origin: str) -> None:
    """Refuse a PFX file whose opening would not end, before anything is derived."""
    with contextlib.suppress(ValueError, TypeError, KeyError, NotImplementedError):
        pfx = asn1_pkcs12.Pfx.load(data)
        if pfx["mac_data"].native is not None:
            keys.refuse_iterations(pfx["mac_data"]["iterations"].native, origin)
        for part in pfx.authenticated_safe:
            _check_part(part, origin)


def _check_part(part: cms.ContentInfo, origin: str) -> None:
    if part["content_type"].native == "encrypted_data":
        inner = part["content"]["encrypted_content_info"]
        keys.check_iterations(inner["content_encryption_algorithm"], origin)
    elif part["content_type"].native == "data":
        for bag in asn1_pkcs12.SafeContents.load(part["content"].native):
            if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
                value = bag["bag_value"]
                keys.check_iterations(value["encryption_algorithm"], origin)


def _load_pfx(data: bytes, passphrase: str | None) -> pkcs12.PKCS12KeyAndCertificates:
    secret = keys.passphrase_bytes(passphrase) if passphrase else None
    with warnings.catch_warnings(), panics_as_errors():
        warnings.simplefilter("ignore")  # NSS writes BER, see _read_p7b
        if secret is not None:
            with contextlib.suppress(ValueError):
                return pkcs12.load_pkcs12(data, secret)
        # Without protection, a needless passphrase is passed over.
        try:
            return pkcs12.load_pkcs12(data, None)
        except ValueError:
            return pkcs12.load_pkcs12(data, b"")  # protected by the empty text


def _try_private_key(
    data: bytes, passphrase: str | None, origin: str
) -> PrivateKey | None:
    try:
        return keys.read_private_key(data, passphrase, origin=origin)
    except EncodingError:
        return None
