"""Importing: how does the certificate get into the Windows certificate store?

First a plan, which changes nothing and says what will happen and where; then
it is carried out, whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from certlib import chains, keys, names, powershell, stores
from certlib.bundles import Bundle
from certlib.errors import InputError, StoreError
from certlib.stores import (
    INTERMEDIATE,
    PERSONAL,
    TRUSTED_ROOT,
    Machine,
    StoreAddress,
    StoreEntry,
    StoreLocation,
)


@dataclass(frozen=True)
class Step:
    """One certificate that goes into one store.

    Attributes:
        address: the store.
        bundle: the certificate, with its key if that goes along.
        present: it lies there already, so nothing will be done.
    """

    address: StoreAddress
    bundle: Bundle
    present: bool = False

    def __str__(self) -> str:
        what = self.bundle.subject
        if self.bundle.private_key is not None:
            what += " with its private key"
        if self.present:
            return f"{what}: already in {self.address.display_name}"
        return f"{what}: into {self.address.display_name}"


@dataclass(frozen=True)
class ImportPlan:
    """What an import will do. Nothing has happened yet.

    Attributes:
        machine: on whose stores.
        steps: certificates and where they go; the server's own is the last.
        exportable: whether the private key may leave the machine again.
        notes: what to know beforehand.
        twin: the same in PowerShell.
    """

    machine: Machine
    steps: tuple[Step, ...]
    exportable: bool
    notes: tuple[str, ...]
    twin: str

    def __str__(self) -> str:
        lines = [f"Into the {self.machine.display_name}:"]
        lines += [f"  {n}. {step}" for n, step in enumerate(self.steps, start=1)]
        may = "may" if self.exportable else "may not"
        lines.append(f"  The private key {may} be exported again.")
        return "\n".join(lines + [f"  Note: {note}" for note in self.notes])


def plan(
    bundle: Bundle,
    machine: Machine,
    *,
    to: StoreAddress = PERSONAL,
    exportable: bool = False,
    include_root: bool = False,
    renewal: bool = False,
    file_name: str = "server.pfx",
) -> ImportPlan:
    """Return what an import would do.

    Intermediate certificates go to Intermediate Certification Authorities,
    so that the server can send them along.

    Args:
        bundle: certificate, private key and chain.
        machine: where to.
        to: the store for the certificate itself.
        exportable: let the private key be exported again.
        include_root: trust the chain's root on this machine, too.
        renewal: it takes the place of a certificate with the same subject,
            which stays until it is removed.
        file_name: of the PFX file, for the PowerShell twin.

    Raises:
        InputError: the private key is missing.
        StoreError: the certificate is there already; there is another one
            with its subject and `renewal` is not set; the store is not there;
            or the key is a practice key and the store is a real one.
    """
    if to.name == PERSONAL.name and bundle.private_key is None:
        raise InputError(
            f"{bundle.subject} comes without its private key, so no server can use it",
            fix="import the PFX file; for the answer to a signing request, join it "
            "with its key first (2-requesting), or run `certreq -accept`",
        )
    if not machine.practice:
        stores.refuse_practice_key(bundle)
    store = machine.open(to)
    entries = {entry.thumbprint: entry for entry in store}
    if bundle.thumbprint in entries:
        raise stores.already_in_store(bundle.thumbprint, to)
    notes = tuple(_notes(bundle, machine, to, list(entries.values()), renewal=renewal))
    steps = (*_chain_steps(bundle, machine, to, include_root), Step(to, bundle))
    return ImportPlan(
        machine, steps, exportable, notes, _twin(steps, exportable, file_name)
    )


def carry_out(
    plan: ImportPlan, *, progress: Callable[[Step], None] = lambda step: None
) -> StoreEntry:
    """Do what a plan says and return the server certificate's entry.

    The private key is proven by a signature at the end. When a step fails,
    the earlier ones are undone.

    Args:
        plan: from `plan`.
        progress: is told each step that has been done.

    Raises:
        StoreError: the store refused.
    """
    done: list[Step] = []
    try:
        for step in plan.steps:
            if not step.present:
                plan.machine.open(step.address).add(
                    step.bundle, exportable=plan.exportable
                )
                done.append(step)
            progress(step)
        last = plan.steps[-1]
        store = plan.machine.open(last.address)
        if last.bundle.private_key is not None:
            store.prove_key(last.bundle.thumbprint)
        return store.find(last.bundle.thumbprint)
    except BaseException:
        for step in reversed(done):
            plan.machine.open(step.address).remove(step.bundle.thumbprint)
        raise


@dataclass(frozen=True)
class RemovalPlan:
    """What a removal will do. Nothing has happened yet.

    Attributes:
        machine: from whose stores.
        entry: the certificate.
        key_users: other certificates with the same private key, for whose
            sake it stays.
        twin: the same in PowerShell.
    """

    machine: Machine
    entry: StoreEntry
    key_users: tuple[StoreEntry, ...]
    twin: str

    def __str__(self) -> str:
        name = names.x500(self.entry.certificate.subject)
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
    twin = powershell.command(
        "Remove-Item",
        Path=f"{address}\\{thumbprint}",
        DeleteKey=entry.has_private_key and not users,
    )
    return RemovalPlan(machine, entry, users, twin)


def remove(plan: RemovalPlan) -> None:
    """Do what a removal plan says.

    Raises:
        StoreError: the store refused.
    """
    plan.machine.open(plan.entry.address).remove(plan.entry.thumbprint)


def listing_twin(address: StoreAddress = PERSONAL) -> str:
    """Return the PowerShell that lists a store."""
    listing = powershell.command("Get-ChildItem", Path=str(address))
    columns = "Thumbprint, Subject, NotAfter, HasPrivateKey"
    return f"{listing} |\n    Select-Object {columns}"


def _notes(
    bundle: Bundle,
    machine: Machine,
    to: StoreAddress,
    entries: list[StoreEntry],
    *,
    renewal: bool,
) -> Iterator[str]:
    for entry in _same_subject(bundle, entries):
        same_key = keys.same_key(
            entry.certificate.public_key(), bundle.leaf.public_key()
        )
        if not same_key and not renewal:
            raise StoreError(
                f"{to.display_name} already has another certificate with the subject "
                f"{bundle.subject}: {entry.thumbprint}",
                fix="if this one renews it, say so (renewal); the old one then stays "
                "until you remove it",
            )
        yield (
            f"{entry.thumbprint} with the same subject stays there; remove it when "
            "the service uses the new one."
        )
        if not same_key:
            yield (
                "The private key is a new one: let the service account read it again."
            )
    if to.location is not StoreLocation.CURRENT_USER and _in_current_user(
        bundle, machine
    ):
        yield "It also lies in Current User, where a Windows service cannot see it."


def _same_subject(bundle: Bundle, entries: list[StoreEntry]) -> list[StoreEntry]:
    return [e for e in entries if e.certificate.subject == bundle.leaf.subject]


def _in_current_user(bundle: Bundle, machine: Machine) -> bool:
    address = StoreAddress(StoreLocation.CURRENT_USER, PERSONAL.name)
    return any(e.thumbprint == bundle.thumbprint for e in machine.open(address))


def _chain_steps(
    bundle: Bundle, machine: Machine, to: StoreAddress, include_root: bool
) -> Iterator[Step]:
    for certificate in reversed(bundle.chain):
        is_root = chains.is_self_signed(certificate)
        if is_root and not include_root:
            continue
        name = (TRUSTED_ROOT if is_root else INTERMEDIATE).name
        address = StoreAddress(to.location, name)
        issuer = Bundle(certificate)
        there = any(e.thumbprint == issuer.thumbprint for e in machine.open(address))
        yield Step(address, issuer, present=there)


def _twin(steps: tuple[Step, ...], exportable: bool, file_name: str) -> str:
    commands = [
        powershell.command(
            "Import-Certificate",
            FilePath=f"{step.bundle.thumbprint}.cer",
            CertStoreLocation=str(step.address),
        )
        for step in steps[:-1]
        if not step.present
    ]
    commands.append(
        powershell.command(
            "Import-PfxCertificate",
            FilePath=file_name,
            CertStoreLocation=str(steps[-1].address),
            Exportable=exportable,
            Password=powershell.ASK_PASSPHRASE,
        )
    )
    return "\n".join(commands)
