"""Naming: give a certificate of a store another name for people."""

from __future__ import annotations

from dataclasses import dataclass

from certlib import texts
from certlib.errors import InputError
from certlib.importing import twins
from certlib.importing.changes import twin_for_others
from certlib.importing.twins import Twin
from certlib.stores import PERSONAL, Machine, StoreAddress, StoreEntry

LONGEST = 256
"""Characters of a friendly name; lists show far fewer."""


@dataclass(frozen=True)
class NamingPlan:
    """What another friendly name will change. Nothing has happened yet.

    Attributes:
        machine: in whose stores.
        entry: the certificate.
        name: its new friendly name; empty for none.
        by_hand: the same without certlib.
    """

    machine: Machine
    entry: StoreEntry
    name: str
    by_hand: Twin

    def __str__(self) -> str:
        before, after = (
            texts.shown(name) or "no friendly name"
            for name in (self.entry.friendly_name, self.name)
        )
        where = self.entry.address.display_name
        return f"{self.entry.thumbprint} in {where} is called: {after} (now: {before})."


def plan_naming(
    thumbprint: str, name: str, machine: Machine, *, address: StoreAddress = PERSONAL
) -> NamingPlan:
    """Return what another friendly name would change.

    Raises:
        InputError: the name is too long, or has characters that do not show.
        StoreError: there is no such certificate in that store.
    """
    name = name.strip()
    if len(name) > LONGEST or not name.isprintable():
        raise InputError(
            f"this is no friendly name of up to {LONGEST} characters",
            fix="take a short one of letters, digits and blanks",
        )
    entry = machine.open(address).find(thumbprint)
    return NamingPlan(machine, entry, name, twins.naming(entry, name))


def rename(plan: NamingPlan) -> None:
    """Do what a plan says.

    Raises:
        StoreError: the store refused.
    """
    with twin_for_others(plan.by_hand):
        store = plan.machine.open(plan.entry.address)
        store.rename(plan.entry.thumbprint, plan.name)
