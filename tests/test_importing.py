"""Importing: plans that say what will happen, and do just that."""

from __future__ import annotations

from dataclasses import replace

import forge
import pytest
from cryptography import x509

from certlib import importing, keys, stores
from certlib.bundles import Bundle
from certlib.errors import InputError, StoreError
from certlib.importing import naming
from certlib.rules import RULES, Context
from certlib.stores import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, ElevationError
from certlib.stores.folder import FolderMachine, FolderStore

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
    entry = importing.carry_out(
        importing.plan(bundle, machine, importing.Wish(include_root=True))
    )
    assert entry.thumbprint == bundle.thumbprint
    assert {bundle.thumbprint} == thumbprints(machine, PERSONAL)
    assert {issuing} == thumbprints(machine, INTERMEDIATE)
    assert {root} == thumbprints(machine, TRUSTED_ROOT)


def test_a_plan_judges_the_certificate_where_it_goes(machine):
    context = Context(at=forge.AT, practice=True)
    for bundle in (SERVER, CHAINED):
        plan = importing.plan(bundle, machine, context=context)
        told = {RULES[f.rule].chapter for f in plan.findings}
        assert "certlib.rules.placement" not in told


@pytest.mark.parametrize(
    ("name", "fine"), [("x" * 256, True), ("x" * 257, False), ("a\x1b", False)]
)
def test_a_friendly_name_is_short_and_shows(machine, imported, name, fine):
    if fine:
        plan = naming.plan_naming(imported.thumbprint, name, machine)
        assert name == plan.name
        assert f"is called: {name} (now: no friendly name)." in str(plan)
        none = naming.plan_naming(imported.thumbprint, " ", machine)
        assert "is called: no friendly name (now: no friendly name)." in str(none)
        return
    with pytest.raises(InputError, match="no friendly name of up to 256"):
        naming.plan_naming(imported.thumbprint, name, machine)


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
    plan = importing.plan(root, machine, importing.Wish(to=TRUSTED_ROOT))
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
    plan = importing.plan(new, machine, importing.Wish(renewal=True))
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


ACCOUNT = r"NT Service\BOARD Connector Service"


@pytest.fixture
def imported(machine):
    return importing.carry_out(
        importing.plan(SERVER, machine, importing.Wish(exportable=True))
    )


def test_a_plan_says_who_will_be_able_to_read_the_key(machine):
    plan = importing.plan(
        SERVER, machine, importing.Wish(service_account=f" {ACCOUNT} ")
    )
    assert (*machine.default_readers, ACCOUNT) == plan.readers
    assert ", ".join(plan.readers) in str(plan)
    assert "goes to the practice store and may not be exported again" in str(plan)
    entry = importing.carry_out(plan)
    assert sorted(plan.readers) == machine.open(PERSONAL).readers(entry.thumbprint)


def test_a_plan_without_service_account_lets_nobody_else_in(machine):
    plan = importing.plan(SERVER, machine)
    assert machine.default_readers == plan.readers
    assert "icacls" not in plan.twin


def test_the_key_of_an_authority_has_to_be_meant(machine):
    authority = forge.ca()
    with pytest.raises(InputError, match="certification authority"):
        importing.plan(authority, machine)
    assert importing.plan(authority, machine, importing.Wish(ca_key=True)).steps


def test_a_renewal_with_its_service_account_needs_no_reminder(machine):
    importing.carry_out(importing.plan(SERVER, machine))
    plan = importing.plan(
        RENEWED, machine, importing.Wish(renewal=True, service_account=ACCOUNT)
    )
    assert not any("service account" in note for note in plan.notes)


def test_what_is_no_account_is_refused_in_the_plan(machine):
    with pytest.raises(InputError, match="not the name of a Windows account"):
        importing.plan(SERVER, machine, importing.Wish(service_account="a*b"))


