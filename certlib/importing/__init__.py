"""Importing: how does the certificate get into the Windows certificate store?

First a plan, which changes nothing and says what will happen and where; then
it is carried out, whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from certlib import errors, names, rules, stores, texts
from certlib.bundles import Bundle
from certlib.errors import CertlibError, StoreError
from certlib.importing import places_for, plan_notes, twins
from certlib.importing.changes import export as export
from certlib.importing.changes import grant as grant
from certlib.importing.changes import plan_grant as plan_grant
from certlib.importing.changes import plan_removal as plan_removal
from certlib.importing.changes import plan_revocation as plan_revocation
from certlib.importing.changes import refuse_everybody, twin_for_others
from certlib.importing.changes import remove as remove
from certlib.importing.changes import revoke as revoke
from certlib.importing.changes import servable as servable
from certlib.importing.naming import plan_naming as plan_naming
from certlib.importing.naming import rename as rename
from certlib.importing.twins import Twin
from certlib.importing.wish import Wish as Wish
from certlib.rules import Context, Finding, Tone
from certlib.stores import (
    INTERMEDIATE,
    PERSONAL,
    TRUSTED_ROOT,
    Machine,
    StoreAddress,
    StoreEntry,
    StoreLocation,
)
from certlib.trust import chains, places
from certlib.trust.revocation import NOWHERE, Lookup
from certlib.trust.roots import Trust


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
        what = texts.shown(self.bundle.subject)
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
        exportable: whether the private key will be one that may leave the
            machine again. A key that is there already keeps what it has.
        readers: the accounts that will be able to read the private key; for
            Current User only those let in besides the user.
        service_account: the one of them that is let in for this; or empty.
        notes: what to know beforehand.
        findings: what is wrong with the certificate at its new place; empty if it was
            not judged.
        trust: who trusts it, or why nobody does; empty if it was not judged.
        by_hand: the same without certlib.
    """

    machine: Machine
    steps: tuple[Step, ...]
    exportable: bool
    readers: tuple[str, ...]
    service_account: str
    notes: tuple[str, ...]
    by_hand: Twin
    findings: tuple[Finding, ...] = ()
    trust: str = ""

    @property
    def twin(self) -> str:
        """The same in PowerShell."""
        return self.by_hand.powershell

    def key_lines(self) -> list[str]:
        """Return what will become of the private key, in sentences."""
        key = self.steps[-1].bundle.private_key
        if key is None:
            return []
        may = "may" if self.exportable else "may not"
        storage = self.machine.key_storage(key.public_key())
        who = f"These accounts will be able to read it: {', '.join(self.readers)}."
        if self.steps[-1].address.location is StoreLocation.CURRENT_USER:
            who = "It will be the current user's: a Windows service cannot read it."
        return [
            f"The private key goes to the {storage} and {may} be exported again.",
            who,
        ]

    def __str__(self) -> str:
        lines = [f"Into the {self.machine.display_name}:"]
        lines += [f"  {n}. {step}" for n, step in enumerate(self.steps, start=1)]
        lines += [f"  {line}" for line in self.key_lines()]
        lines += [f"  {line}" for line, _ in self.verdict_lines()]
        return "\n".join(lines + [f"  Note: {note}" for note in self.notes])

    def verdict_lines(self) -> list[tuple[str, Tone]]:
        """Return what is wrong with the certificate and who trusts it, with tones."""
        lines: list[tuple[str, Tone]] = [
            (f"{f.severity.capitalize()}: {f.said} {f.remedy}", f.severity.tone)
            for f in self.findings
        ]
        if self.trust:
            lines.append((f"Trust: {self.trust}.", "plain"))
        return [(texts.shown(line), tone) for line, tone in lines]


def plan(
    bundle: Bundle,
    machine: Machine,
    wish: Wish = Wish(),  # noqa: B008 # it never changes
    *,
    context: Context | None = None,
    revocation: Lookup = NOWHERE,
) -> ImportPlan:
    """Return what an import would do.

    Intermediate certificates go to Intermediate Certification Authorities,
    so that the server can send them along.

    Args:
        bundle: certificate, private key and chain.
        machine: where to.
        wish: the store, and how its key is to lie there.
        context: what the certificate is judged for; it is not when left out.
        revocation: where it is looked up then.

    Raises:
        InputError: the private key is missing, the machine cannot keep one of
            its kind, it is a certification authority's or the certificate belongs
            into another store and the wish does not say so, or everybody would be
            let in.
        StoreError: the certificate is there already; there is another one
            with its subject and it is no `renewal`; the store or the account
            is not there; or the key is a practice key and the store a real one.
    """
    places_for.refuse(bundle, wish)
    if not machine.practice:
        stores.refuse_practice_key(bundle)
    store = machine.open(wish.to)
    entries = {entry.thumbprint: entry for entry in store}
    if bundle.thumbprint in entries:
        raise stores.already_in_store(bundle.thumbprint, wish.to)
    account = wish.service_account and machine.known_account(wish.service_account)
    wish = replace(wish, service_account=account)
    refuse_everybody(account)
    notes = list(plan_notes.of(bundle, machine, wish, list(entries.values())))
    steps = (*_chain_steps(bundle, machine, wish), Step(wish.to, bundle))
    readers: tuple[str, ...] = ()
    will_be_exportable = wish.exportable
    if bundle.private_key is not None:
        machine.key_storage(bundle.private_key.public_key())  # refuses what it cannot
        there = store.users_of(bundle.private_key)
        ours = wish.to.location is StoreLocation.LOCAL_MACHINE
        readers = (*machine.default_readers,) if ours else ()
        if there:
            will_be_exportable = bool(there[0].exportable)
            notes += plan_notes.on_key(there[0], wish.exportable)
            readers = _present_readers(machine, there[0], notes) if ours else ()
        if account and names.account(account) not in map(names.account, readers):
            readers += (account,)
    found = ImportPlan(
        *(machine, steps, will_be_exportable, readers, account, tuple(notes)),
        _by_hand(steps, wish),
    )
    if context is None:
        return found
    trust = stores.trust_of(machine, revocation=revocation)
    return _judged(found, bundle, context, trust.including(bundle.chain))


