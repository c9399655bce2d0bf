"""Folder files: how a location of a folder store lies on the disk.

    <location>/My/<thumbprint>.cer          a certificate
    <location>/My/<thumbprint>.json         its properties: its key, its name
    <location>/.keys/<key>.pem and .json    a key, and who may read it
    <location>/.lock                        held by whoever changes something

Properties without a certificate are a journal: of an import that has not
come to its end, or of a removal that has not. Whoever changes something next
takes back what they name, so that no key stays for ever.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certlib import files, keys
from certlib.errors import CertlibError
from certlib.keys import PrivateKey


@dataclass(frozen=True)
class LocationFolder:
    """The stores of one location and their keys.

    Attributes:
        path: where they lie.
        stores: the names of the stores.
    """

    path: Path
    stores: tuple[str, ...]

    def certificate(self, store: str, thumbprint: str) -> Path:
        """Return the path of a certificate."""
        return self.path / store / f"{thumbprint}.cer"

    def certificates(self, store: str) -> list[Path]:
        """Return the paths of what is in a store.

        Raises:
            InputError: nobody here may look into it.
        """
        files.look_into(self.path / store)
        return sorted((self.path / store).glob("*.cer"))

    def key(self, name: str) -> Path:
        """Return the path of a private key."""
        return self.path / ".keys" / f"{name}.pem"

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Keep others out, and first take back what one of them left unfinished.

        Raises:
            InputError: the folder cannot be made, or another process holds it.
            OSError: something cannot be deleted.
        """
        files.private_folder(self.path)
        with files.locked(self.path):
            for folder in (self.path / ".keys", *(self.path / s for s in self.stores)):
                files.sweep(folder)
            for properties in self._unfinished():
                self.take_back(properties.with_suffix(".cer"))
            yield

    def _unfinished(self) -> list[Path]:
        return [
            path
            for store in self.stores
            for path in (self.path / store).glob("*.json")
            if not os.path.lexists(path.with_suffix(".cer"))
        ]

    def take_back(self, path: Path) -> None:
        """Delete what a certificate that is not there any more leaves behind.

        Raises:
            InputError: what it leaves behind cannot be read now.
            OSError: something cannot be deleted.
        """
        journal = path.with_suffix(".json")
        key = None
        if journal.exists() and journal.stat().st_size:
            # An error goes on: without its journal the key would stay for ever.
            key = _key_in(_parsed(files.read(journal, follow=False)))
        if key is not None and not self.refers_to(key):
            self.key(key).unlink(missing_ok=True)
            self.key(key).with_suffix(".json").unlink(missing_ok=True)
        journal.unlink(missing_ok=True)

    def refers_to(self, key: str) -> bool:
        """Tell whether any certificate, even a damaged one, has this key."""
        paths = (path for store in self.stores for path in self.certificates(store))
        return any(key_of(path) == key for path in paths)

    def add_key(self, key: PrivateKey, properties: dict[str, Any]) -> None:
        """Write a private key, unless it is that of another certificate too.

        Raises:
            InputError: it cannot be written.
            OSError: one that an import left behind cannot be deleted.
        """
        name = keys.key_sha256(key.public_key())
        path = self.key(name)
        if self.refers_to(name) and path.exists():
            return
        files.private_folder(path.parent, within=self.path)
        path.unlink(missing_ok=True)  # left behind by an import that was cut off
        write_properties(path, properties)
        files.write(path, keys.write_private_key(key), secret=True)


def key_of(path: Path) -> str | None:
    """Return the name of a certificate's key; what is none names no file."""
    return _key_in(read_properties(path))


def _key_in(properties: dict[str, Any]) -> str | None:
    key = properties.get("key")
    is_name = isinstance(key, str) and re.fullmatch("[0-9a-f]{64}", key)
    return key if is_name else None


def read_properties(path: Path) -> dict[str, Any]:
    """Return the properties of a certificate or key; none if they are damaged."""
    try:
        return _parsed(files.read(path.with_suffix(".json"), follow=False))
    except CertlibError:
        return {}


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        loaded = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def write_properties(path: Path, properties: dict[str, Any]) -> None:
    """Write the properties of a certificate or key.

    Raises:
        InputError: they cannot be written.
    """
    data = json.dumps(properties, indent=2, ensure_ascii=False).encode()
    files.write(path.with_suffix(".json"), data, replace=True)
