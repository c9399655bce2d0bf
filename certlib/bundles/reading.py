"""Reading: what is in a file, told by its content and piece by piece.

Everything that takes a file reads it here: what it is called and how it is
wrapped makes no difference. A piece that cannot be read is told beside the others.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable
from typing import TypeVar

from cryptography import x509

from certlib import keys, texts
from certlib.bundles import foreign, kinds, pem
from certlib.bundles.content import Content
from certlib.errors import CertlibError, EncodingError, PassphraseError
from certlib.keys import PrivateKey, passphrases
from certlib.parsers import (
    ASN1_ERRORS,
    UNREADABLE,
    attempt,
    panics_as_errors,
    plain_reason,
)
from certlib.summaries import lenient

T = TypeVar("T")


def read(data: bytes, tried: tuple[str, ...] = (), origin: str = "the data") -> Content:
    """Return what is in a file. Never raises for what is in it.

    Args:
        data: in any of the formats, and however wrapped.
        tried: passphrases for what is protected, one after the other.
        origin: what to call it in an error.
    """
    reader = _Reader(tried, origin)
    with warnings.catch_warnings():
        # Windows and OpenSSL write BER, too; the library reads it and warns.
        warnings.simplefilter("ignore")
        reader.read_file(data)
        reader.settle()
    return reader.content


def values(data: bytes) -> list[bytes]:
    """Return the values of ASN.1 in a file, however wrapped; empty is a torn one."""
    binary = data.lstrip(_IN_FRONT)
    if kinds.is_whole(binary):
        return [lenient.first_element(binary)]
    text = pem.cleaned(texts.decoded(data))
    if not pem.is_pem(text):
        inner = pem.bare(text)
        return [] if inner is None or not kinds.is_whole(inner) else values(inner)
    return list(map(_value, pem.blocks(text)))


def _value(block: pem.Block | pem.Torn) -> bytes:
    if isinstance(block, pem.Torn):
        return b""
    try:
        return pem.decoded(block.body)
    except EncodingError:
        return b""


_CERTIFICATE_LABELS = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
_NOUNS = {
    **dict.fromkeys(_CERTIFICATE_LABELS, "certificate"),
    **dict.fromkeys(
        ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"), "signing request"
    ),
    **dict.fromkeys(("PKCS7", "PKCS #7 SIGNED DATA", "CMS"), "PKCS #7 text"),
}
_PADDING = b"\r\n\t \0\x1a"
"""Bytes that programs leave behind the end of a text or a sector."""
_MARKS = re.compile(rb"-----(?:BEGIN|END) [A-Z0-9 ]{1,64}-----")
_BINARY = re.compile(rb"[\x01-\x08]")
"""Bytes that no text has, and each value in DER."""
_IN_FRONT = b"\r\n\t \0\xef\xbb\xbf"
"""Bytes that editors leave before what they take for a text: a byte order mark."""
_MAX_DEPTH = 3
"""How often base64 may be wrapped in base64: a secret store does it once."""


def _more_keys(origin: str) -> EncodingError:
    return EncodingError(
        f"{origin} has its private key in a part of an older kind, in which there may "
        "be more keys than the first",
        fix="export it again with AES256-SHA256, or each certificate by itself",
    )


def _noun(label: str) -> str:
    key = "private key" if label.endswith("PRIVATE KEY") else label
    return _NOUNS.get(label, key) or "piece in DER"


class _Reader:
    def __init__(self, tried: tuple[str, ...], origin: str) -> None:
        self.content = Content()
        self._tried, self._origin = tried, origin
        self._torn: list[pem.Torn] = []
        self._keys = self._rounds = 0
        self._seconds = 0.0

    def read_file(self, data: bytes, depth: int = 0) -> None:
        """Read what is binary or a text."""
        binary = data.lstrip(_IN_FRONT)
        if kinds.is_whole(binary):
            der = lenient.first_element(binary)
            if self._read_der(der, ""):
                self._read_rest(binary, len(der))
                return
        if (kind := foreign.of_bytes(data)) is not None:
            self.content.refused.append(foreign.refused(kind, self._origin, data))
            return
        text = pem.cleaned(texts.decoded(data))
        if pem.is_pem(text):
            self._read_pem(text)
            self._read_between(data)
        elif (kind := foreign.of_text(text)) is not None:
            self.content.refused.append(foreign.refused(kind, self._origin))
        elif (inner := pem.bare(text)) is not None and depth < _MAX_DEPTH:
            self.read_file(inner, depth + 1)
        else:
            self._refuse_unknown(data)

    def settle(self) -> None:
        """Say what is torn; and what the file is if nothing in it can be used."""
        if self._torn:
            self._refuse_torn(*self._torn)
        if self.content.is_empty and not self.content.others:
            self._refuse_unknown(b"")
        elif self.content.is_empty:
            self._refuse(
                f"no certificate, only {'; '.join(dict.fromkeys(self.content.others))}",
                "give the certificate, the signing request or the private key itself",
            )

    def _refuse(self, held: str, fix: str) -> None:
        self.content.refused.append(
            EncodingError(f"{self._origin} holds {held}", fix=fix)
        )

    def _refuse_unknown(self, data: bytes) -> None:
        torn = data[:1] == b"\x30" and not data[:64].isascii()
        self.content.refused.append(
            EncodingError(
                f"{self._origin} is not a certificate file, or only a part of one"
                + (": it ends too early" if torn else ""),
                fix="ask for the file again as .pfx, .cer, .p7b or .pem, sent as a "
                "binary attachment",
            )
        )

    def _refuse_torn(self, first: pem.Torn, *others: pem.Torn) -> None:
        more = f" (and {len(others):,} more)" if others else ""
        self._refuse(
            f"a torn PEM block: {first.label} {first.reason}{more}",
            "copy it complete, from -----BEGIN to the end of its line -----END …-----, "
            "or ask for it again",
        )

    def _read_tail(self, data: bytes, at: int) -> bytes:
        """Read the certificates that follow one in DER; return what it stops at."""
        while kinds.is_whole(rest := data[at : at + _WINDOW]):
            der = lenient.first_element(rest)
            if not self._read_certificate(der):
                break
            at += len(der)
        return data[at:]

    def _read_rest(self, data: bytes, at: int) -> None:
        """Read what follows in a file: `copy /b` joins values in DER, and texts."""
        while kinds.is_whole(rest := data[at : at + _WINDOW]):
            der = lenient.first_element(rest)
            if not self._read_der(der, ""):  # such as OpenSSL's settings
                return
            at += len(der)
        if not (left := data[at:].strip(_PADDING)):
            return
        if pem.is_pem(text := pem.cleaned(texts.decoded(left))):
            self._read_pem(text)
            self._read_between(left)
        else:
            self.content.remarked.append(self._followed("", len(left)))

    def _read_between(self, data: bytes) -> None:
        """Read what stands in DER between PEM blocks and behind them."""
        if data.isascii():  # as nearly all are
            return
        _, *pieces = _MARKS.split(data)
        for piece in pieces:
            if _BINARY.search(stripped := piece.strip(_PADDING)):
                self._read_rest(stripped, 0)

    def _read_pem(self, text: str) -> None:
        for block in pem.blocks(text):
            if (kind := foreign.of_label(block.label)) is not None:
                self.content.refused.append(foreign.refused(kind, self._origin))
            elif isinstance(block, pem.Torn):
                self._torn.append(block)
            elif block.label.endswith(" PARAMETERS"):
                # Servers keep them in the same file.
                self.content.others.append(block.label)
            else:
                self._read_block(block)

    def _read_block(self, block: pem.Block) -> None:
        if "ENCRYPTED" in block.headers:
            self._noting(lambda: self._read_key(block.whole))
            return
        try:
            data = pem.decoded(block.body)
        except EncodingError as error:
            self._refuse_block(block.label, error.message)
            return
        if not kinds.is_whole(data):
            self._refuse_block(block.label, "it ends too early")
            return
        der = lenient.first_element(data)
        if not self._read_der(der, block.label):
            self._refuse_block(block.label, "its content is of an unknown kind")
            return
        rest = self._read_tail(data, len(der)).strip(_PADDING)
        # OpenSSL's TRUSTED CERTIFICATE has its settings there, a whole value.
        if rest and not kinds.is_whole(rest):
            self.content.remarked.append(self._followed(block.label, len(rest)))

    def _followed(self, label: str, count: int) -> EncodingError:
        return EncodingError(
            f"{self._origin} holds a {_noun(label)} with {count:,} bytes behind it, "
            "which many programs refuse",
            fix="ask for the file again, or write it anew with `certlib convert`",
        )

    def _refuse_block(self, label: str, reason: str) -> None:
        self.content.refused.append(self._unreadable(label, reason))

    def _unreadable(self, label: str, reason: str) -> EncodingError:
        return EncodingError(
            f"{self._origin} holds a {_noun(label)} that cannot be read: {reason}",
            fix="ask for the file again, or copy it complete from BEGIN to END",
        )

    def _read_der(self, der: bytes, label: str) -> bool:
        """Read one value of ASN.1, whose structure says what it is."""
        body = kinds.body(der)
        if body.startswith(kinds.PFX_VERSION):
            self.content.is_pfx = True
            self._noting(lambda: self._read_pfx(der))
        elif body.startswith(b"\x06"):
            return self._read_cms(der)
        elif not self._read_certificate(der):
            return self._read_request(der) or self._read_other(der, label)
        return True

    def _read_certificate(self, der: bytes) -> bool:
        with attempt() as reading:
            self.content.certificates.append(x509.load_der_x509_certificate(der))
        if reading.failed:
            if not lenient.is_certificate(der):
                return False
            told = unreadable(self._origin, reading.reason)
            self.content.odd_certificates.append((der, told))
        return True

    def _read_request(self, der: bytes) -> bool:
        with attempt() as reading:
            self.content.requests.append(x509.load_der_x509_csr(der))
        if reading.failed:
            if not kinds.is_request(der):
                return False
            self._refuse(
                f"a signing request that cannot be read: {reading.reason}",
                "make the request again, or copy it complete from BEGIN to END",
            )
        return True

    def _read_other(self, der: bytes, label: str) -> bool:
        if (name := kinds.other(der)) is not None:
            self.content.others.append(name)
            return True
        if not kinds.is_key(der) and not label.endswith("PRIVATE KEY"):
            return False
        self._noting(lambda: self._read_key(der))
        return True

    def _read_key(self, data: bytes) -> None:
        self._keys += 1
        if self._keys > keys.MAX_IN_FILE:
            if self._keys == keys.MAX_IN_FILE + 1:
                raise keys.too_many(self._origin)
            return
        derived = keys.rounds(data, self._origin)
        self._rounds += derived or 0
        passphrases.refuse_total(self._rounds, self._origin)
        key = self._opened(
            lambda one: keys.read_private_key(data, one, origin=self._origin)
        )
        self._add(key, protected=derived is not None)

    def _add(self, key: PrivateKey, *, protected: bool) -> None:
        self.content.private_keys.append(key)
        if not protected:
            self.content.unprotected.add(keys.key_sha256(key.public_key()))

    def _read_pfx(self, der: bytes) -> None:
        from certlib.bundles import pfx  # and the libraries for it

        opened = self._opened(lambda one: pfx.read(der, one, self._origin))
        for certificate, name in opened.certificates:
            self.content.certificates.append(certificate)
            if name:
                self.content.friendly_names[certificate] = name
        if opened.unsure:
            self.content.remarked.append(_more_keys(self._origin))
        for key in opened.keys:
            self._noting(
                lambda key=key: self._add(  # type: ignore[misc]
                    keys.usable(key, origin=self._origin), protected=opened.protected
                )
            )

    def _read_cms(self, der: bytes) -> bool:
        """Read the certificates of a PKCS #7 text (RFC 5652), readable or not."""
        from asn1crypto import cms  # few files hold one

        try:
            content = cms.ContentInfo.load(der)
            kind = content["content_type"].native
        except ASN1_ERRORS:
            return False
        if kind != "signed_data":
            self.content.others.append(f"a PKCS #7 text of the kind {kind}")
            return True
        try:
            found = lenient.certificates_in(content)
        except ASN1_ERRORS:
            found = []
        for one in found:
            if not self._read_certificate(one):
                why = self._unreadable("CERTIFICATE", "it is none")
                self.content.odd_certificates.append((one, why))
        if not found:
            self._refuse(
                "a PKCS #7 text without certificates that can be read",
                "export it again as 'PKCS #7 Certificates (.P7B)'",
            )
        return True

    def _noting(self, read: Callable[[], None]) -> None:
        try:
            with panics_as_errors():
                read()
        except CertlibError as error:
            self.content.refused.append(error)
        except UNREADABLE as error:
            self._refuse_block("PRIVATE KEY", plain_reason(error))

    def _opened(self, read: Callable[[str | None], T]) -> T:
        """Try the passphrases one after the other, as long as there is time."""
        given, number = self._tried or (None,), 0
        for passphrase in given:
            begin = time.monotonic()
            try:
                return read(passphrase)
            except PassphraseError as error:
                told = error
            number += 1
            self._seconds += time.monotonic() - begin
            if self._seconds > MAX_SECONDS:
                break
        if len(given) == 1:
            raise told
        all_ = number == len(given)
        how = "given" if all_ else f"tried within {MAX_SECONDS:.0f} seconds"
        raise PassphraseError(
            f"{self._origin} is protected, and none of the {number:,} passphrases "
            f"that were {how} opens it",
            fix="give its passphrase, first of all, to read it too",
        )


MAX_SECONDS = 10.0
"""For which passphrases are tried on a file; each of the first ones, once at least."""

_WINDOW = 1 << 16
"""Bytes in which a further certificate has to end."""


def unreadable(origin: str, reason: str) -> EncodingError:
    """Return the error for a certificate that breaks a rule of its form."""
    return EncodingError(
        f"{origin} holds a certificate that cannot be read: {reason}",
        fix="ask its issuer for a certificate that follows RFC 5280",
    )