def _judged(
    plan: ImportPlan, bundle: Bundle, context: Context, known: Trust
) -> ImportPlan:
    """Return a plan with what an audit would say of the certificate at its place."""
    placed = places.in_store(
        bundle.leaf,
        known,
        store=plan.steps[-1].address,
        private_key=bundle.private_key is not None,
    )
    summary = placed.judged(context.at)
    findings = rules.judge(summary, context)
    return replace(plan, findings=findings, trust=summary.surroundings.trust)


def _present_readers(
    machine: Machine, there: StoreEntry, notes: list[str]
) -> tuple[str, ...]:
    try:
        return tuple(machine.open(there.address).readers(there.thumbprint))
    except StoreError as error:  # not everybody may see the rights on a key
        notes.append(f"Who may read the key now cannot be told: {error.message}.")
        return machine.default_readers


def carry_out(
    plan: ImportPlan, *, progress: Callable[[Step], None] = lambda step: None
) -> StoreEntry:
    """Do what a plan says and return the server certificate's entry.

    The private key is proven by a signature, then the service account is let
    in. When a step fails, the earlier ones are undone; what cannot be undone is
    named in the `fix` of the error.

    Args:
        plan: from `plan`.
        progress: is told each step that has been done.

    Raises:
        StoreError: the store refused.
    """
    done: list[Step] = []
    try:
        with twin_for_others(plan.by_hand):
            for step in plan.steps:
                if not step.present:
                    store = plan.machine.open(step.address)
                    store.add(step.bundle, exportable=plan.exportable)
                    done.append(step)
                progress(step)
            return _finish(plan)
    except BaseException as error:
        if left := _undo(plan.machine, done):
            what = "remove by hand what could not be undone"
            errors.add_hint(error, f"{what}: {'; '.join(left)}")
        raise


def undo(plan: ImportPlan) -> list[str]:
    """Take back what carrying out a plan did; return what is left behind."""
    return _undo(plan.machine, [step for step in plan.steps if not step.present])


def _undo(machine: Machine, done: list[Step]) -> list[str]:
    """Take every step back, the last first; return what is left behind."""
    left = []
    for step in reversed(done):
        thumbprint = step.bundle.thumbprint
        try:
            machine.open(step.address).remove(thumbprint)
        except CertlibError:
            left.append(f"{thumbprint} in {step.address.display_name}")
    return left


def _finish(plan: ImportPlan) -> StoreEntry:
    last = plan.steps[-1]
    thumbprint = last.bundle.thumbprint
    store = plan.machine.open(last.address)
    if last.bundle.private_key is not None:
        store.prove_key(thumbprint)
        if plan.service_account:
            store.grant_read(thumbprint, plan.service_account)
    return store.find(thumbprint)


def listing_twin() -> str:
    """Return the PowerShell that lists Personal of Local Machine."""
    return twins.listing(PERSONAL).powershell


def _chain_steps(bundle: Bundle, machine: Machine, wish: Wish) -> Iterator[Step]:
    for certificate in reversed(bundle.chain):
        is_root = chains.is_self_signed(certificate)
        if is_root and not wish.include_root:
            continue
        name = (TRUSTED_ROOT if is_root else INTERMEDIATE).name
        address = StoreAddress(wish.to.location, name)
        issuer = Bundle(certificate)
        there = stores.has(machine.open(address), issuer.thumbprint)
        yield Step(address, issuer, present=there)


def _by_hand(steps: tuple[Step, ...], wish: Wish) -> Twin:
    last = steps[-1]
    entry = StoreEntry(last.address, last.bundle.leaf)
    issuers = [step for step in steps[:-1] if not step.present]
    parts = [twins.import_issuer(step.address, step.bundle.leaf) for step in issuers]
    if last.bundle.private_key is None:
        parts.append(twins.import_certificate(last.address, wish.file_name))
    else:
        parts.append(
            twins.import_pfx(
                *(last.address, wish.file_name, last.bundle.leaf.public_key()),
                exportable=wish.exportable,
                include_root=any(s.address.name == TRUSTED_ROOT.name for s in steps),
            )
        )
    if wish.service_account:
        parts.append(twins.grant(entry, wish.service_account))
    return twins.joined(parts)
