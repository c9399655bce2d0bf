"""Formats: the certificates, keys and requests in a file that somebody wants to use.

A file in which anything is damaged is refused as a whole; `reading` tells what is
in it piece by piece.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from certlib import files
from certlib.bundles import reading
from certlib.bundles.content import Content
from certlib.bundles.reading import unreadable as unreadable
from certlib.errors import EncodingError, InputError, PassphraseError
from certlib.parsers import attempt
from certlib.summaries import lenient

if TYPE_CHECKING:
    from certlib.trust.revocation_lists import RevocationList


def read(
    data: bytes,
    *,
    passphrase: str | None = None,
    origin: str = "the data",
    whole: bool = True,
) -> Content:
    """Return what is in a file, all of which can be read.

    Args:
        data: in PEM, DER, P7B or PFX form, and however wrapped.
        passphrase: for what is protected.
        origin: what to call it in an error.
        whole: False takes what is left of a file that is damaged; `Content` says
            what is not.

    Raises:
        PassphraseError: the passphrase is missing or wrong.
        EncodingError: it is none of these, or something in it is damaged.
        InputError: its private key is of a kind that Windows cannot use.
    """
    content = reading.read(data, (passphrase,) if passphrase else (), origin)
    left = content.certificates or content.requests or content.private_keys
    for error in content.refused:
        if whole or isinstance(error, PassphraseError):
            raise error
    for error in (*content.refused, *(why for _, why in content.odd_certificates)):
        if whole or not (left or content.odd_certificates):
            raise error
    return content


def read_files(
    source: Path | bytes,
    key: Path | bytes | None = None,
    *,
    passphrase: str | None = None,
    origin: str = "the data",
    whole: bool = True,
) -> Content:
    """Return what is in a file, and in a second one with its private key.

    Args:
        source: a file, or its bytes.
        key: that of the private key, if that lies apart.
        passphrase: for what is protected in either.
        origin: what to call bytes in an error.
        whole: False takes what is left of a file that is damaged, see `read`.

    Raises:
        InputError: a file cannot be read, or holds what Windows cannot use.
        PassphraseError: the passphrase is missing or wrong.
        EncodingError: one of them is damaged, or has no private key in it.
    """
    content = _read_one(source, passphrase, origin, whole)
    if key is None:
        return content
    second = _read_one(key, passphrase, "the file of the key", whole=True)
    if not (content.private_keys or second.private_keys):
        name = key.name if isinstance(key, Path) else "the file of the key"
        raise EncodingError(
            f"{name} holds no private key",
            fix="give the file that was made together with the signing request",
        )
    content.private_keys += second.private_keys
    content.certificates += second.certificates
    return content


def _read_one(
    source: Path | bytes, passphrase: str | None, origin: str, whole: bool
) -> Content:
    if isinstance(source, Path):
        origin, source = source.name, files.read(source)
    return read(source, passphrase=passphrase, origin=origin, whole=whole)


def read_certificates(*paths: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates in files that need no passphrase.

    Raises:
        InputError: a file cannot be read.
        EncodingError: one has no certificate in it, or is damaged.
    """
    return tuple(one for path in paths for one in _certificates_in(path))


def _certificates_in(path: Path) -> list[x509.Certificate]:
    found = read(files.read(path), origin=path.name).certificates
    if not found:
        raise EncodingError(
            f"{path.name} holds no certificate",
            fix="give the file with the certificate, .cer, .pem or .p7b",
        )
    return found


def read_lists(path: Path) -> list[RevocationList]:
    """Return the revocation lists (CRL) in a file, or in those of a folder.

    Raises:
        InputError: nothing can be read, or a folder has none in it.
        EncodingError: a file is no such list, or damaged.
    """
    from certlib.trust import revocation_lists

    try:
        lists = sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}", fix="check the rights on it"
        ) from None
    if path not in lists:
        lists = [one for one in lists if one.suffix.lower() == ".crl"]
    if not lists:
        raise InputError(
            f"{path} has no revocation list (.crl) in it",
            fix="name the folder or the file in which the lists of the CAs are",
        )
    return [
        found
        for one in lists
        for data in _lists_in(files.read(one))
        for found in revocation_lists.load(data, origin=one.name)
    ]


def _lists_in(data: bytes) -> list[bytes]:
    """Return the revocation lists in a file, or what may be one."""
    found = reading.values(data)
    return [one for one in found if not lenient.is_certificate(one)] or [data]


def read_der(data: bytes, *, origin: str = "the data") -> x509.Certificate:
    """Return the certificate that DER holds.

    Raises:
        EncodingError: it is none, or one that cannot be read.
    """
    with attempt() as reading, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a serial number of 0, in old roots
        return x509.load_der_x509_certificate(data)
    raise unreadable(origin, reading.reason)
