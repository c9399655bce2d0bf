"""The certificate stores of Windows.

A private key goes into a container of its own, named after its public key, by
one of two interfaces: CAPI (RSA keys, unless told otherwise) or CNG (EC keys;
not yet run on real Windows). A certificate refers to its key by property.
"""

from __future__ import annotations

import hashlib
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pywintypes
import win32api
import win32cryptcon
from cryptography.exceptions import InvalidSignature

from certlib import bundles
from certlib.bundles import Bundle, formats
from certlib.errors import EncodingError, StoreError
from certlib.keys import PrivateKey, PublicKey
from certlib.names.addresses import StoreAddress, StoreLocation
from certlib.stores import _accounts, _certificates, contract, refusals
from certlib.stores.contract import KeyProvider, StoreEntry

if TYPE_CHECKING:
    from _win32typing import PyCERT_CONTEXT, PyCERTSTORE

assert sys.platform == "win32"  # noqa: S101 - what mypy understands

StoredKey = _certificates.StoredKey

_ACCESS_DENIED = {5, 0x80070005, 0x80090010}  # also E_ACCESSDENIED, NTE_PERM
_KEY_MISSING = {
    0x80090016,
    0x80090011,
    0x8009000D,
}  # NTE_BAD_KEYSET, _NOT_FOUND, _NO_KEY


@dataclass(frozen=True)
class WindowsMachine:
    """This computer with its certificate stores.

    Attributes:
        provider: where private keys go; by default CAPI for RSA, CNG for EC.
        read_only: open every store for reading only.
    """

    provider: KeyProvider | None = None
    read_only: bool = False

    @property
    def practice(self) -> bool:
        """Never: this is real."""
        return False

    @property
    def display_name(self) -> str:
        """What to call it in a plan."""
        return "Windows certificate store"

    @property
    def default_readers(self) -> tuple[str, ...]:
        """The accounts that may read a private key after its import."""
        return tuple(_accounts.readers(_accounts.of_a_new_machine_key()))

    def key_storage(self, key: PublicKey) -> str:
        """Return what keeps a private key of this kind.

        Raises:
            InputError: the chosen provider cannot.
        """
        return str(contract.key_provider(key, self.provider))

    def known_account(self, account: str) -> str:
        """Return an account's name as this machine writes it.

        Raises:
            InputError: this can be no account's name.
            StoreError: there is no such account.
        """
        return _accounts.known(account)

    def addresses(self) -> list[StoreAddress]:
        """Return the addresses of all stores of both locations.

        Raises:
            StoreError: Windows refused.
        """
        try:
            return [
                StoreAddress(location, name)
                for location in StoreLocation
                for name in _certificates.store_names(location)
            ]
        except (pywintypes.error, OSError) as error:
            code = _certificates.code(error)
            raise StoreError(
                f"Windows does not say which stores it has{_reason(code)}",
                fix="look the code up in Microsoft's list of system error codes",
                code=code,
            ) from None

    def open(self, address: StoreAddress) -> WindowsStore:
        """Return a store.

        Raises:
            StoreError: there is none at this address, or it cannot be opened.
        """
        store = WindowsStore(self, address)
        with store._opened():
            return store


