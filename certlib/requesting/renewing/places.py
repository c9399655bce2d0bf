"""Places: where the certificate lies that is renewed, a store or a file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography import x509

from certlib import bundles, files, importing, names, stores, summaries, texts
from certlib.bundles import Bundle, PfxProtection, endings
from certlib.errors import CertlibError, InputError, PassphraseError, StoreError
from certlib.files import backups
from certlib.keys import PrivateKey
from certlib.stores import PERSONAL, Machine, StoreAddress, StoreEntry

Undo = Callable[[], list[str]]
"""Takes a change back; returns what is left behind."""


class Place(Protocol):
    """Where a certificate lies, and its successor is to lie."""

    @property
    def name(self) -> str:
        """What to call it."""

    def present(self) -> list[Bundle]:
        """Return the certificate and its successors, the newest first; no keys.

        Raises:
            InputError: there is none, or it is not clear which one is meant.
            StoreError: the store has none such, or cannot be read.
        """

    def private_key(self) -> PrivateKey:
        """Return the private key of the newest, or raise why it may not leave."""

    def readers(self, old: x509.Certificate) -> tuple[str, ...]:
        """Return who may read the key of the old one besides the usual accounts."""

    def strangers(self, old: x509.Certificate) -> tuple[str, ...]:
        """Return those of them that the machine does not know any more."""

    def put(self, new: Bundle, old: x509.Certificate) -> Undo:
        """Put the new one there, for the same accounts; all of it or nothing."""

    def remove(self, old: x509.Certificate) -> None:
        """Remove the old one with its key."""


@dataclass(frozen=True)
class StorePlace:
    """A certificate store.

    Attributes:
        machine: whose.
        address: of the store.
        thumbprint: of the certificate, or of an earlier one with its names.
        server: a name of the certificate, where no thumbprint is given.
    """

    machine: Machine
    address: StoreAddress
    thumbprint: str = ""
    server: str = ""

    @property
    def name(self) -> str:
        """The store, as Windows shows it."""
        return self.address.display_name

    def present(self) -> list[Bundle]:
        """Return the certificate and its successors, the newest first."""
        return [Bundle(e.certificate, friendly_name=e.friendly_name) for e in self._all]

    @property
    def _all(self) -> list[StoreEntry]:
        store = self.machine.open(self.address)
        found = [entry for entry in store if entry.has_private_key]
        wanted = self._wanted(store.find(self.thumbprint) if self.thumbprint else None)
        fitting = [e for e in found if wanted(_names(e.certificate))]
        kinds = {_names(entry.certificate) for entry in fitting}
        if not fitting:
            raise StoreError(
                f"{self.name} has no certificate with a private key"
                f"{f' for {self.server}' if self.server else ''}",
                fix="see with `certlib stores` what is there",
            )
        if len(kinds) > 1:
            raise InputError(
                f"{self.name} has certificates for several servers: "
                f"{'; '.join(sorted(', '.join(sorted(kind)) for kind in kinds))}",
                fix="say which one is meant: a name (--server), or its thumbprint",
            )
        return sorted(fitting, key=_age, reverse=True)

    def _wanted(self, entry: StoreEntry | None) -> Callable[[frozenset[str]], bool]:
        if entry is not None:
            same = _names(entry.certificate)
            return lambda found: found == same
        if self.server:
            server = names.server_name(self.server)
            return lambda found: server in found
        return bool

    def private_key(self) -> PrivateKey:
        """Return the private key of the newest, if it may leave the store."""
        newest = self._all[0].thumbprint
        try:
            key = self.machine.open(self.address).export(newest).private_key
        except StoreError as error:
            raise StoreError(
                f"the same key cannot be used: {error.message}",
                fix="renew with a new key; on Windows `certreq -enroll -machine -cert "
                f"{newest} renew reusekeys` keeps it, at an AD CS",
            ) from None
        assert key is not None  # noqa: S101 # for the type checker
        return key

    def readers(self, old: x509.Certificate) -> tuple[str, ...]:
        """Return who may read the key of the old one besides the usual accounts."""
        usual = set(map(names.account, self.machine.default_readers))
        found = self.machine.open(self.address).readers(bundles.thumbprint(old))
        return tuple(one for one in found if names.account(one) not in usual)

    def strangers(self, old: x509.Certificate) -> tuple[str, ...]:
        """Return those of them that the machine does not know any more."""
        return tuple(one for one in self.readers(old) if not self._knows(one))

    def _knows(self, account: str) -> bool:
        try:
            self.machine.known_account(account)
        except CertlibError:
            return False
        return True

    def put(self, new: Bundle, old: x509.Certificate) -> Undo:
        """Import it with its chain, and let the accounts read its key."""
        store = self.machine.open(self.address)
        readers = [one for one in self.readers(old) if self._knows(one)]
        undo: Undo = lambda: self._removed(new)  # noqa: E731 # of an earlier run
        if not stores.has(store, new.thumbprint):
            exportable = bool(store.find(bundles.thumbprint(old)).exportable)
            plan = importing.plan(
                *(new, self.machine),
                importing.Wish(to=self.address, exportable=exportable, renewal=True),
            )
            importing.carry_out(plan)
            undo = lambda: importing.undo(plan)  # noqa: E731
        try:
            store.prove_key(new.thumbprint)
            may = set(map(names.account, store.readers(new.thumbprint)))
            for account in readers:
                if names.account(account) not in may:
                    store.grant_read(new.thumbprint, account)
        except BaseException:
            undo()
            raise
        return undo

    def _removed(self, new: Bundle) -> list[str]:
        try:
            self.machine.open(self.address).remove(new.thumbprint)
        except CertlibError:
            return [f"{new.thumbprint} in {self.name}"]
        return []

    def remove(self, old: x509.Certificate) -> None:
        """Remove the old one with its key."""
        thumbprint = bundles.thumbprint(old)
        plan = importing.plan_removal(thumbprint, self.machine, address=self.address)
        importing.remove(plan)


@dataclass(frozen=True)
class FilePlace:
    """A file that a server reads: PFX, or PEM with everything in it.

    Attributes:
        path: of the file.
        passphrase: of its private key.
        protection: of a PFX file.
    """

    path: Path
    passphrase: str | None = field(default=None, repr=False)
    protection: PfxProtection = PfxProtection.AES_256

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def present(self) -> list[Bundle]:
        """Return what the file holds, and what its backups hold."""
        bundle, _ = self._read()
        found = [Bundle(bundle.leaf, friendly_name=bundle.friendly_name)]
        return found + [Bundle(leaf) for _, leaf in self._backups()]

    def _backups(self) -> Iterator[tuple[Path, x509.Certificate]]:
        for path in backups.kept(self.path)[:3]:  # an earlier run made the newest
            with contextlib.suppress(CertlibError):  # another file of this name
                yield path, Bundle.read(path, passphrase=self.passphrase).leaf

    def _read(self) -> tuple[Bundle, str | None]:
        """Return what the file holds, and the passphrase that it needs."""
        if not endings.holds_key(self.path):
            raise InputError(
                f"{self.path} is not of a kind that is renewed in place",
                fix="give a .pfx or .pem with certificate and private key, or a "
                "certificate in a store",
            )
        try:
            found, needed = Bundle.read(self.path), None
        except PassphraseError:
            found = Bundle.read(self.path, passphrase=self.passphrase)
            needed = self.passphrase
        if found.private_key is None:
            raise InputError(
                f"{self.path} has no private key, so no server uses this file",
                fix="give the file that the server reads",
            )
        return found, needed

    def private_key(self) -> PrivateKey:
        """Return the private key in the file."""
        key = self._read()[0].private_key
        assert key is not None  # noqa: S101 # for the type checker
        return key

    def readers(self, old: x509.Certificate) -> tuple[str, ...]:
        """Return nobody by name: the new file has the rights of the old one."""
        return ()

    def strangers(self, old: x509.Certificate) -> tuple[str, ...]:
        """Return nobody, as `readers` does."""
        return ()

    def put(self, new: Bundle, old: x509.Certificate) -> Undo:
        """Put it into the place of the file, which is kept beside it."""
        before, passphrase = self._read()
        if before.leaf == new.leaf:  # an earlier run was cut off after this
            kept = self._kept(old)
            return lambda: self._put_back(kept) if kept else [f"{self.path}"]
        backup = backups.keep(self.path)
        if endings.format_of(self.path) == endings.PFX:
            data = new.to_pfx(passphrase, protection=self.protection)
        else:
            data = new.to_pem(passphrase)
        try:
            files.write(self.path, data, replace=True)
        except BaseException:
            backup.unlink(missing_ok=True)
            raise
        return lambda: self._put_back(backup)

    def _kept(self, old: x509.Certificate) -> Path | None:
        return next((path for path, leaf in self._backups() if leaf == old), None)

    def _put_back(self, backup: Path) -> list[str]:
        try:
            backups.put_back(self.path, backup)
        except (CertlibError, OSError):
            return [f"the earlier file in {backup}"]
        return []

    def remove(self, old: x509.Certificate) -> None:
        """Remove the file that was kept."""
        if (kept := self._kept(old)) is not None:
            kept.unlink()


def _names(certificate: x509.Certificate) -> frozenset[str]:
    return frozenset(summaries.of_certificate(certificate).server_names)


def _age(entry: StoreEntry) -> tuple[object, ...]:
    certificate = entry.certificate
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def place(
    text: str,
    machine: Machine,
    *,
    server: str = "",
    passphrase: str | None = None,
    protection: PfxProtection = PfxProtection.AES_256,
) -> Place:
    r"""Return the place that a text means.

    Args:
        text: a thumbprint in Local Machine > Personal, ``Cert:\LocalMachine\My``,
            that with a thumbprint behind it, or a file.
        machine: whose stores.
        server: a name of the certificate that is meant in a store.
        passphrase: of a file's private key.
        protection: of a PFX file.

    Raises:
        InputError: it is the path of no store.
    """
    if not files.is_there(Path(text)):
        if texts.pasted(text).lower().startswith("cert:"):
            return _in_store(text, machine, server)
        with contextlib.suppress(InputError):
            return StorePlace(machine, PERSONAL, bundles.parse_thumbprint(text))
    return FilePlace(files.named(text), passphrase, protection)


def _in_store(text: str, machine: Machine, server: str) -> StorePlace:
    try:
        return StorePlace(machine, StoreAddress.parse(text), server=server)
    except InputError:
        address, thumbprint = stores.entry_address(text)
        wanted = bundles.parse_thumbprint(thumbprint)
        return StorePlace(machine, address or PERSONAL, wanted)
