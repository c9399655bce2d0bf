"""Certificate stores as files on disk, where there is no Windows.

They behave like Windows' stores: a certificate refers to a private key of
its location, which outlives it as long as another certificate refers to it.
How they lie on the disk: `certlib.stores.folder_files`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature

from certlib import bundles, files, keys, names, signing
from certlib.bundles import Bundle, formats
from certlib.errors import CertlibError, EncodingError, InputError, StoreError
from certlib.keys import PrivateKey, PublicKey
from certlib.names import addresses
from certlib.names.addresses import StoreAddress, StoreLocation
from certlib.parsers import UNREADABLE
from certlib.stores import contract, folder_files, refusals
from certlib.stores.contract import StoreEntry
from certlib.stores.folder_files import LocationFolder

_DEFAULT_READERS = ("BUILTIN\\Administrators", "NT AUTHORITY\\SYSTEM")
_SYSTEM = "nt authority\\system"
# Groups that every service belongs to, in lower case.
_EVERYBODY = {
    "everyone",
    "builtin\\users",
    "nt authority\\authenticated users",
    "nt authority\\service",
    "nt service\\all services",
}


@dataclass(frozen=True)
class FolderMachine:
    """Stores of a machine, below one folder.

    Attributes:
        root: the folder; made when something is first stored.
        practice: it is an exercise, and takes practice keys.
    """

    root: Path
    practice: bool = False

    @property
    def display_name(self) -> str:
        """What to call it in a plan."""
        return "practice store" if self.practice else f"store in {self.root}"

    @property
    def default_readers(self) -> tuple[str, ...]:
        """The accounts that may read a private key after its import."""
        return _DEFAULT_READERS

    def key_storage(self, key: PublicKey) -> str:
        """Return what keeps a private key: the same for every kind."""
        return self.display_name

    def known_account(self, account: str) -> str:
        """Return an account's name; whether there is such a one, nobody knows.

        Raises:
            InputError: this can be no account's name.
        """
        return contract.checked_account(account)

    def addresses(self) -> list[StoreAddress]:
        """Return the addresses of Windows' usual stores."""
        return [
            StoreAddress(loc, name)
            for loc in StoreLocation
            for name in addresses.TITLES
        ]

    def open(self, address: StoreAddress) -> FolderStore:
        """Return one of the stores.

        Raises:
            StoreError: Windows has no such store.
        """
        if address not in (known := self.addresses()):
            raise refusals.no_such_store(address, known[: len(addresses.TITLES)])
        return FolderStore(self, address)


