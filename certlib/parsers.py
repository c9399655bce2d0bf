"""Parsers: what they raise over odd bytes, met in one way and said in plain words."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    DuplicateExtension,
    InvalidVersion,
    UnsupportedGeneralNameType,
)

UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    InvalidVersion,
    DuplicateExtension,
    UnsupportedGeneralNameType,
)
"""What the library raises over bytes or a part that it cannot read."""

ASN1_ERRORS = (ValueError, TypeError, KeyError, NotImplementedError, OverflowError)
"""What `asn1crypto` raises over bytes that are not what they are taken for."""

JSON_ERRORS = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(OverflowError, RecursionError),  # a huge number or far year, a deep nesting
)
"""What a document of JSON raises that is none, or not what it is taken for."""


_WRITTEN: dict[int, tuple[x509.Certificate, bytes]] = {}
"""Certificates by their identity, which lasts as long as they stand here."""
_MOST_WRITTEN = 8192


def der_of(certificate: x509.Certificate) -> bytes:
    """Return a certificate in DER; writing it takes longer than reading it."""
    written = _WRITTEN.get(id(certificate))
    if written is None:  # comparing two takes as long as reading one
        if len(_WRITTEN) >= _MOST_WRITTEN:
            _WRITTEN.clear()
        written = certificate, certificate.public_bytes(Encoding.DER)
        _WRITTEN[id(certificate)] = written
    return written[1]


@contextlib.contextmanager
def panics_as_errors() -> Iterator[None]:
    """Turn a panic of a parser written in Rust into a `ValueError`.

    PyO3 raises it as a `BaseException` of its own, which is to end the
    program. One odd file is no reason for that. What the panic says is left
    out: it may quote the input, a passphrase for example.
    """
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError("the library that reads it broke down over it") from None


class attempt:  # noqa: N801 # as contextlib has it, and twice as fast
    """Read what may be odd: whatever a parser raises ends the block, no more.

    Libraries raise many kinds of errors over a stranger's bytes, PyO3 even a
    `BaseException` of its own for a panic in Rust. What is meant to end the
    program does::

        with attempt() as reading:
            return certificate.public_key()
        return reading.reason

    Attributes:
        error: what a parser raised, or None.
    """

    error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> bool:
        if error is None or isinstance(error, _MEANT):
            return False
        self.error = error.with_traceback(None)  # which would hold what was read
        return True

    @property
    def failed(self) -> bool:
        """Whether it could not be read."""
        return self.error is not None

    @property
    def reason(self) -> str:
        """Why not, in plain words; empty if it could be read."""
        return "" if self.error is None else plain_reason(self.error)


_MEANT = (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)


def plain_reason(error: BaseException) -> str:
    """Return why a library could not read something, on one line in plain words."""
    if type(error).__name__ == "PanicException":  # it may quote the input
        return "the library that reads it broke down over it"
    text = " ".join(str(error).split()) or type(error).__name__
    if (torn := _PARSE_ERROR.search(text)) is not None and torn["kind"] in _FAULTS:
        parts = re.findall(r'"([^"]+)"', torn["location"] or "")
        text = _FAULTS[torn["kind"]] + (f", at {', '.join(parts)}" if parts else "")
    elif (odd := _ASN1CRYPTO_ERROR.match(text)) is not None:
        text = f"{_FAULTS['UnexpectedTag']}, at {odd['part']}"
    else:
        said = (plain for words, plain in _INSTEAD.items() if re.search(words, text))
        text = next(said, text)
    return text[:200]


# How the ASN.1 parser of `cryptography` says what is wrong, and where.
_PARSE_ERROR = re.compile(
    r"ParseError \{ kind: (?P<kind>\w+).*?(?:location: \[(?P<location>.*)\] )?\}$"
)


_ASN1CRYPTO_ERROR = re.compile(
    r"Error parsing asn1crypto\.\w+\.(?P<part>\w+) - .* should have been "
)


_INSTEAD = {
    r"serial number which wasn't positive": "the serial number is zero or negative",
    r"NULL parameter value in its signature": "the signature algorithm has a NULL "
    "as parameter, where none belongs",
    r"UTF-8 characters in a VisibleString": "the text of a policy has characters "
    "that its kind of string does not allow",
    r"could not be parsed as DER, falling back": "it is encoded in BER, where DER is "
    "due",
    r"not appear to be an IPv4 or IPv6": "an IP address has neither 4 nor 16 bytes",
    r"Could not deserialize key data": "its bytes are not those of a key",
    r"Unable to load PEM file": "what stands between BEGIN and END is not base64",
    r"codec can't decode": "a text has bytes that its kind of string does not allow",
    r"tagging must be explicit|did not match the class and tag|asn1crypto": "a value "
    "is of another kind than belongs there",
    r"future (?:release|version)|deprecated": "it is encoded in a way that is not "
    "allowed any more",
}
"""What libraries say to programmers, and the same for everybody; the first counts."""


_FAULTS = {
    "EncodedDefault": "a default value is written out, which DER forbids",
    "ExtraData": "more follows where it should end",
    "IntegerOverflow": "a number is too large",
    "InvalidLength": "a length is not written as DER wants it",
    "InvalidSetOrdering": "the elements of a set are not in the order of DER",
    "InvalidSize": "it has too few or too many elements",
    "InvalidTag": "the kind of a value is not written as DER wants it",
    "InvalidValue": "a value is not one that may stand there",
    "OidTooLong": "an object identifier is too long",
    "ShortData": "it ends too early",
    "UnexpectedTag": "a value is of another kind than belongs there",
    "UnknownDefinedBy": "it is of a kind that nobody knows",
}
