"""Contract: what every store and every machine promises."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from certlib import bundles, keys
from certlib.bundles import Bundle
from certlib.errors import InputError
from certlib.keys import PrivateKey, PublicKey
from certlib.names import accounts
from certlib.names.addresses import (
    INTERMEDIATE,
    TRUSTED_ROOT,
    StoreAddress,
    StoreLocation,
)

if TYPE_CHECKING:
    from certlib.trust.revocation import Lookup
    from certlib.trust.roots import Trust


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

    A thumbprint is given as `bundles.parse_thumbprint` takes it; what is none is
    an `InputError`.
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
        A key that other certificates use stays as it is; one that an import cut
        off has left behind is made anew.
        """

    def remove(self, thumbprint: str) -> None:
        """Remove a certificate, and its key unless another one still uses it."""

    def rename(self, thumbprint: str, friendly_name: str) -> None:
        """Give a certificate another name for people; an empty one is none."""

    def key_users(self, thumbprint: str) -> list[StoreEntry]:
        """Return the other certificates on this machine with the same key."""

    def users_of(self, private_key: PrivateKey) -> list[StoreEntry]:
        """Return the certificates that an added one would share this key with.

        Such a key stays as it is: its exportability, and who may read it.
        """

    def prove_key(self, thumbprint: str) -> None:
        """Sign with the private key and check it with the certificate.

        Raises `StoreError` if there is no key, it cannot be used, or it is
        that of another certificate.
        """

    def export(self, thumbprint: str) -> Bundle:
        """Return the certificate with its private key, if that may leave."""

    def readers(self, thumbprint: str) -> list[str]:
        """Return the accounts that may read the private key."""

    def controllers(self, thumbprint: str) -> list[str]:
        """Return the accounts that may change who may read the private key."""

    def may_read(self, thumbprint: str, account: str) -> bool:
        """Tell whether a service of an account may read the private key.

        It may itself, as SYSTEM, or by a group that every service belongs to.
        """

    def grant_read(self, thumbprint: str, account: str) -> None:
        """Let an account read the private key, as 'Manage Private Keys' does."""

    def revoke_read(self, thumbprint: str, account: str) -> None:
        """Take that right away again; not from SYSTEM and Administrators."""


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
    """Return the name of a Windows account, see `account_meant`.

    Raises:
        InputError: it is empty or has characters that no account name has.
    """
    account = accounts.account_meant(account)
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
    return there if has(machine.open(there), thumbprint) else None


def has(store: Iterable[StoreEntry], thumbprint: str) -> bool:
    """Tell whether a certificate is in a store.

    Raises:
        InputError: the text is not a thumbprint.
        StoreError: the store cannot be read.
    """
    wanted = bundles.parse_thumbprint(thumbprint)
    return any(entry.thumbprint == wanted for entry in store)


def trust_of(
    machine: Machine,
    *,
    given: Collection[x509.Certificate] = (),
    revocation: Lookup | None = None,
) -> Trust:
    """Return the trust in the roots of a machine, and in the public ones.

    Args:
        machine: the machine; its intermediate certificates are known, too.
        given: further roots that clients trust.
        revocation: where revocation is looked up; nowhere when left out.

    Raises:
        StoreError: a store of the machine cannot be read.
    """
    from certlib.trust.roots import Trust  # loaded only where something is judged

    trust = Trust.of(None, *authorities(machine), given=given)
    return replace(trust, revocation=revocation) if revocation else trust


def authorities(
    machine: Machine,
) -> tuple[tuple[x509.Certificate, ...], tuple[x509.Certificate, ...]]:
    """Return the trusted roots of a machine, and its intermediate certificates.

    Raises:
        StoreError: a store of the machine cannot be read.
    """
    roots, between = (
        tuple(entry.certificate for entry in machine.open(address))
        for address in (TRUSTED_ROOT, INTERMEDIATE)
    )
    return roots, between