def test_a_grant_is_planned_made_and_taken_back(machine, imported):
    before = list(machine.default_readers)
    plan = importing.plan_grant(imported.thumbprint, ACCOUNT, machine)
    assert before == machine.open(PERSONAL).readers(imported.thumbprint)
    assert (*before, ACCOUNT) == plan.after
    assert "has to be done again" in str(plan)
    assert f"'{ACCOUNT}:(R)'" in plan.twin
    assert sorted(plan.after) == importing.grant(plan)

    back = importing.plan_revocation(imported.thumbprint, ACCOUNT.upper(), machine)
    assert tuple(before) == back.after
    assert "may no longer read" in str(back)
    assert "/remove:g" in back.twin
    assert before == importing.revoke(back)


@pytest.mark.parametrize("group", ["Jeder", "S-1-5-21-1-2-3-513", "BUILTIN\\Users"])
def test_everybody_is_let_in_only_if_that_is_meant(machine, imported, group):
    with pytest.raises(InputError, match="each of them could copy"):
        importing.plan_grant(imported.thumbprint, group, machine)
    with pytest.raises(InputError, match="each of them could copy"):
        importing.plan(
            RENEWED, machine, importing.Wish(renewal=True, service_account=group)
        )
    plan = importing.plan_grant(imported.thumbprint, group, machine, anyone=True)
    assert "each may copy the key" in str(plan)
    assert plan.account in importing.grant(plan)


ROOT_CA, OLD_CA = forge.ca("Root"), forge.ca("Old")
ISSUING = forge.ca("Issuing", issuer=ROOT_CA)
CROSSED = forge.ca("Root", issuer=OLD_CA)
TO_ROOT, TO_CA = TRUSTED_ROOT, INTERMEDIATE


def alone(bundle):
    return Bundle(bundle.leaf)


MISPLACED = {
    "a server's with its key": (SERVER, TO_ROOT, PERSONAL),
    "an issuing authority": (alone(ISSUING), TO_ROOT, TO_CA),
    "a cross-signed authority": (alone(CROSSED), TO_ROOT, TO_CA),
    "a root": (alone(ROOT_CA), TO_CA, TO_ROOT),
}


@pytest.mark.parametrize(("bundle", "to", "meant"), MISPLACED.values(), ids=MISPLACED)
def test_what_belongs_elsewhere_is_refused_unless_told_so(machine, bundle, to, meant):
    with pytest.raises(InputError, match="does not belong into") as refused:
        importing.plan(bundle, machine, importing.Wish(to=to))
    assert f"--to '{meant}'" in refused.value.fix
    assert "anyway" == refused.value.parameter
    assert importing.plan(bundle, machine, importing.Wish(to=to, anyway=True)).steps


@pytest.mark.parametrize(
    ("bundle", "to"),
    [(alone(ROOT_CA), TO_ROOT), (alone(ISSUING), TO_CA), (alone(CROSSED), TO_CA)],
    ids=["root", "issuing", "crossed"],
)
def test_what_belongs_there_is_planned(machine, bundle, to):
    assert importing.plan(bundle, machine, importing.Wish(to=to)).steps
    with pytest.raises(InputError, match="is a certification authority") as refused:
        importing.plan(bundle, machine)
    assert f"--to '{to}'" in refused.value.fix


def test_there_is_nothing_to_grant_without_a_key(machine):
    machine.open(PERSONAL).add(Bundle(SERVER.leaf))
    with pytest.raises(StoreError, match="has no private key"):
        importing.plan_grant(SERVER.thumbprint, ACCOUNT, machine)


@pytest.mark.parametrize(
    ("name", "certificates", "with_key"),
    [
        ("a.pfx", 3, True),
        ("a.p12", 3, True),
        ("a.pem", 3, True),
        ("a.p7b", 3, False),
        ("a.cer", 1, False),
    ],
)
def test_a_certificate_is_exported(machine, tmp_path, name, certificates, with_key):
    importing.carry_out(
        importing.plan(
            CHAINED, machine, importing.Wish(exportable=True, include_root=True)
        )
    )
    twin = importing.export(
        CHAINED.thumbprint, machine, tmp_path / name, passphrase="a passphrase"
    )
    read = Bundle.read(tmp_path / name, passphrase="a passphrase")
    assert CHAINED.leaf == read.leaf
    assert (certificates, with_key) == (
        len(read.certificates),
        read.private_key is not None,
    )
    assert name in twin.powershell
    assert with_key == ("Export-PfxCertificate" in twin.powershell)
    assert "a passphrase" not in str(twin)


