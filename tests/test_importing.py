"""Importing: plans that say what will happen, and do just that."""

from __future__ import annotations

import forge
import pytest

from certlib import importing, keys, stores
from certlib.bundles import Bundle
from certlib.errors import InputError, StoreError
from certlib.stores import INTERMEDIATE, PERSONAL, TRUSTED_ROOT
from certlib.stores.folder import FolderMachine

SERVER = forge.leaf()
RENEWED = forge.leaf(private_key=forge.key(1))
SAME_KEY = forge.leaf(serial_number=4711)
CHAINED = forge.chain()


@pytest.fixture
def machine(tmp_path):
    return stores.practice_machine(tmp_path / "stores")


def thumbprints(machine, address):
    return {entry.thumbprint for entry in machine.open(address)}


def test_a_plan_changes_nothing(machine, tmp_path):
    importing.plan(SERVER, machine)
    assert not (tmp_path / "stores").exists()


def test_carrying_out_puts_each_certificate_into_its_store(machine):
    bundle = CHAINED
    issuing, root = (Bundle(c).thumbprint for c in bundle.chain)
    entry = importing.carry_out(importing.plan(bundle, machine, include_root=True))
    assert entry.thumbprint == bundle.thumbprint
    assert {bundle.thumbprint} == thumbprints(machine, PERSONAL)
    assert {issuing} == thumbprints(machine, INTERMEDIATE)
    assert {root} == thumbprints(machine, TRUSTED_ROOT)


def test_the_root_is_trusted_only_when_asked(machine):
    importing.carry_out(importing.plan(CHAINED, machine))
    assert set() == thumbprints(machine, TRUSTED_ROOT)


def test_an_issuer_that_is_there_already_is_left_alone(machine):
    bundle = CHAINED
    machine.open(INTERMEDIATE).add(Bundle(bundle.chain[0]))
    plan = importing.plan(bundle, machine)
    assert [True, False] == [step.present for step in plan.steps]
    importing.carry_out(plan)
    assert 1 == len(thumbprints(machine, INTERMEDIATE))


def test_a_bundle_without_its_key_is_refused(machine):
    with pytest.raises(InputError, match="without its private key"):
        importing.plan(Bundle(SERVER.leaf), machine)


def test_a_ca_certificate_needs_no_key_outside_personal(machine):
    root = Bundle(CHAINED.chain[-1])
    plan = importing.plan(root, machine, to=TRUSTED_ROOT)
    assert importing.carry_out(plan).thumbprint == root.thumbprint


def test_nothing_is_imported_twice(machine):
    importing.carry_out(importing.plan(SERVER, machine))
    with pytest.raises(StoreError, match="already in Local Machine > Personal"):
        importing.plan(SERVER, machine)


def test_another_key_for_the_same_subject_has_to_be_called_a_renewal(machine):
    old, new = SERVER, RENEWED
    importing.carry_out(importing.plan(old, machine))
    with pytest.raises(StoreError, match=old.thumbprint):
        importing.plan(new, machine)
    plan = importing.plan(new, machine, renewal=True)
    assert any("let the service account read it again" in note for note in plan.notes)
    importing.carry_out(plan)
    assert {old.thumbprint, new.thumbprint} == thumbprints(machine, PERSONAL)


def test_a_failing_step_undoes_the_ones_before_it(machine):
    bundle = CHAINED
    plan = importing.plan(bundle, machine)
    machine.open(PERSONAL).add(bundle)  # somebody else was faster
    with pytest.raises(StoreError, match="already"):
        importing.carry_out(plan)
    assert set() == thumbprints(machine, INTERMEDIATE)
    assert {bundle.thumbprint} == thumbprints(machine, PERSONAL)


def test_progress_is_told_step_by_step(machine):
    told = []
    plan = importing.plan(CHAINED, machine)
    importing.carry_out(plan, progress=told.append)
    assert list(plan.steps) == told


def test_a_real_store_refuses_a_practice_key(tmp_path):
    practice = forge.leaf(private_key=keys.practice_key())
    with pytest.raises(StoreError, match="practice key"):
        importing.plan(practice, FolderMachine(tmp_path))
    with pytest.raises(StoreError, match="practice key"):
        FolderMachine(tmp_path).open(PERSONAL).add(practice)


def test_a_removal_says_what_becomes_of_the_key(machine):
    old = SERVER
    renewed = SAME_KEY
    importing.carry_out(importing.plan(old, machine))
    importing.carry_out(importing.plan(renewed, machine))
    plan = importing.plan_removal(old.thumbprint, machine)
    assert f"stays: {renewed.thumbprint} uses it too" in str(plan)
    assert "-DeleteKey" not in plan.twin
    importing.remove(plan)
    machine.open(PERSONAL).prove_key(renewed.thumbprint)
    last = importing.plan_removal(renewed.thumbprint, machine)
    assert "deleted with it" in str(last)
    assert "-DeleteKey" in last.twin


def test_removing_what_is_not_there(machine):
    with pytest.raises(StoreError, match="no certificate"):
        importing.plan_removal("0" * 40, machine)
