"""Certificate stores as files on disk, where there is no Windows.

They behave like Windows' stores: a certificate refers to a private key of
its location, which outlives it as long as another certificate refers to it.

    <root>/LocalMachine/My/<thumbprint>.cer          the certificate
    <root>/LocalMachine/My/<thumbprint>.json         its properties
    <root>/LocalMachine/.keys/<key>.pem and .json    a key, and who may read it
"""

from __future__ import annotations

import contextlib
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature

from certlib import (
    bundles,
    files,
    keys,
    signing,
)
from certlib.bundles import Bundle, formats
from certlib.errors import CertlibError, EncodingError, InputError, StoreError
from certlib.keys import PrivateKey, PublicKey
from certlib.stores import addresses, contract, refusals
from certlib.stores.addresses import StoreAddress, StoreLocation
from certlib.stores.contract import StoreEntry

_DEFAULT_READERS = ("BUILTIN\\Administrators", "NT AUTHORITY\\SYSTEM")
_SYSTEM = {*contract.LOCAL_SYSTEM, "nt authority\\system"}
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
        if path.exists():
            raise refusals.already_in_store(bundle.thumbprint, self.address)
        try:
            files.private_folder(self._folder)
            key = self._add_key(bundle.private_key, exportable=exportable)
            self._write_properties(
                path, {"friendly_name": bundle.friendly_name, "key": key}
            )
            # The certificate comes last: with it the entry is there, and whole.
            files.write(path, bundle.to_der())
        except (InputError, OSError) as error:
            if path.exists():  # another process was faster
                raise refusals.already_in_store(
                    bundle.thumbprint, self.address
                ) from None
            self._clean_up(path, bundle)
            raise _refused(self.address, error) from None
        return self.find(bundle.thumbprint)

    def remove(self, thumbprint: str) -> None:
        """Remove a certificate, and its key unless another one still uses it."""
        self.find(thumbprint)
        path = self._path(thumbprint)
        key = _key_id(path)
        try:
            _delete(path)
            if key is not None and not self._refers_to(key):
                _delete(self._key_path(key))
        except OSError as error:
            raise _refused(self.address, error) from None

    def key_users(self, thumbprint: str) -> list[StoreEntry]:
        """Return the other certificates of this location with the same key."""
        entry = self.find(thumbprint)
        if (key := _key_id(self._path(thumbprint))) is None:
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
        except (InputError, InvalidSignature):
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

    def may_read(self, thumbprint: str, account: str) -> bool:
        """Tell whether a service of an account may read the private key."""
        readers = {reader.casefold() for reader in self.readers(thumbprint)}
        account = contract.checked_account(account).casefold()
        return account in {*readers, *_SYSTEM} or not readers.isdisjoint(_EVERYBODY)

    def grant_read(self, thumbprint: str, account: str) -> None:
        """Let an account read the private key."""
        path, properties = self._key_properties(thumbprint)
        account = contract.checked_account(account)
        readers = properties["readers"]
        if account.lower() not in map(str.lower, readers):
            self._write_properties(
                path, properties | {"readers": sorted([*readers, account])}
            )

    def revoke_read(self, thumbprint: str, account: str) -> None:
        """Take that right away again."""
        path, properties = self._key_properties(thumbprint)
        account = contract.checked_account(account)
        if account.casefold() in map(str.casefold, _DEFAULT_READERS):
            raise refusals.needed_by_every_key(account)
        kept = [a for a in properties["readers"] if a.lower() != account.lower()]
        if kept == properties["readers"]:
            raise refusals.no_right(thumbprint, account, properties["readers"])
        properties["readers"] = kept
        self._write_properties(path, properties)

    @property
    def _location(self) -> Path:
        return self.machine.root / self.address.location

    @property
    def _folder(self) -> Path:
        return self._location / self.address.name

    def _path(self, thumbprint: str) -> Path:
        return self._folder / f"{bundles.parse_thumbprint(thumbprint)}.cer"

    def _key_path(self, key: str) -> Path:
        return self._location / ".keys" / f"{key}.pem"

    def _siblings(self) -> list[FolderStore]:
        return [
            FolderStore(self.machine, address)
            for address in self.machine.addresses()
            if address.location is self.address.location
        ]

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.cer"))

    def _entries_with(self, key: str) -> list[StoreEntry]:
        return [
            entry
            for store in self._siblings()
            for entry in store
            if _key_id(store._path(entry.thumbprint)) == key
        ]

    def _refers_to(self, key: str) -> bool:
        """Tell whether any certificate, even a damaged one, has this key."""
        paths = (path for store in self._siblings() for path in store._paths())
        return any(_key_id(path) == key for path in paths)

    def _entry(self, path: Path) -> StoreEntry:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _refused(self.address, error) from None
        try:
            certificate = formats.read_der(data)
        except EncodingError:
            raise StoreError(
                f"{path} in the certificate store is damaged",
                fix="delete this file and import the certificate again",
            ) from None
        name, key = _read_properties(path).get("friendly_name"), _key_id(path)
        return StoreEntry(
            self.address,
            certificate,
            name if isinstance(name, str) else "",
            has_private_key=key is not None,
            exportable=None
            if key is None
            else _read_properties(self._key_path(key)).get("exportable") is True,
        )

    def _add_key(self, key: PrivateKey | None, *, exportable: bool) -> str | None:
        if key is None:
            return None
        name = keys.key_sha256(key.public_key())
        path = self._key_path(name)
        if not self._refers_to(name):  # not a renewal with the same key
            files.private_folder(path.parent)
            _delete(path)  # left behind by an import that was cut off
            self._write_properties(
                path, {"exportable": exportable, "readers": list(_DEFAULT_READERS)}
            )
            files.write(path, keys.write_private_key(key), secret=True)
        return name

    def _clean_up(self, path: Path, bundle: Bundle) -> None:
        """Take back what `add` had written before it failed."""
        with contextlib.suppress(OSError):
            path.with_suffix(".json").unlink(missing_ok=True)
            if bundle.private_key is None:
                return
            key = keys.key_sha256(bundle.leaf.public_key())
            if not self._refers_to(key):
                _delete(self._key_path(key))

    def _private_key(self, entry: StoreEntry) -> PrivateKey:
        key = _key_id(self._path(entry.thumbprint))
        if key is None:
            raise refusals.no_private_key(entry.thumbprint, self.address)
        try:
            return keys.read_private_key(files.read(self._key_path(key)))
        except CertlibError as error:
            raise _refused(self.address, error) from None

    def _key_properties(self, thumbprint: str) -> tuple[Path, dict[str, Any]]:
        self.find(thumbprint)
        key = _key_id(self._path(thumbprint))
        if key is None:
            raise refusals.no_private_key(thumbprint, self.address)
        path = self._key_path(key)
        properties = _read_properties(path)
        readers = properties.get("readers")
        known = readers if isinstance(readers, list) else []
        properties["readers"] = [name for name in known if isinstance(name, str)]
        return path, properties

    def _write_properties(self, path: Path, properties: dict[str, Any]) -> None:
        data = json.dumps(properties, indent=2, ensure_ascii=False).encode()
        files.write(path.with_suffix(".json"), data, replace=True)


def _delete(path: Path) -> None:
    """Delete a file of the store, and its properties."""
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)


def _key_id(path: Path) -> str | None:
    """Return the name of a certificate's key; what is none names no file."""
    key = _read_properties(path).get("key")
    is_name = isinstance(key, str) and re.fullmatch("[0-9a-f]{64}", key)
    return key if is_name else None


def _read_properties(path: Path) -> dict[str, Any]:
    try:
        loaded = json.loads(path.with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _refused(address: StoreAddress, error: Exception) -> StoreError:
    reason = error.message if isinstance(error, CertlibError) else error
    return StoreError(
        f"the store {address.display_name} refused: {reason}",
        fix="check that you may read and write its folder",
    )
