r"""Stores: where a certificate lives on a machine.

A `Machine` has certificate stores, each with an address as PowerShell writes
it (``Cert:\LocalMachine\My``). Two kinds of machine keep the same contract:
`certlib.stores.windows`, the real one, and `certlib.stores.folder`, files on
disk, for computers without Windows and for exercises.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import platformdirs
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from certlib import bundles, keys
from certlib.bundles import Bundle
from certlib.errors import InputError, StoreError
from certlib.keys import PublicKey


class StoreLocation(StrEnum):
    """Whose stores: those of the computer, or those of the user logged on."""

    LOCAL_MACHINE = "LocalMachine"
    CURRENT_USER = "CurrentUser"

    @property
    def display_name(self) -> str:
        """The name that Windows' dialogs show."""
        return "Local Machine" if self is self.LOCAL_MACHINE else "Current User"


TITLES = {
    "My": "Personal",
    "Root": "Trusted Root Certification Authorities",
    "Trust": "Enterprise Trust",
    "CA": "Intermediate Certification Authorities",
    "TrustedPublisher": "Trusted Publishers",
    "Disallowed": "Untrusted Certificates",
    "AuthRoot": "Third-Party Root Certification Authorities",
    "TrustedPeople": "Trusted People",
    "AddressBook": "Other People",
    "REQUEST": "Certificate Enrollment Requests",
}
"""Names of stores, and what the certificate manager calls them."""


@dataclass(frozen=True, order=True)
class StoreAddress:
    """Which store is meant, for example Local Machine > Personal."""

    location: StoreLocation
    name: str

    def __str__(self) -> str:
        return f"Cert:\\{self.location}\\{self.name}"

    @property
    def display_name(self) -> str:
        """The address as Windows' dialogs show it."""
        return f"{self.location.display_name} > {TITLES.get(self.name, self.name)}"

    @classmethod
    def parse(cls, text: str) -> StoreAddress:
        r"""Return the address that a text means.

        ``Cert:\LocalMachine\My``, ``LocalMachine/My`` and
        ``Local Machine > Personal`` are the same; case does not count.

        Raises:
            InputError: the text is none of these.
        """
        plain = re.sub(r"^cert:[\\/]*", "", text.strip(), flags=re.IGNORECASE)
        parts = [part.strip() for part in re.split(r"[\\/>]+", plain) if part.strip()]
        locations = {
            w: loc for loc in StoreLocation for w in _spellings(loc, loc.display_name)
        }
        if len(parts) == 2 and (location := locations.get(parts[0].casefold())):
            known = {w: n for n, t in TITLES.items() for w in _spellings(n, t)}
            return cls(location, known.get(parts[1].casefold(), parts[1]))
        raise InputError(
            f"{text!r} is not the address of a certificate store",
            fix=r"write it as Cert:\LocalMachine\My",
        )


def _spellings(*words: str) -> set[str]:
    return {word.casefold() for word in words}


PERSONAL = StoreAddress(StoreLocation.LOCAL_MACHINE, "My")
"""Local Machine > Personal, where the documents want the certificate."""

INTERMEDIATE = StoreAddress(StoreLocation.LOCAL_MACHINE, "CA")
"""Local Machine > Intermediate Certification Authorities."""

TRUSTED_ROOT = StoreAddress(StoreLocation.LOCAL_MACHINE, "Root")
"""Local Machine > Trusted Root Certification Authorities."""


@dataclass(frozen=True)
class StoreEntry:
    """A certificate in a store.

    Attributes:
        address: the store.
        certificate: the certificate itself.
        friendly_name: the name for people, or an empty text.
        has_private_key: whether the store has a private key to it.
        exportable: whether that key may leave the machine; None without a key.
    """

    address: StoreAddress
    certificate: x509.Certificate
    friendly_name: str = ""
    has_private_key: bool = False
    exportable: bool | None = None

    @property
    def thumbprint(self) -> str:
        """SHA-1 in 40 upper-case hexadecimal digits."""
        return bundles.thumbprint(self.certificate)


class KeyProvider(StrEnum):
    """What keeps a private key on Windows, by the name that Windows shows."""

    CAPI = "Microsoft Enhanced RSA and AES Cryptographic Provider"
    """The older interface: RSA only, and every program can use the key."""

    CNG = "Microsoft Software Key Storage Provider"
    """The newer interface: also for EC. Not yet run on real Windows."""