@dataclass(frozen=True)
class WindowsStore:
    """One store of a `WindowsMachine`. See `stores.CertificateStore`."""

    machine: WindowsMachine
    address: StoreAddress

    def __iter__(self) -> Iterator[StoreEntry]:
        """Yield what is in the store.

        What is in it but is no certificate that can be read draws a warning.
        """
        with self._opened() as store:
            contexts = store.CertEnumCertificatesInStore()
            yield from filter(None, map(self._entry, contexts))

    def find(self, thumbprint: str) -> StoreEntry:
        """Return the entry with a thumbprint."""
        with self._opened() as store:
            entry = self._entry(self._context(store, thumbprint))
        if entry is None:
            raise StoreError(
                f"the certificate {thumbprint} in {self.address.display_name} "
                "cannot be read",
                fix="remove it in certlm.msc and import it afresh",
            )
        return entry

    def add(self, bundle: Bundle, *, exportable: bool = False) -> StoreEntry:
        """Add a leaf, and its private key if the bundle has it."""
        refusals.refuse_practice_key(bundle)
        with self._opened(write=True) as store:
            if self._search(store, bundle.thumbprint) is not None:
                raise refusals.already_in_store(bundle.thumbprint, self.address)
            with self._new_key(bundle.private_key, exportable=exportable) as key:
                _certificates.add(store, bundle, key)
        return self.find(bundle.thumbprint)

    def remove(self, thumbprint: str) -> None:
        """Remove a certificate, and its key unless another one still uses it."""
        with self._opened(write=True) as store:
            context = self._context(store, thumbprint)
            key = _certificates.key_of(context)
            _certificates.delete(store, context)
            # Asked when the certificate is gone: a key too many is no harm.
            if key and not _entries_with(key, self.machine) and key.exists():
                key.delete()

    def rename(self, thumbprint: str, friendly_name: str) -> None:
        """Give a certificate another name for people; an empty one is none."""
        with self._opened(write=True) as store:
            _certificates.rename(store, self._context(store, thumbprint), friendly_name)

    def key_users(self, thumbprint: str) -> list[StoreEntry]:
        """Return the other certificates on this machine with the same key."""
        wanted = bundles.parse_thumbprint(thumbprint)
        with self._opened() as store:
            key = _certificates.key_of(self._context(store, thumbprint))
        if key is None:
            return []
        return [
            entry
            for entry in _entries_with(key, self.machine)
            if (entry.address, entry.thumbprint) != (self.address, wanted)
        ]

    def users_of(self, private_key: PrivateKey) -> list[StoreEntry]:
        """Return the certificates that an added one would share this key with."""
        with self._errors():
            key = _certificates.place_for(
                private_key, self.machine.provider, self.address.location
            )
            return _entries_with(key, self.machine)

    def prove_key(self, thumbprint: str) -> None:
        """Sign with the private key and check it with the certificate."""
        entry, key = self._with_key(thumbprint)
        try:
            with self._errors():
                key.prove(entry.certificate.public_key(), b"certlib: is this my key?")
        except InvalidSignature:
            raise StoreError(
                f"the private key of {thumbprint} is that of another certificate",
                fix="remove the certificate and import its PFX file again",
            ) from None

    def export(self, thumbprint: str) -> Bundle:
        """Return the certificate with its private key, if that may leave."""
        entry, key = self._with_key(thumbprint)
        with self._errors():
            if not key.exportable():
                raise refusals.not_exportable(thumbprint)
            private_key = key.export()
        return Bundle(entry.certificate, private_key, friendly_name=entry.friendly_name)

    def readers(self, thumbprint: str) -> list[str]:
        """Return the accounts that may read the private key."""
        _, key = self._with_key(thumbprint)
        with self._errors():
            return _accounts.readers(key.security())

    def controllers(self, thumbprint: str) -> list[str]:
        """Return the accounts that may change who may read the private key."""
        _, key = self._with_key(thumbprint)
        with self._errors():
            return _accounts.controllers(key.security())

    def may_read(self, thumbprint: str, account: str) -> bool:
        """Tell whether a service of an account may read the private key."""
        _, key = self._with_key(thumbprint)
        with self._errors():
            return _accounts.may_read(key.security(), account)

    def grant_read(self, thumbprint: str, account: str) -> None:
        """Let an account read the private key."""
        _, key = self._with_key(thumbprint)
        with self._errors():
            key.set_security(_accounts.with_reader(key.security(), account))

    def revoke_read(self, thumbprint: str, account: str) -> None:
        """Take that right away again."""
        _, key = self._with_key(thumbprint)
        with self._errors():
            without = _accounts.without_reader(key.security(), account)
            if without is None:
                raise refusals.no_right(thumbprint, account, self.readers(thumbprint))
            key.set_security(without)

    @contextmanager
    def _opened(self, *, write: bool = False) -> Iterator[PyCERTSTORE]:
        """Open the store; it is closed when the last certificate of it goes."""
        reading = self.machine.read_only or not write
        flags = win32cryptcon.CERT_STORE_READONLY_FLAG if reading else 0
        with self._errors():
            try:
                store = _certificates.open_store(
                    self.address.location, self.address.name, flags
                )
            except pywintypes.error as error:
                if _certificates.code(error) in _certificates.NOT_FOUND:
                    known = self.machine.addresses()
                    raise refusals.no_such_store(self.address, known) from None
                raise
            yield store

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (pywintypes.error, OSError) as error:
            raise refused(
                _certificates.code(error),
                self.address,
                elevated=_accounts.is_elevated(),
                read_only=self.machine.read_only,
            ) from None

    def _search(self, store: PyCERTSTORE, thumbprint: str) -> PyCERT_CONTEXT | None:
        wanted = bytes.fromhex(bundles.parse_thumbprint(thumbprint))
        for context in store.CertEnumCertificatesInStore():
            if hashlib.sha1(context.CertEncoded).digest() == wanted:  # noqa: S324
                return context
        return None

    def _context(self, store: PyCERTSTORE, thumbprint: str) -> PyCERT_CONTEXT:
        context = self._search(store, thumbprint)
        if context is None:
            elsewhere = contract.elsewhere(self.machine, self.address, thumbprint)
            raise refusals.not_in_store(thumbprint, self.address, elsewhere=elsewhere)
        return context

    def _entry(self, context: PyCERT_CONTEXT) -> StoreEntry | None:
        key = _certificates.key_of(context)
        try:
            certificate = formats.read_der(context.CertEncoded, origin="the store")
        except EncodingError as error:
            warnings.warn(f"left out of {self.address}: {error.message}", stacklevel=2)
            return None
        return StoreEntry(
            self.address,
            certificate,
            _certificates.friendly_name(context),
            has_private_key=key is not None,
            exportable=None if key is None else _certificates.exportable(key),
        )

    def _entries_with(self, key: StoredKey) -> list[StoreEntry]:
        with self._opened() as store:
            entries = [
                self._entry(context)
                for context in store.CertEnumCertificatesInStore()
                if (other := _certificates.key_of(context))
                and _certificates.same_container(key, other)
            ]
        return [entry for entry in entries if entry is not None]

    def _with_key(self, thumbprint: str) -> tuple[StoreEntry, StoredKey]:
        entry = self.find(thumbprint)
        with self._opened() as store:
            key = _certificates.key_of(self._context(store, thumbprint))
        if key is None:
            raise refusals.no_private_key(thumbprint, self.address)
        return entry, key

    @contextmanager
    def _new_key(
        self, private_key: PrivateKey | None, *, exportable: bool
    ) -> Iterator[StoredKey | None]:
        """Store a private key; take it away again if what follows fails."""
        if private_key is None:
            yield None
            return
        key = _certificates.place_for(
            private_key, self.machine.provider, self.address.location
        )
        if _entries_with(key, self.machine):  # as in a renewal with the same key
            yield key
            return
        if key.exists():  # left behind by an import that was cut off
            key.delete()
        try:
            key.create(private_key, exportable=exportable)
            if key.machine:
                key.set_security(_accounts.of_a_new_machine_key())
            yield key
        except BaseException:
            if key.exists():
                key.delete()
            raise