@dataclass(frozen=True)
class FolderStore:
    """One store of a `FolderMachine`. See `stores.CertificateStore`."""

    machine: FolderMachine
    address: StoreAddress

    def __iter__(self) -> Iterator[StoreEntry]:
        """Yield what is in the store, by thumbprint.

        What is in it but is no certificate that can be read draws a warning.
        """
        for path in self._paths():
            try:
                yield self._entry(path)
            except FileNotFoundError:  # removed by another process meanwhile
                continue
            except StoreError as error:
                warnings.warn(
                    f"left out of {self.address}: {error.message}", stacklevel=2
                )

    def find(self, thumbprint: str) -> StoreEntry:
        """Return the entry with a thumbprint."""
        try:
            return self._entry(self._path(thumbprint))
        except FileNotFoundError:
            there = contract.elsewhere(self.machine, self.address, thumbprint)
            raise refusals.not_in_store(
                thumbprint, self.address, elsewhere=there
            ) from None

    def add(self, bundle: Bundle, *, exportable: bool = False) -> StoreEntry:
        """Add a leaf, and its private key if the bundle has it."""
        if not self.machine.practice:
            refusals.refuse_practice_key(bundle)
        path = self._path(bundle.thumbprint)
        with self._changing():
            files.refuse_link(path)
            if path.exists():
                raise refusals.already_in_store(bundle.thumbprint, self.address)
            try:
                self._write(path, bundle, exportable=exportable)
            except (InputError, OSError):
                self._location.take_back(path)
                raise
            return self.find(bundle.thumbprint)

    def remove(self, thumbprint: str) -> None:
        """Remove a certificate, and its key unless another one still uses it."""
        if not self._location.path.is_dir():  # which is no reason to make it
            self.find(thumbprint)
        with self._changing():  # also for one that is gone: its key may be there yet
            self.find(thumbprint)
            path = self._path(thumbprint)
            path.unlink()
            self._location.take_back(path)

    def rename(self, thumbprint: str, friendly_name: str) -> None:
        """Give a certificate another name for people; an empty one is none."""
        self.find(thumbprint)
        with self._changing():
            path = self._path(self.find(thumbprint).thumbprint)
            properties = folder_files.read_properties(path)
            properties["friendly_name"] = friendly_name
            folder_files.write_properties(path, properties)

    def key_users(self, thumbprint: str) -> list[StoreEntry]:
        """Return the other certificates of this location with the same key."""
        entry = self.find(thumbprint)
        if (key := folder_files.key_of(self._path(thumbprint))) is None:
            return []
        return [other for other in self._entries_with(key) if other != entry]

    def users_of(self, private_key: PrivateKey) -> list[StoreEntry]:
        """Return the certificates that an added one would share this key with."""
        key = keys.key_sha256(private_key.public_key())
        return self._entries_with(key)

    def prove_key(self, thumbprint: str) -> None:
        """Sign with the private key and check it with the certificate."""
        entry = self.find(thumbprint)
        key = self._private_key(entry)
        try:
            Bundle(entry.certificate, key)
            signing.prove(key, entry.certificate.public_key())
        except (InputError, InvalidSignature, *UNREADABLE):
            raise StoreError(
                f"the private key of {thumbprint} is that of another certificate",
                fix="remove the certificate and import its PFX file again",
            ) from None

    def export(self, thumbprint: str) -> Bundle:
        """Return the certificate with its private key, if that may leave."""
        entry = self.find(thumbprint)
        key = self._private_key(entry)
        if not entry.exportable:
            raise refusals.not_exportable(thumbprint)
        return Bundle(entry.certificate, key, friendly_name=entry.friendly_name)

    def readers(self, thumbprint: str) -> list[str]:
        """Return the accounts that may read the private key."""
        _, properties = self._key_properties(thumbprint)
        return list(properties["readers"])

    def controllers(self, thumbprint: str) -> list[str]:
        """Return the accounts that may change who may read the private key."""
        _, properties = self._key_properties(thumbprint)
        return list(properties["controllers"])

    def may_read(self, thumbprint: str, account: str) -> bool:
        """Tell whether a service of an account may read the private key."""
        readers = set(map(names.account, self.readers(thumbprint)))
        account = names.account(contract.checked_account(account))
        return account in {*readers, _SYSTEM} or not readers.isdisjoint(_EVERYBODY)

    def grant_read(self, thumbprint: str, account: str) -> None:
        """Let an account read the private key."""
        account = contract.checked_account(account)
        self._key_properties(thumbprint)
        with self._changing():
            path, properties = self._key_properties(thumbprint)
            readers = properties["readers"]
            if names.account(account) not in map(names.account, readers):
                properties["readers"] = sorted([*readers, account])
                folder_files.write_properties(path, properties)

    def revoke_read(self, thumbprint: str, account: str) -> None:
        """Take that right away again."""
        account = contract.checked_account(account)
        self._key_properties(thumbprint)
        if names.account(account) in map(names.account, _DEFAULT_READERS):
            raise refusals.needed_by_every_key(account)
        with self._changing():
            path, properties = self._key_properties(thumbprint)
            readers = properties["readers"]
            wanted = names.account(account)
            kept = [one for one in readers if names.account(one) != wanted]
            if kept == readers:
                raise refusals.no_right(thumbprint, account, readers)
            properties["readers"] = kept
            folder_files.write_properties(path, properties)

    @property
    def _location(self) -> LocationFolder:
        return LocationFolder(
            self.machine.root / self.address.location, tuple(addresses.TITLES)
        )

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep others out of this location while something in it is changed."""
        try:
            with self._location.changing():
                yield
        except (InputError, OSError) as error:
            raise _refused(self.address, error) from None

    def _path(self, thumbprint: str) -> Path:
        return self._location.certificate(
            self.address.name, bundles.parse_thumbprint(thumbprint)
        )

    def _paths(self) -> list[Path]:
        try:
            return self._location.certificates(self.address.name)
        except InputError as error:
            raise _refused(self.address, error) from None

    def _entries_with(self, key: str) -> list[StoreEntry]:
        siblings = (
            FolderStore(self.machine, address)
            for address in self.machine.addresses()
            if address.location is self.address.location
        )
        return [
            entry
            for store in siblings
            for entry in store
            if folder_files.key_of(store._path(entry.thumbprint)) == key
        ]

    def _entry(self, path: Path) -> StoreEntry:
        try:
            # An empty one is damaged, as others are that hold no certificate.
            data = files.read(path, follow=False) if path.lstat().st_size else b""
        except InputError as error:
            if not os.path.lexists(path):
                raise FileNotFoundError from None
            raise _refused(self.address, error) from None
        try:
            certificate = formats.read_der(data)
        except EncodingError:
            raise StoreError(
                f"{path} in the certificate store is damaged",
                fix="delete this file and import the certificate again",
            ) from None
        properties, key = folder_files.read_properties(path), folder_files.key_of(path)
        name = properties.get("friendly_name")
        if not os.path.lexists(path):  # removed while its properties were read
            raise FileNotFoundError
        return StoreEntry(
            self.address,
            certificate,
            name if isinstance(name, str) else "",
            has_private_key=key is not None,
            exportable=None
            if key is None
            else self._key_file(key).get("exportable") is True,
        )

    def _key_file(self, key: str) -> dict[str, Any]:
        return folder_files.read_properties(self._location.key(key))

    def _write(self, path: Path, bundle: Bundle, *, exportable: bool) -> None:
        """Write the journal, the key, and last the certificate."""
        files.private_folder(path.parent, within=self._location.path)
        key = bundle.private_key
        name = None if key is None else keys.key_sha256(key.public_key())
        folder_files.write_properties(
            path, {"friendly_name": bundle.friendly_name, "key": name}
        )
        if key is not None:
            self._location.add_key(
                key, {"exportable": exportable, "readers": list(_DEFAULT_READERS)}
            )
        files.write(path, bundle.to_der())

    def _private_key(self, entry: StoreEntry) -> PrivateKey:
        key = folder_files.key_of(self._path(entry.thumbprint))
        if key is None:
            raise refusals.no_private_key(entry.thumbprint, self.address)
        try:
            data = files.read(self._location.key(key), follow=False)
            return keys.read_private_key(data)
        except CertlibError as error:
            raise _refused(self.address, error) from None

    def _key_properties(self, thumbprint: str) -> tuple[Path, dict[str, Any]]:
        self.find(thumbprint)
        key = folder_files.key_of(self._path(thumbprint))
        if key is None:
            raise refusals.no_private_key(thumbprint, self.address)
        properties = self._key_file(key)
        for who in ("readers", "controllers"):
            named = properties.get(who)
            known = named if isinstance(named, list) else []
            properties[who] = [name for name in known if isinstance(name, str)]
        return self._location.key(key), properties


def _refused(address: StoreAddress, error: CertlibError | OSError) -> StoreError:
    reason, fix = str(error), "check that you may read and write its folder"
    if isinstance(error, CertlibError):
        reason, fix = error.message, error.fix
    return StoreError(f"the store {address.display_name} refused: {reason}", fix=fix)
