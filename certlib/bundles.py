"""Bundles: a leaf certificate, its private key if it is there, and its chain.

A `Bundle` is what travels between people and machines as one file. Whatever
the format, key and leaf are checked against each other when it is made.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from asn1crypto import parser as asn1_parser
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)

from certlib import chains, files, keys, names
from certlib.errors import (
    EncodingError,
    InputError,
    PassphraseError,
    panics_as_errors,
)
from certlib.keys import PrivateKey, PublicKey

_PEM_BLOCK = re.compile(
    # Up to the next boundary only, so that a file of BEGIN lines takes no hours.
    rb"-----BEGIN (?P<label>[A-Z0-9 ]+)-----(?:(?!-----).)*-----END (?P=label)-----",
    re.DOTALL,
)
_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_PFX_VERSION = b"\x02\x01\x03"
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)


class PfxProtection(StrEnum):
    """How a PFX file is encrypted, which decides who can read it."""

    AES_256 = "aes256-sha256"
    """Windows 10 1709, Windows Server 2019 and newer."""

    TRIPLE_DES = "3des-sha1"
    """Also Windows Server 2016 and older, which know nothing better."""


@dataclass(frozen=True, eq=False, repr=False)
class Bundle:
    """A leaf certificate with its chain and, if it is there, its private key.

    Attributes:
        leaf: the certificate of the server.
        private_key: the key to it, or None.
        chain: its issuers, the nearest first; the root may be missing.
        friendly_name: the name for people that Windows shows in its lists.

    Raises:
        InputError: the private key is not that of the leaf.
    """

    leaf: x509.Certificate
    private_key: PrivateKey | None = field(default=None)
    chain: tuple[x509.Certificate, ...] = ()
    friendly_name: str = ""

    def __post_init__(self) -> None:
        if self.private_key is not None and not has_key(
            self.leaf, self.private_key.public_key()
        ):
            raise InputError(
                f"the private key does not belong to the certificate {self.subject}",
                fix="look for the key that was made together with the request",
            )

    def __repr__(self) -> str:
        key = "with" if self.private_key is not None else "without"
        return (
            f"<Bundle {self.subject}, thumbprint {self.thumbprint}, expires "
            f"{self.leaf.not_valid_after_utc:%Y-%m-%d}, {key} private key, "
            f"{len(self.chain)} in chain>"
        )

    @property
    def subject(self) -> str:
        """The leaf's subject in Windows' form."""
        return names.x500(self.leaf.subject)

    @property
    def thumbprint(self) -> str:
        """The leaf's SHA-1 digest as Windows shows it: 40 upper-case digits."""
        return thumbprint(self.leaf)

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """The leaf and then its chain."""
        return (self.leaf, *self.chain)

    @classmethod
    def read(cls, path: Path, *, passphrase: str | None = None) -> Bundle:
        """Return the bundle that a PEM, DER, P7B or PFX file holds.

        The format is told by the content. The chain may stand in any order.

        Raises:
            InputError: the file cannot be read, or key and leaf do not match.
            PassphraseError: the passphrase is missing or wrong.
            EncodingError: the content is none of these formats, or damaged.
        """
        return cls.from_bytes(files.read(path), passphrase=passphrase, origin=path.name)

    @classmethod
    def from_bytes(
        cls, data: bytes, *, passphrase: str | None = None, origin: str = "the data"
    ) -> Bundle:
        """Return the bundle that bytes in PEM, DER, P7B or PFX form hold.

        Args:
            data: the content of a file.
            passphrase: for a PFX or an encrypted key.
            origin: what to call the input in an error.

        Raises:
            InputError: key and leaf do not match.
            PassphraseError: the passphrase is missing or wrong.
            EncodingError: the content is none of these formats, or damaged.
        """
        content = read_content(data, passphrase=passphrase, origin=origin)
        if not content.certificates:
            raise EncodingError(
                f"{origin} holds no certificate",
                fix="give the file that the certification authority sent",
            )
        return assemble(
            content.certificates,
            content.private_key,
            friendly_name=content.friendly_name,
            origin=origin,
        )

    def to_pem(self, passphrase: str | None = None) -> bytes:
        """Return leaf, chain and key as PEM, the key unprotected only for None.

        Raises:
            PassphraseError: the passphrase is empty, or no file can have it.
        """
        parts = [c.public_bytes(Encoding.PEM) for c in self.certificates]
        if self.private_key is not None:
            parts.append(keys.write_private_key(self.private_key, passphrase))
        return b"".join(parts)

    def to_der(self) -> bytes:
        """Return the leaf alone as DER, the content of a .cer file."""
        return self.leaf.public_bytes(Encoding.DER)

    def to_p7b(self) -> bytes:
        """Return leaf and chain, without the key, as PKCS #7 DER."""
        return pkcs7.serialize_certificates(list(self.certificates), Encoding.DER)

    def to_pfx(
        self,
        passphrase: str | None,
        *,
        protection: PfxProtection = PfxProtection.AES_256,
    ) -> bytes:
        """Return everything as PKCS #12, the format that Windows imports.

        Args:
            passphrase: None leaves the private key unprotected.
            protection: `PfxProtection.TRIPLE_DES` for Windows Server 2016 and
                older, which report AES as a wrong password.

        Raises:
            PassphraseError: the passphrase is empty, or no file can have it.
        """
        return pkcs12.serialize_key_and_certificates(
            self.friendly_name.encode() or None,
            self.private_key,
            self.leaf,
            list(self.chain),
            _pfx_encryption(passphrase, protection),
        )

    def write(
        self,
        path: Path,
        *,
        passphrase: str | None = None,
        protection: PfxProtection = PfxProtection.AES_256,
        replace: bool = False,
    ) -> None:
        """Write a file in the format that its name ends in.

        ``.pfx`` and ``.p12`` hold everything, ``.pem`` too (certificates, then
        the key); ``.cer``, ``.crt`` and ``.der`` the leaf alone; ``.p7b`` the
        certificates. A file with a private key is readable by its owner only.

        Raises:
            InputError: the ending is none of these, the file exists already
                and `replace` is not set, or it cannot be written.
            PassphraseError: the passphrase is empty: only None leaves the
                private key unprotected.
        """
        match path.suffix.lower():
            case ".pfx" | ".p12":
                data = self.to_pfx(passphrase, protection=protection)
            case ".pem":
                data = self.to_pem(passphrase)
            case ".cer" | ".crt" | ".der":
                data = self.to_der()
            case ".p7b":
                data = self.to_p7b()
            case suffix:
                raise InputError(
                    f"{path}: no certificate format has the ending {suffix!r}",
                    fix="end the name in .pfx, .pem, .cer or .p7b",
                )
        secret = path.suffix.lower() in {".pfx", ".p12", ".pem"}
        files.write(path, data, secret=secret, replace=replace)