def test_an_exported_key_is_never_unprotected(machine, imported, tmp_path):
    with pytest.raises(InputError, match="unprotected"):
        importing.export(imported.thumbprint, machine, tmp_path / "a.pfx")
    assert not (tmp_path / "a.pfx").exists()


def test_a_key_that_may_not_leave_is_not_exported(machine, tmp_path):
    importing.carry_out(importing.plan(SERVER, machine))
    path = tmp_path / "a.pfx"
    with pytest.raises(StoreError, match="may not leave"):
        importing.export(SERVER.thumbprint, machine, path, passphrase="a passphrase")
    assert not path.exists()
    importing.export(SERVER.thumbprint, machine, tmp_path / "a.cer")


class LockedStore(FolderStore):
    """A store that demands an administrator, as Windows' does."""

    def add(self, bundle, *, exportable=False):
        raise ElevationError(self.address, 5)

    def remove(self, thumbprint):
        raise ElevationError(self.address, 5)

    def grant_read(self, thumbprint, account):
        raise ElevationError(self.address, 5)


class LockedMachine(FolderMachine):
    def open(self, address):
        return LockedStore(self, address)


def test_without_rights_an_administrator_gets_the_commands(tmp_path):
    importing.carry_out(importing.plan(SERVER, FolderMachine(tmp_path)))
    machine = LockedMachine(tmp_path)
    plans = [
        (
            importing.carry_out,
            importing.plan(RENEWED, machine, importing.Wish(renewal=True)),
        ),
        (importing.remove, importing.plan_removal(SERVER.thumbprint, machine)),
        (importing.grant, importing.plan_grant(SERVER.thumbprint, ACCOUNT, machine)),
    ]
    for carry_out, plan in plans:
        with pytest.raises(StoreError, match="needs an elevated session") as caught:
            carry_out(plan)
        assert "0x00000005" in caught.value.message
        assert caught.value.fix.endswith(plan.twin)


def test_what_lies_in_current_user_only_is_the_known_mistake(machine):
    users = stores.StoreAddress.parse("CurrentUser/My")
    machine.open(users).add(SERVER)
    with pytest.raises(StoreError, match="where a Windows service cannot see it"):
        importing.plan_removal(SERVER.thumbprint, machine)
    plan = importing.plan(SERVER, machine)
    assert any("Current User" in note for note in plan.notes)
    elsewhere = importing.plan(RENEWED, machine, importing.Wish(renewal=True))
    assert not any("Current User" in note for note in elsewhere.notes)


def test_what_a_file_holds_besides_is_named_up_to_five(machine):
    others = [forge.leaf(serial_number=n).leaf for n in range(10, 17)]
    for count, named in ((5, 5), (6, 5), (7, 5)):
        bundle = replace(SERVER, beside=tuple(others[:count]))
        said = [n for n in importing.plan(bundle, machine).notes if "The file" in n]
        more = [f"The file holds {count - 5} more, which are not imported."]
        assert named == sum("also holds" in note for note in said)
        assert more * (count > 5) == said[named:]


def test_a_key_of_the_current_user_is_said_to_be_of_no_use_to_a_service(machine):
    users = stores.StoreAddress.parse("CurrentUser/My")
    plan = importing.plan(SERVER, machine, importing.Wish(to=users))
    assert "a Windows service cannot read it" in str(plan)
    assert () == plan.readers


def test_an_odd_neighbour_with_the_same_subject_is_just_another_one(machine):
    own = forge.leaf(private_key=forge.key(kind=keys.KeyKind.ECDSA_P256))
    curve = bytes.fromhex("2a8648ce3d030107")
    odd = forge.damaged(own, curve, curve[:-1] + b"\x7f")
    machine.open(PERSONAL).add(Bundle(x509.load_der_x509_certificate(odd)))
    with pytest.raises(StoreError, match="another certificate with the subject"):
        importing.plan(own, machine)