def refused(
    code: int, address: StoreAddress, *, elevated: bool, read_only: bool = False
) -> StoreError:
    """Return the error for a code of Windows.

    Args:
        code: of Windows, as its documents write it.
        address: the store that refused.
        elevated: whether this process has an administrator's rights.
        read_only: whether the store was opened for reading only.
    """
    if code in _ACCESS_DENIED and read_only:
        return refusals.read_only(address, code)
    if code in _ACCESS_DENIED and not elevated:
        return refusals.ElevationError(address, code)
    if code in _KEY_MISSING:
        return StoreError(
            f"the private key in {address.display_name} is not there, or this account "
            "may not read it",
            fix="run this as administrator; if it says the same, the key is gone: "
            "import the PFX file again",
            code=code,
        )
    return StoreError(
        f"{address.display_name} refused{_reason(code)}",
        fix="look the code up in Microsoft's list of system error codes; a group "
        "policy may forbid the change",
        code=code,
    )


def _reason(code: int) -> str:
    try:
        return f": {win32api.FormatMessage(code).strip()}" if code else ""
    except pywintypes.error:  # Windows has no words for it
        return ""


def _entries_with(key: StoredKey, machine: WindowsMachine) -> list[StoreEntry]:
    """Return the certificates in all stores that refer to a key.

    Current User shows most of what Local Machine has: that counts once.
    """
    found: dict[tuple[str, str], StoreEntry] = {}
    for address in reversed(machine.addresses()):  # Local Machine comes last
        try:
            entries = WindowsStore(machine, address)._entries_with(key)
        except StoreError as error:
            if error.code in _certificates.NOT_FOUND:  # listed, but not there
                continue
            raise
        found |= {(address.name, entry.thumbprint): entry for entry in entries}
    return sorted(found.values(), key=lambda entry: (entry.address, entry.thumbprint))
