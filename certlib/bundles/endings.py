"""Endings: the formats of files, and what the endings of their names mean.

They say what is written, and which files are looked at in a folder. What is read
is told by the content, whatever a file is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Protocol


class PfxProtection(StrEnum):
    """How a PFX file is encrypted, which decides who can read it."""

    AES_256 = "aes256-sha256"
    """Windows 10 1709, Windows Server 2019 and newer."""

    TRIPLE_DES = "3des-sha1"
    """Also Windows Server 2016 and older, which know nothing better."""

    @classmethod
    def fit_for(cls, *, old_windows: bool) -> PfxProtection:
        """Return the best one that can be read there."""
        return cls.TRIPLE_DES if old_windows else cls.AES_256


class Writable(Protocol):
    """A bundle, as far as writing it goes."""

    def to_pfx(self, passphrase: str | None, *, protection: PfxProtection) -> bytes:
        """Return everything as PKCS #12."""

    def to_pem(self, passphrase: str | None = None) -> bytes:
        """Return everything as PEM."""

    def to_der(self) -> bytes:
        """Return the leaf as DER."""

    def to_p7b(self) -> bytes:
        """Return the certificates as PKCS #7."""


@dataclass(frozen=True)
class Format:
    """A format of files.

    Attributes:
        name: what people call it.
        endings: of its files, in lower case with the dot; the usual one first.
        holds_key: whether private keys are in it.
        write: writes a bundle with a passphrase and a protection; None where it
            is not written.
        searched: whether its files are looked at in a folder.
    """

    name: str
    endings: tuple[str, ...]
    holds_key: bool = False
    write: Callable[[Writable, str | None, PfxProtection], bytes] | None = None
    searched: bool = True


PFX = Format(
    "PFX (PKCS #12)",
    (".pfx", ".p12"),
    holds_key=True,
    write=lambda bundle, passphrase, protection: bundle.to_pfx(
        passphrase, protection=protection
    ),
)
PEM = Format(
    "PEM",
    (".pem",),
    holds_key=True,
    write=lambda bundle, passphrase, _: bundle.to_pem(passphrase),
)
CERTIFICATE = Format(
    "certificate",
    (".cer", ".crt", ".der", ".cert"),
    write=lambda bundle, *_: bundle.to_der(),
)
P7B = Format(
    "P7B (PKCS #7)",
    (".p7b", ".p7c", ".spc"),
    write=lambda bundle, *_: bundle.to_p7b(),
)
REQUEST = Format("signing request", (".csr", ".req", ".p10"))
PRIVATE_KEY = Format(
    "private key", (".key", ".p8", ".pk8", ".pvk"), holds_key=True, searched=False
)

FORMATS = (
    PFX,
    PEM,
    CERTIFICATE,
    P7B,
    REQUEST,
    PRIVATE_KEY,
    Format("chain", (".ca-bundle", ".chain", ".p7s", ".p7r", ".b64", ".sst")),
    Format(
        "Java keystore", (".jks", ".jceks", ".keystore", ".ks", ".bks"), holds_key=True
    ),
)
"""All of them: the one place for what endings mean."""

SEARCHED = frozenset(e for kind in FORMATS if kind.searched for e in kind.endings)
"""Endings of the files that are looked at in a folder."""


def format_of(path: PurePath) -> Format | None:
    """Return the format that a file's name ends in, if it is one."""
    suffix = path.suffix.lower()
    return next((kind for kind in FORMATS if suffix in kind.endings), None)


def holds_key(path: PurePath) -> bool:
    """Tell whether a file of this name would be written with the private key."""
    return format_of(path) in (PFX, PEM)
