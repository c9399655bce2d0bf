"""The store browser: what certlm.msc shows, and plans before anything changes."""

from __future__ import annotations

import forge
import ipywidgets as widgets
import pytest
import seen

from certlib.bundles import Bundle
from certlib.errors import InputError, StoreError
from certlib.stores import PERSONAL, TRUSTED_ROOT, practice_machine
from certlib.widgets.forms import Form
from certlib.widgets.store import StoreBrowser
from certlib.widgets.viewer import CertificateViewer

ACCOUNT = r"NT Service\BOARD Connector Service"


@pytest.fixture
def machine(tmp_path):
    machine = practice_machine(tmp_path / "stores")
    machine.open(PERSONAL).add(forge.leaf())
    return machine


@pytest.fixture
def browser(machine):
    browser = StoreBrowser(machine)
    (entry,) = machine.open(PERSONAL)
    browser.pick(entry.thumbprint)
    return browser


def test_stores_stand_below_their_location_in_the_order_of_certlm(browser):
    said = [button.description for button in seen.every(browser, widgets.Button)]
    first = said.index("▾ Local Machine")
    below = ["    Personal", "    Trusted Root Certification Authorities"]
    assert below == said[first + 1 : first + 3]
    assert first < said.index("▾ Current User")


def test_a_location_shows_no_certificates_of_its_own(browser):
    def shown():
        return [button.description for button in seen.every(browser, widgets.Button)]

    assert "yes" in shown()  # it has its key
    seen.button(browser, "▾ Current User").click()
    assert browser.error is None
    assert browser.chosen is None
    assert "yes" not in shown()


def test_a_certificate_is_deleted_after_its_plan_only(browser, machine):
    browser.click("Delete with key")
    assert 1 == len(list(machine.open(PERSONAL)))
    browser.click("Carry it out")
    assert [] == list(machine.open(PERSONAL))
    with pytest.raises(InputError, match="no plan yet"):
        browser.click("Carry it out")


def test_an_account_may_read_the_key_after_the_plan_only(browser, machine):
    thumbprint = browser.chosen.thumbprint
    browser.click("Manage Private Keys", account=ACCOUNT)
    assert ACCOUNT not in machine.open(PERSONAL).readers(thumbprint)
    browser.click("Carry it out")
    assert ACCOUNT in machine.open(PERSONAL).readers(thumbprint)


def test_another_account_takes_the_plan_back(browser):
    browser.click("Manage Private Keys", account=ACCOUNT)
    (account,) = [
        field
        for field in seen.every(browser, widgets.Text)
        if field.description == "Account"
    ]
    account.value = "EXAMPLE\\other"
    with pytest.raises(InputError, match="no plan yet"):
        browser.click("Carry it out")


def test_another_store_has_other_certificates_and_forgets_the_choice(browser):
    browser.open_store(TRUSTED_ROOT)
    assert TRUSTED_ROOT == browser.address
    with pytest.raises(InputError, match="no certificate is chosen"):
        browser.click("Open")


def test_the_viewer_opens(browser):
    browser.click("Open")
    assert 1 == len(seen.every(browser, CertificateViewer))


def test_the_real_store_is_out_of_reach_in_tests(browser):
    (whose,) = [
        choice
        for choice in seen.every(browser, widgets.Dropdown)
        if choice.description == "Whose store"
    ]
    whose.value = "real"
    assert isinstance(browser.error, StoreError)


def asked(browser, button):
    """Press a button and return the form that it opens."""
    browser.click(button)
    (form,) = seen.every(browser, Form)
    return form


def test_a_file_is_imported_after_its_plan_only(browser, machine, tmp_path):
    bundle = forge.leaf(common_name="new.example.com", private_key=forge.key(7))
    bundle.write(tmp_path / "new.pfx", passphrase="sesame")
    form = asked(browser, "Import")
    form.fill(path=str(tmp_path / "new.pfx"), passphrase="sesame")
    form.submit()
    assert 1 == len(list(machine.open(PERSONAL)))
    browser.click("Carry it out")
    assert machine.open(PERSONAL).find(bundle.thumbprint).has_private_key


def test_an_uploaded_file_is_imported_and_not_kept(browser, machine):
    bundle = forge.leaf(common_name="up.example.com", private_key=forge.key(7))
    form = asked(browser, "Import")
    data = bundle.to_pfx("sesame")
    upload = {"name": "up.pfx", "type": "", "size": len(data), "content": data}
    form.fill(upload=({**upload, "last_modified": forge.AT},), passphrase="sesame")
    form.submit()
    assert () == form.values["upload"]
    browser.click("Carry it out")
    machine.open(PERSONAL).prove_key(bundle.thumbprint)


def test_nothing_chosen_is_said(browser):
    with pytest.raises(InputError, match="no file is chosen"):
        asked(browser, "Import").submit()


def test_a_certificate_is_exported_without_its_key(browser, tmp_path):
    form = asked(browser, "Export")
    form.fill(path=str(tmp_path / "copy.cer"))
    form.submit()
    assert browser.chosen.certificate == Bundle.read(tmp_path / "copy.cer").leaf
    form.fill(path=str(tmp_path / "copy.pfx"), passphrase="sesame and more")
    with pytest.raises(StoreError, match="may not leave this machine"):
        form.submit()


def test_the_friendly_name_is_changed_after_its_plan_only(browser, machine):
    thumbprint = browser.chosen.thumbprint
    form = asked(browser, "Properties")
    form.fill(name="Xtract Universal TLS")
    form.submit()
    assert "" == machine.open(PERSONAL).find(thumbprint).friendly_name
    browser.click("Carry it out")
    found = machine.open(PERSONAL).find(thumbprint)
    assert "Xtract Universal TLS" == found.friendly_name


def test_another_wish_takes_the_plan_back(browser, machine):
    browser.click("Delete with key")
    browser.click("Properties")
    with pytest.raises(InputError, match="no plan yet"):
        browser.click("Carry it out")
    assert 1 == len(list(machine.open(PERSONAL)))