class CertificateStore(Protocol):
    """One certificate store. Its methods raise `StoreError` where it refuses.

    A thumbprint is given as 40 upper-case digits (`bundles.parse_thumbprint`).
    """

    @property
    def address(self) -> StoreAddress:
        """Which store this is."""

    def __iter__(self) -> Iterator[StoreEntry]:
        """Yield what is in the store."""

    def find(self, thumbprint: str) -> StoreEntry:
        """Return the entry with a thumbprint, or raise `StoreError`."""

    def add(self, bundle: Bundle, *, exportable: bool = False) -> StoreEntry:
        """Add a leaf, and its private key if the bundle has it; not the chain.

        Never replaces: a certificate that is already there is a `StoreError`.
        """

    def remove(self, thumbprint: str) -> None:
        """Remove a certificate, and its key unless another one still uses it."""

    def key_users(self, thumbprint: str) -> list[StoreEntry]:
        """Return the other certificates on this machine with the same key."""

    def prove_key(self, thumbprint: str) -> None:
        """Sign with the private key and check it with the certificate.

        Raises `StoreError` if there is no key, it cannot be used, or it is
        that of another certificate.
        """

    def export(self, thumbprint: str) -> Bundle:
        """Return the certificate with its private key, if that may leave."""

    def readers(self, thumbprint: str) -> list[str]:
        """Return the accounts that may read the private key."""

    def grant_read(self, thumbprint: str, account: str) -> None:
        """Let an account read the private key, as 'Manage Private Keys' does."""

    def revoke_read(self, thumbprint: str, account: str) -> None:
        """Take that right away again."""


class Machine(Protocol):
    """A computer, or an exercise's stand-in for one, with its stores."""

    @property
    def practice(self) -> bool:
        """Whether this is an exercise, which takes practice keys."""

    @property
    def display_name(self) -> str:
        """What to call it in a plan."""

    @property
    def default_readers(self) -> tuple[str, ...]:
        """The accounts that may read a private key after its import."""

    def key_storage(self, key: PublicKey) -> str:
        """Return what keeps a private key of this kind, for a plan."""

    def known_account(self, account: str) -> str:
        """Return an account's name as the machine writes it, or raise."""

    def addresses(self) -> list[StoreAddress]:
        """Return the addresses of its stores."""

    def open(self, address: StoreAddress) -> CertificateStore:
        """Return a store, or raise `StoreError` if there is none there."""


def this_machine() -> Machine:
    """Return the stores of this computer: Windows' own, files elsewhere."""
    if sys.platform == "win32":
        from certlib.stores.windows import WindowsMachine

        return WindowsMachine()
    from certlib.stores.folder import FolderMachine

    return FolderMachine(Path(platformdirs.user_data_dir("certlib")) / "stores")


def practice_machine(folder: Path) -> Machine:
    """Return stores for exercises, kept in a folder; they take practice keys."""
    from certlib.stores.folder import FolderMachine

    return FolderMachine(folder, practice=True)


def refuse_practice_key(bundle: Bundle) -> None:
    """Keep a private key that everybody has out of a real store.

    Raises:
        StoreError: the bundle's key is one of `keys.practice_key`.
    """
    if keys.is_practice_key(bundle.leaf.public_key()):
        raise StoreError(
            f"{bundle.subject} was made with a practice key, which is published "
            "with certlib: everybody has it",
            fix="create the certificate again without a fixed key",
        )


def key_provider(key: PublicKey, wanted: KeyProvider | None = None) -> KeyProvider:
    """Return where a private key goes on Windows: CAPI for RSA, CNG for EC.

    Args:
        key: its public key.
        wanted: a provider to take instead.

    Raises:
        InputError: the provider does not know keys of this kind.
    """
    is_rsa = isinstance(key, rsa.RSAPublicKey)
    if wanted is KeyProvider.CAPI and not is_rsa:
        raise InputError(
            f"{wanted} takes no {keys.describe(key)} key, only RSA",
            fix=f"take the {KeyProvider.CNG}",
        )
    return wanted or (KeyProvider.CAPI if is_rsa else KeyProvider.CNG)


