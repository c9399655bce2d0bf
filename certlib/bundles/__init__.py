"""Bundles: a leaf certificate, its private key if it is there, and its chain.

A `Bundle` is what travels between people and machines as one file. Whatever
the format, key and leaf are checked against each other when it is made.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from cryptography import x509
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

from certlib import files, keys, x500
from certlib.bundles import formats
from certlib.errors import EncodingError, InputError
from certlib.keys import PrivateKey
from certlib.parsers import UNREADABLE, panics_as_errors
from certlib.trust import chains


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
        if self.private_key is not None and not keys.has_key(
            self.leaf, self.private_key.public_key()
        ):
            raise InputError(
                f"the private key does not belong to the certificate {self.subject}",
                fix="look for the key that was made together with the request",
            )

    def __repr__(self) -> str:
        parts = [
            self.subject,
            f"thumbprint {self.thumbprint}",
            f"expires {self.leaf.not_valid_after_utc:%Y-%m-%d}",
        ]
        if self.private_key is not None:
            parts.append("with private key")
        if self.chain:
            parts.append(f"{len(self.chain)} in chain")
        return f"<Bundle {', '.join(parts)}>"

    @property
    def subject(self) -> str:
        """The leaf's subject in Windows' form."""
        return x500.x500(self.leaf.subject)

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
        content = formats.read(data, passphrase=passphrase, origin=origin)
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
        matching = [c for c in found if keys.has_key(c, public_key)]
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
                fix="give one file for each server; an audit reads them all",
            )
        leaf = candidates[0]
    _check_readable(leaf, origin)
    return Bundle(leaf, private_key, chains.order(leaf, found), friendly_name)


def _check_readable(certificate: x509.Certificate, origin: str) -> None:
    """Read what is only read when it is asked for."""
    try:
        with panics_as_errors(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            x500.x500(certificate.subject)
            x500.x500(certificate.issuer)
            keys.spki(certificate.public_key())
            _ = certificate.extensions
    except UNREADABLE as error:
        raise formats.unreadable(origin, error) from None


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