@dataclass(frozen=True)
class Content:
    """What stands in a file, in the file's own order."""

    certificates: tuple[x509.Certificate, ...] = ()
    private_key: PrivateKey | None = field(default=None, repr=False)
    friendly_name: str = ""


def read_content(
    data: bytes, *, passphrase: str | None = None, origin: str = "the data"
) -> Content:
    """Return the certificates and the private key in a file, as they stand there.

    Raises:
        PassphraseError: the passphrase is missing or wrong.
        EncodingError: the content is not PEM, DER, P7B or PFX, or damaged.
        InputError: its private key is of a kind that Windows cannot use.
    """
    if b"-----BEGIN " in data:
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


def assemble(
    certificates: Iterable[x509.Certificate],
    private_key: PrivateKey | None = None,
    *,
    friendly_name: str = "",
    origin: str = "the data",
) -> Bundle:
    """Return a bundle of certificates in any order and a key.

    The leaf is the certificate of the key; without a key it is the one that
    issued none of the others. Certificates of other chains are left out.

    Raises:
        InputError: none of the certificates has this key.
        EncodingError: without a key, several could be the leaf; or a part of
            the leaf cannot be read.
    """
    found = list(dict.fromkeys(certificates))
    if private_key is not None:
        public_key = private_key.public_key()
        matching = [c for c in found if has_key(c, public_key)]
        if not matching:
            raise InputError(
                f"the private key does not belong to any certificate in {origin}",
                fix="look for the key that was made together with the request",
            )
        # After a renewal with the same key the newest one is meant.
        leaf = max(matching, key=lambda c: c.not_valid_before_utc)
    else:
        candidates = chains.leaves(found)
        if len(candidates) != 1:
            raise EncodingError(
                f"{origin} holds {len(candidates)} certificates that could be the "
                "server's",
                fix="give one file for each server; `certlib audit` reads them all",
            )
        leaf = candidates[0]
    _check_readable(leaf, origin)
    return Bundle(leaf, private_key, chains.order(leaf, found), friendly_name)


