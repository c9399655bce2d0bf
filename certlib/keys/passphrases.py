"""Passphrases: as libraries take them, as older programs spelt them, and their cost."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from asn1crypto import algos
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    KeySerializationEncryption,
    NoEncryption,
)

from certlib.errors import EncodingError, PassphraseError
from certlib.parsers import ASN1_ERRORS

MAX_LENGTH = 1023
"""Bytes in the longest passphrase of an encrypted key that OpenSSL takes."""

MAX_ITERATIONS = 10_000_000
"""Rounds of a key derivation that are carried out: some seconds of work.

Windows writes 2,000 and today's advice is 600,000; a file may claim two thousand
million, which takes hours.
"""

_CODE_PAGES = ("cp1252", "latin-1", "cp850", "cp437")
"""In which Windows' and older Unix' consoles hand on what is typed."""


def encryption(passphrase: str | None) -> KeySerializationEncryption:
    """Return today's best encryption under a passphrase; none for None.

    Raises:
        PassphraseError: the passphrase is empty, or no file can have it.
    """
    if passphrase is None:
        return NoEncryption()
    return BestAvailableEncryption(encoded(passphrase))


def encoded(passphrase: str) -> bytes:
    """Return a passphrase as the libraries take it, in UTF-8.

    Raises:
        PassphraseError: no file can be protected with it.
    """
    # Looked for rather than caught: the error of `encode` holds the text.
    if not passphrase:
        reason = "is empty"
    elif any("\ud800" <= character <= "\udfff" for character in passphrase):
        reason = "is no proper text"
    elif "\0" in passphrase:
        reason = "has a NUL character in it"  # where C libraries end it
    elif len(data := passphrase.encode()) > MAX_LENGTH:
        reason = f"is longer than {MAX_LENGTH} bytes"
    else:
        return data
    raise PassphraseError(
        f"the passphrase {reason}", fix="check where it was read from"
    )


def of_key(passphrase: str) -> tuple[bytes, ...]:
    """Return the bytes that may protect a private key, the likely ones first.

    PEM says nothing about the encoding: programs took what the console gave.

    Raises:
        PassphraseError: no file can be protected with it.
    """
    texts = _forms(passphrase)
    return _usable(
        passphrase,
        (
            *(text.encode() for text in texts),
            *(data for text in texts for data in _on_code_pages(text)),
            *(text.encode() for text in _of_console(passphrase)),
        ),
    )


def of_pfx(passphrase: str) -> tuple[bytes, ...]:
    """Return what may protect a PFX file in UTF-8, the likely texts first.

    PKCS #12 wants UTF-16. OpenSSL before 1.1 made one character of each byte
    that it got, of UTF-8 or of a console's code page.

    Raises:
        PassphraseError: no file can be protected with it.
    """
    texts = _forms(passphrase)
    seen = (data for text in texts for data in (text.encode(), *_on_code_pages(text)))
    return _usable(
        passphrase,
        (
            *(text.encode() for text in texts),
            *(data.decode("latin-1").encode() for data in seen),
            *(text.encode() for text in _of_console(passphrase)),
        ),
    )


def _forms(passphrase: str) -> tuple[str, ...]:
    """Return a passphrase as it was typed, and composed and decomposed (NFC, NFD)."""
    encoded(passphrase)
    return passphrase, *(unicodedata.normalize(f, passphrase) for f in ("NFC", "NFD"))


def _of_console(text: str) -> Iterable[str]:
    """Return what `echo` of cmd.exe wrote into a file, taken there for Windows-1252."""
    try:
        data = b"".join(
            bytes([ord(c)]) if "\x80" <= c < "\xa0" else c.encode("cp1252")
            for c in text
        )
    except UnicodeEncodeError:
        return ()
    return (data.decode("cp850"), data.decode("cp437"))


def _on_code_pages(text: str) -> Iterable[bytes]:
    for page in _CODE_PAGES:
        try:
            yield text.encode(page)
        except UnicodeEncodeError:
            continue


def _usable(passphrase: str, spellings: Iterable[bytes]) -> tuple[bytes, ...]:
    if passphrase.isascii():  # everybody writes it the same way
        return (passphrase.encode(),)
    return tuple(dict.fromkeys(s for s in spellings if len(s) <= MAX_LENGTH))


def doubt(passphrase: str) -> str:
    """Return what may be wrong with a passphrase that opens nothing, or nothing."""
    if not passphrase:
        return ""
    edges = passphrase[0] + passphrase[-1]
    if any(edge.isspace() for edge in edges):
        what = "a blank"
    elif any(edge in "\"'`‘’“”„«»" for edge in edges):
        what = "a quotation mark"
    else:
        return ""
    return f"; it begins or ends with {what}, which may not belong to it"


def check_iterations(algorithm: algos.EncryptionAlgorithm, origin: str) -> int:
    """Return the rounds of a password-based encryption (RFC 8018), if bearable.

    Args:
        algorithm: how the content is encrypted.
        origin: what to call the input in an error.

    Raises:
        EncodingError: there are more than `MAX_ITERATIONS`.
        ValueError: it cannot be read.
    """
    try:
        rounds = int(algorithm.kdf_iterations)
    except ASN1_ERRORS:  # scrypt, which the library does not know, or no password
        rounds = _rounds_of_scrypt(algorithm["parameters"].native or {})
    refuse_iterations(rounds, origin)
    return rounds


def _rounds_of_scrypt(parameters: Mapping[str, Any]) -> int:
    """Return as many rounds as take the time of scrypt (RFC 7914); 0 without it.

    A step of it takes 128 bytes, and as long as some eight rounds.
    """
    inner = (parameters.get("key_derivation_func") or {}).get("parameters") or {}
    _, *numbers = inner.values() or (b"",)  # after the salt: N, r and p
    return 8 * math.prod(map(int, numbers[:3])) if numbers else 0


def refuse_iterations(rounds: int, origin: str) -> None:
    """Refuse a key derivation with more than `MAX_ITERATIONS` rounds.

    Raises:
        EncodingError: there are more.
    """
    if rounds > MAX_ITERATIONS:
        raise EncodingError(
            f"{origin} would take {rounds:,} rounds to open; {MAX_ITERATIONS:,} are "
            "the limit",
            fix="export it again with a usual number of rounds, or do not trust it",
        )


def refuse_total(rounds: int, origin: str) -> None:
    """Refuse what many derivations in one file come to: four times the most for one.

    Raises:
        EncodingError: there are more rounds.
    """
    if rounds > 4 * MAX_ITERATIONS:
        raise EncodingError(
            f"{origin} would take {rounds:,} rounds to open all that is in it",
            fix="give a file with the certificates and keys of one server",
        )


def bearable(spellings: tuple[bytes, ...], rounds: int) -> tuple[bytes, ...]:
    """Return as many spellings as can be tried with so many rounds for each."""
    return spellings[: max(1, MAX_ITERATIONS // max(rounds, 1))]
