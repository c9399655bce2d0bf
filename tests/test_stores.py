"""Stores: the contract that every kind of machine keeps.

The tests below ``machine`` run unchanged for each kind. They leave a store as
they found it, and add no root certificate: Windows would ask on the screen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import forge
import pytest

from certlib import bundles, stores
from certlib.bundles import Bundle
from certlib.errors import InputError, StoreError
from certlib.importing import changes
from certlib.keys import KeyKind
from certlib.stores import CertificateStore, Machine, StoreAddress, StoreLocation
from certlib.stores.folder import FolderMachine

UNKNOWN = "0" * 40
SERVICE = "NT AUTHORITY\\NETWORK SERVICE"


def folder_machine(folder: Path) -> Machine:
    return FolderMachine(folder / "stores")


def windows_machine(folder: Path) -> Machine:
    return stores.this_machine()


MACHINES: dict[str, Callable[[Path], Machine]] = {"folder": folder_machine}
if sys.platform == "win32":
    MACHINES["windows"] = windows_machine


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    return MACHINES[request.param](tmp_path)


@pytest.fixture(params=StoreLocation)
def location(request: pytest.FixtureRequest) -> StoreLocation:
    return request.param


def opened(machine: Machine, address: StoreAddress) -> Iterator[CertificateStore]:
    store = machine.open(address)
    before = {entry.thumbprint for entry in store}
    yield store
    for thumbprint in {entry.thumbprint for entry in store} - before:
        store.remove(thumbprint)


@pytest.fixture
def store(machine: Machine, location: StoreLocation) -> Iterator[CertificateStore]:
    yield from opened(machine, StoreAddress(location, "My"))


@pytest.fixture
def other_store(
    machine: Machine, location: StoreLocation
) -> Iterator[CertificateStore]:
    yield from opened(machine, StoreAddress(location, "CA"))


def thumbprints(store: CertificateStore) -> set[str]:
    return {entry.thumbprint for entry in store}


def code(error: StoreError) -> str:
    return f"0x{(error.code or 0) & 0xFFFFFFFF:08X}"


def test_the_usual_stores_are_there(machine: Machine) -> None:
    addresses = machine.addresses()
    assert len(addresses) == len(set(addresses))
    assert {stores.PERSONAL, stores.INTERMEDIATE, stores.TRUSTED_ROOT} <= set(addresses)
    assert StoreAddress(StoreLocation.CURRENT_USER, "My") in addresses
    assert machine.display_name


def test_there_is_no_store_of_another_name(machine: Machine) -> None:
    address = StoreAddress(StoreLocation.LOCAL_MACHINE, "NoSuchStore")
    with pytest.raises(StoreError, match="there is no certificate store") as caught:
        machine.open(address)
    assert "0x00000002" == code(caught.value)


def test_what_is_added_is_found_and_removed(store: CertificateStore) -> None:
    bundle = forge.leaf(friendly_name="Xtract Universal – Prüfung")
    before = thumbprints(store)
    added = store.add(bundle)
    assert before | {bundle.thumbprint} == thumbprints(store)
    assert added == store.find(bundle.thumbprint)
    assert added in list(store)
    assert (bundle.leaf, bundle.friendly_name, True, False, store.address) == (
        added.certificate,
        added.friendly_name,
        added.has_private_key,
        added.exportable,
        added.address,
    )
    store.remove(bundle.thumbprint)
    assert before == thumbprints(store)


def test_a_certificate_alone_has_no_key(store: CertificateStore) -> None:
    added = store.add(Bundle(forge.leaf().leaf))
    assert not added.has_private_key
    assert None is added.exportable
    for action in (
        store.prove_key,
        store.export,
        store.readers,
        lambda thumbprint: store.grant_read(thumbprint, SERVICE),
    ):
        with pytest.raises(StoreError, match="has no private key") as caught:
            action(added.thumbprint)
        assert "0x8009200B" == code(caught.value)
    assert [] == store.key_users(added.thumbprint)


def test_the_chain_does_not_come_along(store: CertificateStore) -> None:
    before = thumbprints(store)
    bundle = forge.chain()
    store.add(bundle)
    assert before | {bundle.thumbprint} == thumbprints(store)


def test_nothing_is_replaced(store: CertificateStore) -> None:
    bundle = forge.leaf(friendly_name="first")
    store.add(Bundle(bundle.leaf, friendly_name="first"))
    again = Bundle(bundle.leaf, bundle.private_key, friendly_name="second")
    with pytest.raises(StoreError, match="is already in") as caught:
        store.add(again, exportable=True)
    assert "0x80092005" == code(caught.value)
    entry = store.find(bundle.thumbprint)
    assert ("first", False) == (entry.friendly_name, entry.has_private_key)


def test_another_friendly_name_changes_nothing_else(store: CertificateStore) -> None:
    bundle = forge.leaf(friendly_name="before")
    added = store.add(bundle)
    for name in ("Xtract Universal – Prüfung", ""):
        store.rename(bundle.thumbprint, name)
        assert replace(added, friendly_name=name) == store.find(bundle.thumbprint)
    store.prove_key(bundle.thumbprint)


def test_what_is_not_there_is_said_to_be_missing(store: CertificateStore) -> None:
    for action in (
        store.find,
        store.remove,
        store.key_users,
        store.prove_key,
        store.export,
        store.readers,
        lambda thumbprint: store.grant_read(thumbprint, SERVICE),
        lambda thumbprint: store.revoke_read(thumbprint, SERVICE),
    ):
        with pytest.raises(StoreError, match=f"no certificate {UNKNOWN}") as caught:
            action(UNKNOWN)
        assert "0x80092004" == code(caught.value)


def test_what_is_no_thumbprint_is_refused(store: CertificateStore) -> None:
    for text in ("", "server.example.com", "..\\..\\secret"):
        with pytest.raises(InputError, match="is not a thumbprint"):
            store.find(text)


def test_stores_and_locations_are_apart(machine: Machine) -> None:
    bundle = forge.leaf()
    here = machine.open(StoreAddress(StoreLocation.CURRENT_USER, "My"))
    others = [
        machine.open(StoreAddress(StoreLocation.CURRENT_USER, "CA")),
        machine.open(StoreAddress(StoreLocation.LOCAL_MACHINE, "My")),
    ]
    here.add(bundle)
    try:
        for other in others:
            assert bundle.thumbprint not in thumbprints(other)
    finally:
        here.remove(bundle.thumbprint)


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.RSA_3072])
def test_the_key_proves_that_it_belongs(store: CertificateStore, kind: KeyKind) -> None:
    bundle = forge.leaf(private_key=forge.key(kind=kind))
    store.add(bundle)
    store.prove_key(bundle.thumbprint)


@pytest.mark.wine_unsupported("CNG, which EC keys need, refuses to import any key")
def test_an_ecdsa_key_proves_that_it_belongs(store: CertificateStore) -> None:
    bundle = forge.leaf(private_key=forge.key(kind=KeyKind.ECDSA_P256))
    store.add(bundle)
    store.prove_key(bundle.thumbprint)


def test_an_exportable_key_comes_back(store: CertificateStore) -> None:
    bundle = forge.leaf(friendly_name="to be moved", private_key=forge.key(7))
    added = store.add(bundle, exportable=True)
    assert added.exportable
    again = store.export(bundle.thumbprint)
    assert again.private_key is not None
    assert (bundle.leaf, bundle.friendly_name) == (again.leaf, again.friendly_name)
    assert bundle.private_key.private_numbers() == again.private_key.private_numbers()
    assert [added] == [e for e in store if e.thumbprint == bundle.thumbprint]


def test_another_key_stays_where_it_is(store: CertificateStore) -> None:
    bundle = forge.leaf()
    store.add(bundle)
    with pytest.raises(StoreError, match="may not leave this machine") as caught:
        store.export(bundle.thumbprint)
    assert "0x8009000B" == code(caught.value)
    store.prove_key(bundle.thumbprint)


def test_a_key_is_there_until_its_last_certificate_goes(
    store: CertificateStore,
) -> None:
    key = forge.key(8)
    old, new = forge.leaf(private_key=key), forge.leaf(private_key=key)
    store.add(old)
    assert [] == store.key_users(old.thumbprint)
    renewed = store.add(new)
    assert [renewed] == store.key_users(old.thumbprint)
    store.remove(old.thumbprint)
    assert [] == store.key_users(new.thumbprint)
    store.prove_key(new.thumbprint)


def test_a_key_is_shared_between_stores_of_a_location(
    store: CertificateStore, other_store: CertificateStore
) -> None:
    bundle = forge.leaf(private_key=forge.key(9))
    store.add(bundle)
    copied = other_store.add(bundle)
    assert [copied] == store.key_users(bundle.thumbprint)
    store.remove(bundle.thumbprint)
    other_store.prove_key(bundle.thumbprint)


def test_a_thumbprint_counts_however_it_is_written(store: CertificateStore) -> None:
    bundle = forge.leaf(private_key=forge.key(8))
    store.add(bundle)
    lower = bundle.thumbprint.lower()
    assert bundle.thumbprint == store.find(lower).thumbprint
    assert [] == store.key_users(lower)
    assert stores.has(store, lower)
    other = StoreLocation(
        next(loc for loc in StoreLocation if loc != store.address.location)
    )
    assert store.address == stores.elsewhere(
        store.machine, StoreAddress(other, "My"), lower
    )
    store.remove(lower)
    assert not stores.has(store, lower)


def test_it_is_known_who_would_share_a_key(store: CertificateStore) -> None:
    key = forge.key(8)
    assert [] == store.users_of(key)
    added = store.add(forge.leaf(private_key=key))
    assert [added] == store.users_of(key)
    assert [] == store.users_of(forge.key(9))


def test_an_account_is_let_in_and_out(store: CertificateStore) -> None:
    bundle = forge.leaf(private_key=forge.key(10))
    store.add(bundle)
    before = store.readers(bundle.thumbprint)
    assert before
    assert SERVICE not in before
    store.grant_read(bundle.thumbprint, SERVICE)
    store.grant_read(bundle.thumbprint, SERVICE.lower())
    assert sorted([*before, SERVICE]) == store.readers(bundle.thumbprint)
    store.prove_key(bundle.thumbprint)
    store.revoke_read(bundle.thumbprint, SERVICE.lower())
    assert before == store.readers(bundle.thumbprint)
    with pytest.raises(StoreError, match="no right of its own"):
        store.revoke_read(bundle.thumbprint, SERVICE)


def test_who_is_let_in_may_read(store: CertificateStore) -> None:
    bundle = forge.leaf(private_key=forge.key(10))
    store.add(bundle)
    assert not store.may_read(bundle.thumbprint, SERVICE)
    assert store.may_read(bundle.thumbprint, "LocalSystem")
    store.grant_read(bundle.thumbprint, SERVICE)
    assert store.may_read(bundle.thumbprint, SERVICE.lower())
    with pytest.raises(InputError, match="is not the name of a Windows account"):
        store.may_read(bundle.thumbprint, "a*b")


def test_what_a_group_of_everybody_may_every_service_may(
    store: CertificateStore,
) -> None:
    bundle = forge.leaf(private_key=forge.key(10))
    store.add(bundle)
    store.grant_read(bundle.thumbprint, "NT AUTHORITY\\Authenticated Users")
    assert store.may_read(bundle.thumbprint, SERVICE)


def test_the_accounts_that_every_key_needs_stay(
    machine: Machine, store: CertificateStore
) -> None:
    bundle = forge.leaf(private_key=forge.key(10))
    store.add(bundle)
    before = store.readers(bundle.thumbprint)
    assert 2 == len(machine.default_readers)
    for account in machine.default_readers:
        with pytest.raises(StoreError, match="needs its right"):
            store.revoke_read(bundle.thumbprint, account)
        with pytest.raises(StoreError, match="needs its right"):
            changes.plan_revocation(
                bundle.thumbprint, account, machine, address=store.address
            )
    assert before == store.readers(bundle.thumbprint)


@pytest.mark.parametrize("account", ["", "  ", "a;b", "a\nb", "a*"])
def test_what_is_no_account_is_refused(store: CertificateStore, account: str) -> None:
    bundle = forge.leaf(private_key=forge.key(11))
    store.add(bundle)
    before = store.readers(bundle.thumbprint)
    with pytest.raises(InputError, match="is not the name of a Windows account"):
        store.grant_read(bundle.thumbprint, account)
    assert before == store.readers(bundle.thumbprint)


def test_a_real_store_refuses_practice_keys(store: CertificateStore) -> None:
    from certlib.keys import practice_key

    before = thumbprints(store)
    for bundle in (
        forge.leaf(private_key=practice_key("server")),
        Bundle(forge.ca(private_key=practice_key("root")).leaf),
    ):
        with pytest.raises(StoreError, match="everybody has it"):
            store.add(bundle)
    assert before == thumbprints(store)


def test_a_practice_store_takes_practice_keys(tmp_path: Path) -> None:
    from certlib.keys import practice_key

    store = stores.practice_machine(tmp_path).open(stores.PERSONAL)
    added = store.add(forge.leaf(private_key=practice_key("server")))
    assert [added] == list(store)


# Addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"Cert:\LocalMachine\My", stores.PERSONAL),
        (r"cert:\localmachine\my", stores.PERSONAL),
        ("Cert:/LocalMachine/My", stores.PERSONAL),
        ("LocalMachine/My", stores.PERSONAL),
        (" Local Machine > Personal ", stores.PERSONAL),
        ("LocalMachine\\CA\\", stores.INTERMEDIATE),
        (
            "Current User > Trusted People",
            StoreAddress(StoreLocation.CURRENT_USER, "TrustedPeople"),
        ),
        (
            r"LocalMachine\Web Hosting",
            StoreAddress(StoreLocation.LOCAL_MACHINE, "Web Hosting"),
        ),
    ],
)
def test_an_address_is_read_however_it_is_written(
    text: str, expected: StoreAddress
) -> None:
    assert expected == StoreAddress.parse(text)


@pytest.mark.parametrize(
    "text", ["", "My", "Cert:", r"Cert:\LocalMachine", r"C:\Windows\My", r"A\B\C"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not the address of a certificate store"):
        StoreAddress.parse(text)


@pytest.mark.parametrize("location", StoreLocation)
@pytest.mark.parametrize("name", [*stores.TITLES, "WebHosting", "Remote Desktop"])
def test_an_address_is_read_as_it_is_shown(location: StoreLocation, name: str) -> None:
    address = StoreAddress(location, name)
    assert address == StoreAddress.parse(str(address))
    assert address == StoreAddress.parse(address.display_name)


def test_an_address_as_windows_shows_it() -> None:
    assert r"Cert:\LocalMachine\My" == str(stores.PERSONAL)
    assert "Local Machine > Personal" == stores.PERSONAL.display_name


def test_an_entry_has_windows_thumbprint() -> None:
    bundle = forge.leaf()
    entry = stores.StoreEntry(stores.PERSONAL, bundle.leaf)
    assert bundles.thumbprint(bundle.leaf) == entry.thumbprint