def test_a_key_that_is_there_keeps_its_rights_and_the_plan_says_so(machine):
    first = importing.plan(
        SERVER, machine, importing.Wish(exportable=True, service_account=ACCOUNT)
    )
    importing.carry_out(first)
    plan = importing.plan(SAME_KEY, machine, importing.Wish(exportable=False))
    assert "may be exported again" in plan.key_lines()[0]
    assert any("other than asked for" in note for note in plan.notes)
    entry = importing.carry_out(plan)
    assert plan.exportable == entry.exportable
    readers = machine.open(PERSONAL).readers(entry.thumbprint)
    assert sorted(plan.readers) == sorted(readers)
    assert ACCOUNT in plan.readers


def test_what_is_served_for_practice_has_a_key_that_may_leave(machine):
    personal = machine.open(PERSONAL)
    personal.add(Bundle(RENEWED.leaf))
    with pytest.raises(StoreError, match="no private key"):
        importing.servable(machine, RENEWED.thumbprint)
    personal.add(SERVER, exportable=False)
    with pytest.raises(InputError, match="may not leave"):
        importing.servable(machine, SERVER.thumbprint)


def test_the_key_of_a_plan_is_that_of_the_certificate_itself(machine):
    lines = importing.plan(CHAINED, machine).key_lines()
    assert 2 == len(lines)
    assert "may not be exported again" in lines[0]


def test_nothing_is_a_renewal_or_an_authority_unless_it_is_said():
    wish = importing.Wish()
    assert not wish.renewal
    assert not wish.ca_key


def test_a_plan_says_who_trusts_the_certificate_if_that_was_judged(machine):
    unjudged = importing.plan(CHAINED, machine)
    assert not unjudged.trust
    assert [] == unjudged.verdict_lines()
    judged = importing.plan(CHAINED, machine, context=Context(at=forge.AT))
    assert (f"Trust: {judged.trust}.", "plain") in judged.verdict_lines()


def test_a_key_that_is_there_with_the_rights_asked_for_is_no_difference(machine):
    importing.carry_out(
        importing.plan(SERVER, machine, importing.Wish(service_account=ACCOUNT))
    )
    plan = importing.plan(
        SAME_KEY, machine, importing.Wish(service_account=ACCOUNT.upper())
    )
    assert not any("other than asked for" in note for note in plan.notes)
    assert 3 == len(plan.readers)


class StubbornStore(FolderStore):
    """A store that proves no key, and does not give back what is in Personal."""

    def prove_key(self, thumbprint):
        raise StoreError("the key does not work", fix="import it again")

    def remove(self, thumbprint):
        if self.address == PERSONAL:
            raise StoreError("removal refused", fix="ask")
        super().remove(thumbprint)


class StubbornMachine(FolderMachine):
    def open(self, address):
        return StubbornStore(self, address)


def test_what_cannot_be_undone_is_named_and_the_rest_undone(tmp_path):
    machine = StubbornMachine(tmp_path)
    plan = importing.plan(CHAINED, machine, importing.Wish(include_root=True))
    with pytest.raises(StoreError, match="the key does not work") as caught:
        importing.carry_out(plan)
    assert [set(), set(), {CHAINED.thumbprint}] == [
        thumbprints(machine, address)
        for address in (TRUSTED_ROOT, INTERMEDIATE, PERSONAL)
    ]
    left = f"{CHAINED.thumbprint} in Local Machine > Personal"
    assert caught.value.fix.startswith("import it again; ")
    assert caught.value.fix.endswith(left)


def test_an_interrupted_import_is_undone(machine):
    def interrupt(step):
        if step.address == PERSONAL:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.carry_out(importing.plan(CHAINED, machine), progress=interrupt)
    assert set() == thumbprints(machine, INTERMEDIATE) | thumbprints(machine, PERSONAL)
