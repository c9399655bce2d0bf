"""Notes: what to know before an import."""

from __future__ import annotations

from collections.abc import Iterator

from certlib import bundles, keys, stores, x500
from certlib.bundles import Bundle
from certlib.errors import StoreError
from certlib.importing.wish import Wish
from certlib.stores import PERSONAL, Machine, StoreAddress, StoreEntry, StoreLocation


def of(
    bundle: Bundle,
    machine: Machine,
    wish: Wish,
    entries: list[StoreEntry],
) -> Iterator[str]:
    """Yield what to know before an import.

    Raises:
        StoreError: another certificate with its subject is there, and it is not
            said to be a renewal.
    """
    yield from _beside(bundle)
    for entry in _same_subject(bundle, entries):
        same_key = keys.has_key(entry.certificate, bundle.leaf.public_key())
        if not same_key and not wish.renewal:
            raise StoreError(
                f"{wish.to.display_name} already has another certificate with the "
                f"subject {bundle.subject}: {entry.thumbprint}",
                fix="if this one renews it, say so (renewal); the old one then stays "
                "until you remove it",
            )
        yield (
            f"{entry.thumbprint} with the same subject stays there; remove it when "
            "the service uses the new one."
        )
        if not same_key and not wish.service_account:
            yield (
                "The private key is a new one: let the service account read it again."
            )
    if wish.to.location is not StoreLocation.CURRENT_USER and _in_current_user(
        bundle, machine
    ):
        yield "It also lies in Current User, where a Windows service cannot see it."


def _beside(bundle: Bundle) -> Iterator[str]:
    """Name what the file holds, too, and is left where it is."""
    for other in bundle.beside[:_TOLD]:
        yield (
            f"The file also holds {x500.x500(other.subject)} "
            f"({bundles.thumbprint(other)}), which is not imported."
        )
    if more := len(bundle.beside[_TOLD:]):
        yield f"The file holds {more} more, which are not imported."


_TOLD = 5
"""Certificates beside the server's that are named."""


def _same_subject(bundle: Bundle, entries: list[StoreEntry]) -> list[StoreEntry]:
    return [e for e in entries if e.certificate.subject == bundle.leaf.subject]


def _in_current_user(bundle: Bundle, machine: Machine) -> bool:
    address = StoreAddress(StoreLocation.CURRENT_USER, PERSONAL.name)
    return stores.has(machine.open(address), bundle.thumbprint)


def on_key(there: StoreEntry, exportable: bool) -> Iterator[str]:
    """Say what an import leaves as it is: the rights of a key that is there."""
    yield (
        f"This private key is there already, with {there.thumbprint}: who may read "
        "it and whether it may be exported stay as they are."
    )
    if exportable != there.exportable:
        now = "may" if there.exportable else "may not"
        yield (
            f"It {now} be exported, other than asked for; to change that, remove "
            "every certificate that uses the key first."
        )
