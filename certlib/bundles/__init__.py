"""Bundles: a leaf certificate, its private key if it is there, and its chain.

A `Bundle` is what travels between people and machines as one file. Whatever
the format, key and leaf are checked against each other when it is made.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from certlib import clock, files, keys, texts, x500
from certlib.bundles import choosing, endings, formats
from certlib.bundles.content import Content
from certlib.bundles.endings import PfxProtection as PfxProtection
from certlib.errors import EncodingError, InputError
from certlib.keys import PrivateKey, passphrases
from certlib.parsers import attempt, der_of
from certlib.trust import chains


@dataclass(frozen=True, eq=False, repr=False)
class Bundle:
    """A leaf certificate with its chain and, if it is there, its private key.

    Attributes:
        leaf: the certificate of the server.
        private_key: the key to it, or None.
        chain: its issuers, the nearest first; the root may be missing.
        friendly_name: the name for people that Windows shows in its lists.
        beside: what else its file holds, and does not belong to it.

    Raises:
        InputError: the private key is not that of the leaf.
    """

    leaf: x509.Certificate
    private_key: PrivateKey | None = field(default=None)
    chain: tuple[x509.Certificate, ...] = ()
    friendly_name: str = ""
    beside: tuple[x509.Certificate, ...] = ()

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
            f"expires {clock.day(self.leaf.not_valid_after_utc)}",
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
    def read(
        cls,
        path: Path,
        *,
        passphrase: str | None = None,
        key: Path | None = None,
        thumbprint: str = "",
    ) -> Bundle:
        """Return the bundle that a file holds, or a file and that of its key.

        The format is told by the content. The chain may stand in any order.

        Args:
            path: the file.
            passphrase: for a PFX or an encrypted key.
            key: a file with the private key, if that lies apart.
            thumbprint: of the certificate that is meant, where there are several.

        Raises:
            InputError: a file cannot be read, key and leaf do not match, or it is
                not clear which certificate is meant.
            PassphraseError: the passphrase is missing or wrong.
            EncodingError: the content is none of these formats, or damaged.
        """
        content = formats.read_files(path, key, passphrase=passphrase)
        return of_content(content, thumbprint=thumbprint, origin=path.name)

    @classmethod
    def from_bytes(
        cls, data: bytes, *, passphrase: str | None = None, origin: str = "the data"
    ) -> Bundle:
        """Return the bundle that the bytes of a file hold; see `read`.

        Raises:
            InputError: key and leaf do not match, or it is not clear which
                certificate is meant.
            PassphraseError: the passphrase is missing or wrong.
            EncodingError: the content is none of these formats, or damaged.
        """
        content = formats.read(data, passphrase=passphrase, origin=origin)
        return of_content(content, origin=origin)

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
        return der_of(self.leaf)

    def to_p7b(self) -> bytes:
        """Return leaf and chain, without the key, as PKCS #7 DER."""
        from cryptography.hazmat.primitives.serialization import pkcs7  # loads email

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
            InputError: the same, of the friendly name.
        """
        return pkcs12.serialize_key_and_certificates(
            _pfx_name(self.friendly_name),
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
        kind = endings.format_of(path)
        if kind is None or kind.write is None:
            raise InputError(
                f"{path}: no certificate format that is written has the ending "
                f"{path.suffix.lower()!r}",
                fix="end the name in .pfx, .pem, .cer or .p7b",
            )
        data = kind.write(self, passphrase, protection)
        files.write(path, data, secret=kind.holds_key, replace=replace)


def _pfx_name(name: str) -> bytes | None:
    try:
        return name.encode() or None
    except UnicodeEncodeError:  # half a character, as of a file's odd name
        raise InputError(
            f"{name} is no friendly name: it is no Unicode text", fix="type another one"
        ) from None


def assemble(
    certificates: Iterable[x509.Certificate],
    private_key: PrivateKey | None = None,
    *,
    friendly_name: str = "",
    origin: str = "the data",
) -> Bundle:
    """Return a bundle of certificates in any order and a key. See `of_content`."""
    content = Content(list(certificates))
    if private_key is not None:
        content.private_keys.append(private_key)
    return replace(of_content(content, origin=origin), friendly_name=friendly_name)


def of_content(
    content: Content,
    *,
    thumbprint: str = "",
    origin: str = "the data",
    whole: bool = True,
) -> Bundle:
    """Return the bundle that what is in a file makes up.

    Args:
        content: certificates in any order, and private keys.
        thumbprint: of the certificate that is meant, where there are several.
        origin: what to call the input in an error.
        whole: False takes a certificate, too, of which parts cannot be read.

    Raises:
        InputError: none of the certificates has this key, or it is not clear
            which one is meant.
        EncodingError: there is none, or a part of it cannot be read.
    """
    if not content.certificates:
        raise EncodingError(
            f"{origin} holds no certificate{_instead(content)}",
            fix="give the file that the certification authority sent",
        )
    found = list(dict.fromkeys(content.certificates))
    leaf, key = choosing.choose(
        found,
        content.private_keys,
        parse_thumbprint(thumbprint) if thumbprint else "",
        origin,
    )
    if whole:
        _check_readable(leaf, origin)
    chain = chains.order(leaf, found)
    return Bundle(
        leaf,
        key,
        chain,
        content.friendly_names.get(leaf, ""),
        tuple(one for one in found if one != leaf and one not in chain),
    )


def _instead(content: Content) -> str:
    held = ["a signing request"] * bool(content.requests)
    held += ["a private key"] * bool(content.private_keys)
    return f", only {' and '.join([*held, *content.others])}" if held else ""


def _check_readable(certificate: x509.Certificate, origin: str) -> None:
    """Read what is only read when it is asked for."""
    with attempt() as reading, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        x500.x500(certificate.subject)
        x500.x500(certificate.issuer)
        keys.spki(certificate.public_key())
        _ = certificate.extensions
    if reading.failed:
        raise formats.unreadable(origin, reading.reason)


def thumbprint(certificate: x509.Certificate) -> str:
    """Return a certificate's SHA-1 digest as Windows shows it, 40 hex digits.

    It names a certificate in Windows' stores and proves nothing.
    """
    return certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303


def parse_thumbprint(text: str) -> str:
    """Return a thumbprint as 40 upper-case digits.

    What is no letter or digit is dropped: blanks, colons, and the invisible mark that
    Windows' Details tab puts in front (or the ``?`` that a console makes of it). It
    may stand at the end of a store's path, or behind what a program calls it:
    ``Fingerprint=``, ``Thumbprint :``, ``0x``.

    Raises:
        InputError: what is left is not 40 hexadecimal digits.
    """
    last = re.split(r"[\\/=]", texts.pasted(text))[-1]
    last = re.sub(r"(?i)^0x|^[^:]*[g-z][^:]*:", "", last)
    digits = re.sub(r"[^0-9A-Za-z]", "", last).upper()
    if re.fullmatch(r"[0-9A-F]{40}", digits):
        return digits
    sha_256 = re.fullmatch(r"[0-9A-F]{64}", digits)
    raise InputError(
        f"{text.strip()!r} is not a thumbprint"
        + (": it is a fingerprint by SHA-256" if sha_256 else ""),
        fix="copy the 40 hexadecimal digits from the tab Details",
    )


def _pfx_encryption(
    passphrase: str | None, protection: PfxProtection
) -> KeySerializationEncryption:
    if passphrase is None:
        return NoEncryption()
    secret = passphrases.encoded(passphrase)
    if protection is PfxProtection.AES_256:
        return BestAvailableEncryption(secret)
    return (
        PrivateFormat.PKCS12.encryption_builder()
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())  # noqa: S303
        .build(secret)
    )