def has_key(certificate: x509.Certificate, key: PublicKey) -> bool:
    """Tell whether a certificate is for a public key.

    One whose key is of a kind that cannot be read is for no key at all.
    """
    try:
        with panics_as_errors():
            return keys.same_key(key, certificate.public_key())
    except _UNREADABLE:
        return False


def _check_readable(certificate: x509.Certificate, origin: str) -> None:
    """Read what is only read when it is asked for."""
    try:
        with panics_as_errors(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names.x500(certificate.subject)
            names.x500(certificate.issuer)
            keys.spki(certificate.public_key())
            _ = certificate.extensions
    except (*_UNREADABLE, x509.DuplicateExtension) as error:
        raise _unreadable(origin, error) from None


def thumbprint(certificate: x509.Certificate) -> str:
    """Return a certificate's SHA-1 digest as Windows shows it, 40 hex digits.

    It names a certificate in Windows' stores and proves nothing.
    """
    return certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303


def parse_thumbprint(text: str) -> str:
    """Return a thumbprint as 40 upper-case digits.

    Spaces, colons and the invisible mark that Windows' Details tab puts in
    front are dropped.

    Raises:
        InputError: what is left is not 40 hexadecimal digits.
    """
    digits = re.sub(r"[\s:\u200e\u200f\ufeff]", "", text).upper()
    if not re.fullmatch(r"[0-9A-F]{40}", digits):
        raise InputError(
            f"{text.strip()!r} is not a thumbprint",
            fix="copy the 40 hexadecimal digits from the tab Details",
        )
    return digits


def _pfx_encryption(
    passphrase: str | None, protection: PfxProtection
) -> KeySerializationEncryption:
    if passphrase is None:
        return NoEncryption()
    secret = keys.passphrase_bytes(passphrase)
    if protection is PfxProtection.AES_256:
        return BestAvailableEncryption(secret)
    return (
        PrivateFormat.PKCS12.encryption_builder()
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())  # noqa: S303
        .build(secret)
    )


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
    blocks = list(_PEM_BLOCK.finditer(data))
    for block in blocks:
        match block["label"]:
            case b"CERTIFICATE" | b"X509 CERTIFICATE":
                certificates.append(_read_pem_certificate(block[0], origin))
            case b"PKCS7":
                certificates.extend(_read_p7b(block[0], origin))
            case label if label.endswith(b"PRIVATE KEY"):
                if private_key is not None:
                    raise _several_keys(origin)
                private_key = keys.read_private_key(block[0], passphrase, origin=origin)
    if not certificates and private_key is None:
        kinds = ", ".join(sorted({b["label"].decode() for b in blocks})) or "a torn one"
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
    except _UNREADABLE as error:
        raise _unreadable(origin, error) from None


def read_der(data: bytes, *, origin: str = "the data") -> x509.Certificate:
    """Return the certificate that DER holds.

    Raises:
        EncodingError: it is none, or one that cannot be read.
    """
    try:
        with panics_as_errors():
            return x509.load_der_x509_certificate(data)
    except _UNREADABLE as error:
        raise _unreadable(origin, error) from None


def _unreadable(origin: str, error: Exception) -> EncodingError:
    return EncodingError(
        f"{origin} holds a certificate that cannot be read: {error}",
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
    except _UNREADABLE:
        raise EncodingError(
            f"{origin} holds a PKCS #7 text without certificates that can be read",
            fix="export it again as 'PKCS #7 Certificates (.P7B)'",
        ) from None


def _read_pfx(data: bytes, passphrase: str | None, origin: str) -> Content:
    try:
        pfx = _load_pfx(data, passphrase)
    except UnsupportedAlgorithm as error:
        raise EncodingError(
            f"{origin} is protected in a way that cannot be read: {error}",
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
