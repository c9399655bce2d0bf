"""Formats: the certificates, keys and requests in a file that somebody wants to use.

A file in which anything is damaged is refused as a whole; `reading` tells what is
in it piece by piece.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from certlib import files
from certlib.bundles import reading
from certlib.bundles.reading import Content as Content
from certlib.bundles.reading import unreadable as unreadable
from certlib.errors import EncodingError
from certlib.parsers import attempt


def read(
    data: bytes, *, passphrase: str | None = None, origin: str = "the data"
) -> Content:
    """Return what is in a file, all of which can be read.

    Args:
        data: in PEM, DER, P7B or PFX form, and however wrapped.
        passphrase: for what is protected.
        origin: what to call it in an error.

    Raises:
        PassphraseError: the passphrase is missing or wrong.
        EncodingError: it is none of these, or something in it is damaged.
        InputError: its private key is of a kind that Windows cannot use.
    """
    content = reading.read(data, (passphrase,) if passphrase else (), origin)
    for error in (*content.refused, *(why for _, why in content.odd_certificates)):
        raise error
    return content


def read_files(
    path: Path, key: Path | None = None, *, passphrase: str | None = None
) -> Content:
    """Return what is in a file, and in a second one with its private key.

    Args:
        path: a file.
        key: the file of the private key, if that lies apart.
        passphrase: for what is protected in either.

    Raises:
        InputError: a file cannot be read, or holds what Windows cannot use.
        PassphraseError: the passphrase is missing or wrong.
        EncodingError: one of them is damaged, or has no private key in it.
    """
    content = read(files.read(path), passphrase=passphrase, origin=path.name)
    if key is None:
        return content
    second = read(files.read(key), passphrase=passphrase, origin=key.name)
    if not (content.private_keys or second.private_keys):
        raise EncodingError(
            f"{key.name} holds no private key",
            fix="give the file that was made together with the signing request",
        )
    content.private_keys += second.private_keys
    content.certificates += second.certificates
    return content


def read_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates in a file that needs no passphrase.

    Raises:
        InputError: the file cannot be read.
        EncodingError: it is no certificate file, or damaged.
    """
    return tuple(read(files.read(path), origin=path.name).certificates)


def read_der(data: bytes, *, origin: str = "the data") -> x509.Certificate:
    """Return the certificate that DER holds.

    Raises:
        EncodingError: it is none, or one that cannot be read.
    """
    with attempt() as reading:
        return x509.load_der_x509_certificate(data)
    raise unreadable(origin, reading.reason)
