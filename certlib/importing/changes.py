"""Changes to what lies in a store: remove it, open its key to an account, export it.

A change is planned first, which changes nothing and shows the same by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from certlib import names, stores, texts, x500
from certlib.bundles import Bundle, PfxProtection, endings
from certlib.errors import InputError
from certlib.importing import twins
from certlib.importing.twins import Twin
from certlib.stores import (
    INTERMEDIATE,
    PERSONAL,
    TRUSTED_ROOT,
    ElevationError,
    Machine,
    StoreAddress,
    StoreEntry,
    needed_by_every_key,
)
from certlib.trust import chains


@dataclass(frozen=True)
class RemovalPlan:
    """What a removal will do. Nothing has happened yet.

    Attributes:
        machine: from whose stores.
        entry: the certificate.
        key_users: other certificates with the same private key, for whose
            sake it stays.
        by_hand: the same without certlib.
    """

    machine: Machine
    entry: StoreEntry
    key_users: tuple[StoreEntry, ...]
    by_hand: Twin

    @property
    def twin(self) -> str:
        """The same in PowerShell."""
        return self.by_hand.powershell

    def __str__(self) -> str:
        name = texts.shown(x500.x500(self.entry.certificate.subject))
        where = self.entry.address.display_name
        if not self.entry.has_private_key:
            key = "It has no private key there."
        elif self.key_users:
            others = ", ".join(other.thumbprint for other in self.key_users)
            key = f"Its private key stays: {others} uses it too."
        else:
            key = "Its private key is deleted with it."
        return f"Remove {name} from {where}. {key}"


def plan_removal(
    thumbprint: str, machine: Machine, *, address: StoreAddress = PERSONAL
) -> RemovalPlan:
    """Return what the removal of a certificate would do.

    Raises:
        StoreError: there is no such certificate in that store.
    """
    store = machine.open(address)
    entry = store.find(thumbprint)
    users = tuple(store.key_users(thumbprint)) if entry.has_private_key else ()
    with_key = entry.has_private_key and not users
    return RemovalPlan(machine, entry, users, twins.removal(entry, with_key=with_key))


def remove(plan: RemovalPlan) -> None:
    """Do what a removal plan says.

    Raises:
        StoreError: the store refused.
    """
    with twin_for_others(plan.by_hand):
        plan.machine.open(plan.entry.address).remove(plan.entry.thumbprint)


@dataclass(frozen=True)
class RightsPlan:
    """Whom a private key will be open to. Nothing has happened yet.

    Attributes:
        machine: in whose stores.
        entry: the certificate.
        account: whose right changes.
        before: the accounts that may read the key now.
        by_hand: the same without certlib.
    """

    machine: Machine
    entry: StoreEntry
    account: str
    before: tuple[str, ...]
    by_hand: Twin
    _may: ClassVar[str]

    @property
    def twin(self) -> str:
        """The same in PowerShell."""
        return self.by_hand.powershell

    @property
    def after(self) -> tuple[str, ...]:
        """The accounts that will be able to read the key."""
        raise NotImplementedError

    @property
    def _others(self) -> tuple[str, ...]:
        account = names.account(self.account)
        return tuple(one for one in self.before if names.account(one) != account)

    def __str__(self) -> str:
        name = texts.shown(x500.x500(self.entry.certificate.subject))
        return (
            f"{self.account} {self._may} read the private key of {name}.\n"
            f"  These accounts will be able to read it: {', '.join(self.after)}."
        )


@dataclass(frozen=True)
class GrantPlan(RightsPlan):
    """Let an account read a private key."""

    _may = "may"

    @property
    def after(self) -> tuple[str, ...]:
        """The accounts that will be able to read the key."""
        return (*self._others, self.account)

    def __str__(self) -> str:
        note = "A renewed certificate has a new key: then this has to be done again."
        lines = [super().__str__(), f"  Note: {note}"]
        if whom := stores.everybody_in(self.account):
            lines.append(f"  Note: {self.account} is {whom}: each may copy the key.")
        return "\n".join(lines)


@dataclass(frozen=True)
class RevocationPlan(RightsPlan):
    """Take this right away from an account."""

    _may = "may no longer"

    @property
    def after(self) -> tuple[str, ...]:
        """The accounts that will be able to read the key."""
        return self._others


def plan_grant(
    thumbprint: str,
    account: str,
    machine: Machine,
    *,
    address: StoreAddress = PERSONAL,
    anyone: bool = False,
) -> GrantPlan:
    r"""Return what letting an account read a private key would do.

    Args:
        thumbprint: of the certificate.
        account: for example ``NT Service\BOARD Connector Service``.
        machine: in whose stores.
        address: the store.
        anyone: a group that is nearly everybody is meant.

    Raises:
        InputError: this can be no account's name, or it is a group of nearly
            everybody and `anyone` is not set.
        StoreError: there is no such certificate, key or account.
    """
    account = machine.known_account(account)
    if not anyone:
        refuse_everybody(account, parameter="anyone")
    store = machine.open(address)
    entry, before = store.find(thumbprint), tuple(store.readers(thumbprint))
    return GrantPlan(machine, entry, account, before, twins.grant(entry, account))


def refuse_everybody(account: str, *, parameter: str = "") -> None:
    """Refuse a group that is nearly everybody: its key would be no secret.

    Raises:
        InputError: it is one.
    """
    if whom := stores.everybody_in(account):
        raise InputError(
            f"{account} is {whom}: each of them could copy the private key",
            fix="name the account of the service; if everybody is meant, say so when "
            "you grant it the right to read the key",
            parameter=parameter,
        )


def plan_revocation(
    thumbprint: str,
    account: str,
    machine: Machine,
    *,
    address: StoreAddress = PERSONAL,
) -> RevocationPlan:
    """Return what taking this right away would do. See `plan_grant`.

    Raises:
        InputError: this can be no account's name.
        StoreError: there is no such certificate, key or account, or the account
            is SYSTEM or Administrators.
    """
    account = machine.known_account(account)
    if names.account(account) in map(names.account, machine.default_readers):
        raise needed_by_every_key(account)
    store = machine.open(address)
    entry, before = store.find(thumbprint), tuple(store.readers(thumbprint))
    return RevocationPlan(machine, entry, account, before, twins.revoke(entry, account))


def grant(plan: GrantPlan) -> list[str]:
    """Do what a plan says; return the accounts that may read the key then.

    Raises:
        StoreError: the store refused.
    """
    store = plan.machine.open(plan.entry.address)
    with twin_for_others(plan.by_hand):
        store.grant_read(plan.entry.thumbprint, plan.account)
        return store.readers(plan.entry.thumbprint)


def revoke(plan: RevocationPlan) -> list[str]:
    """Do what a plan says; return the accounts that may read the key then.

    Raises:
        StoreError: the store refused, or the account had no right of its own.
    """
    store = plan.machine.open(plan.entry.address)
    with twin_for_others(plan.by_hand):
        store.revoke_read(plan.entry.thumbprint, plan.account)
        return store.readers(plan.entry.thumbprint)


def export(
    thumbprint: str,
    machine: Machine,
    path: Path,
    *,
    address: StoreAddress = PERSONAL,
    passphrase: str | None = None,
    protection: PfxProtection = PfxProtection.AES_256,
) -> Twin:
    """Write a certificate of a store to a file; return how to do it by hand.

    The ending decides: ``.pfx`` and ``.pem`` take the private key along, ``.cer``
    and ``.p7b`` do not. Issuers that the machine has go along with all but ``.cer``.

    Args:
        thumbprint: of the certificate.
        machine: from whose stores.
        path: where to; nothing is replaced.
        address: the store.
        passphrase: of a file with the private key.
        protection: of a PFX file.

    Raises:
        StoreError: there is no such certificate, or its key may not leave.
        InputError: no format has this ending, the file is there already, or the
            private key would have no passphrase.
    """
    store = machine.open(address)
    entry = store.find(thumbprint)
    exported = Bundle(entry.certificate, friendly_name=entry.friendly_name)
    if endings.holds_key(path):
        if not passphrase:
            raise InputError(
                f"{path} would hold the private key unprotected",
                fix="give a passphrase",
            )
        exported = store.export(thumbprint)
    issuers = [
        other.certificate
        for name in (INTERMEDIATE.name, TRUSTED_ROOT.name)
        for other in machine.open(StoreAddress(address.location, name))
    ]
    Bundle(
        exported.leaf,
        exported.private_key,
        chains.order(exported.leaf, issuers),
        exported.friendly_name,
    ).write(path, passphrase=passphrase, protection=protection)
    return twins.export(entry, str(path), protection=_POWERSHELL_NAMES[protection])


_POWERSHELL_NAMES = {
    PfxProtection.AES_256: "AES256_SHA256",
    PfxProtection.TRIPLE_DES: "TripleDES_SHA1",
}


@contextmanager
def twin_for_others(twin: Twin) -> Iterator[None]:
    """Show what an administrator can run where this account may not."""
    try:
        yield
    except ElevationError as error:
        raise ElevationError(error.address, error.code, twin=twin.powershell) from None


def servable(machine: Machine, thumbprint: str) -> Bundle:
    """Return a certificate of Local Machine > Personal with key and chain.

    Args:
        machine: whose store; its issuers come from the intermediate ones.
        thumbprint: 40 upper-case hexadecimal digits.

    Raises:
        InputError: its key may not leave the store; check the service's own
            address instead.
        StoreError: it is not there, or has no key.
    """
    store = machine.open(PERSONAL)
    entry = store.find(thumbprint)
    if entry.has_private_key and not entry.exportable:
        raise InputError(
            f"the private key of {thumbprint} may not leave "
            f"{PERSONAL.display_name}, so it cannot be served here for practice",
            fix="give the PFX file, or check the service itself by its host:port",
        )
    issuers = (other.certificate for other in machine.open(INTERMEDIATE))
    return replace(
        store.export(thumbprint), chain=chains.order(entry.certificate, issuers)
    )