def checked_account(account: str) -> str:
    """Return the name of a Windows account, trimmed.

    Raises:
        InputError: it is empty or has characters that no account name has.
    """
    account = account.strip()
    if not account or not account.isprintable() or set(account) & set('/[]:;|=,+*?<>"'):
        raise InputError(
            f"{account!r} is not the name of a Windows account",
            fix=r"write it as NT Service\<service> or DOMAIN\name",
        )
    return account


def elsewhere(
    machine: Machine, address: StoreAddress, thumbprint: str
) -> StoreAddress | None:
    """Return the store of the other location that has a certificate, if so.

    A certificate in Current User instead of Local Machine is a known mistake.
    """
    other = next(loc for loc in StoreLocation if loc is not address.location)
    there = StoreAddress(other, address.name)
    if there not in machine.addresses():
        return None
    found = any(entry.thumbprint == thumbprint for entry in machine.open(there))
    return there if found else None


def not_in_store(
    thumbprint: str, address: StoreAddress, *, elsewhere: StoreAddress | None = None
) -> StoreError:
    """Return the error for a certificate that is not there.

    Args:
        thumbprint: of the certificate.
        address: of the store.
        elsewhere: where it lies instead.
    """
    if elsewhere is not None and address.location is StoreLocation.LOCAL_MACHINE:
        return StoreError(
            f"the certificate {thumbprint} is not in {address.display_name} but in "
            f"{elsewhere.display_name}, where a Windows service cannot see it",
            fix="import its PFX file again, and choose Local Machine",
            code=0x80092004,  # CRYPT_E_NOT_FOUND
        )
    return StoreError(
        f"there is no certificate {thumbprint} in {address.display_name}",
        fix="look it up in the list of that store; Current User and Local Machine "
        "are different stores",
        code=0x80092004,  # CRYPT_E_NOT_FOUND
    )


def already_in_store(thumbprint: str, address: StoreAddress) -> StoreError:
    """Return the error for a certificate that is there already."""
    return StoreError(
        f"the certificate {thumbprint} is already in {address.display_name}",
        fix="nothing needs to be done; to import it afresh, remove it first",
        code=0x80092005,  # CRYPT_E_EXISTS
    )


def no_private_key(thumbprint: str, address: StoreAddress) -> StoreError:
    """Return the error for a certificate whose private key is not there."""
    return StoreError(
        f"the certificate {thumbprint} in {address.display_name} has no private key",
        fix="import the PFX file, or run `certreq -accept` on the machine that made "
        "the request",
        code=0x8009200B,  # CRYPT_E_NO_KEY_PROPERTY
    )


def not_exportable(thumbprint: str) -> StoreError:
    """Return the error for a private key that may not leave the machine."""
    return StoreError(
        f"the private key of {thumbprint} may not leave this machine",
        fix="use the PFX file that it was imported from, or ask for a new certificate",
        code=0x8009000B,  # NTE_BAD_KEY_STATE
    )


def no_right(thumbprint: str, account: str, readers: list[str]) -> StoreError:
    """Return the error for an account whose right is to be taken, and has none."""
    return StoreError(
        f"{account} has no right of its own on the key of {thumbprint}",
        fix="take one of " + ", ".join(readers),
    )


def read_only(address: StoreAddress, code: int | None = None) -> StoreError:
    """Return the error for a change in a store that was opened for reading."""
    return StoreError(
        f"{address.display_name} was opened for reading only",
        fix="open the machine without read_only to change it",
        code=code,
    )


class ElevationError(StoreError):
    """The account has not the rights that a store demands.

    Args:
        address: of the store.
        code: of Windows.
        twin: the PowerShell that an administrator can run instead.
    """

    def __init__(
        self, address: StoreAddress, code: int | None = None, *, twin: str = ""
    ) -> None:
        fix = "start PowerShell, and Jupyter in it, with 'Run as administrator'"
        if twin:
            fix += f"; or let an administrator run there:\n{twin}"
        super().__init__(
            f"{address.location.display_name} needs an elevated session: Windows "
            f"refused access to {address.display_name}"
            if address.location is StoreLocation.LOCAL_MACHINE
            else f"Windows refused access to {address.display_name}",
            fix=fix,
            code=code,
        )
        self.address = address


def no_such_store(address: StoreAddress, known: list[StoreAddress]) -> StoreError:
    """Return the error for an address at which there is no store."""
    return StoreError(
        f"there is no certificate store {address}",
        fix="take one of " + ", ".join(map(str, known)),
        code=2,  # ERROR_FILE_NOT_FOUND
    )
