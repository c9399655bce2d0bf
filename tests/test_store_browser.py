"""The store browser: what certlm.msc shows, and plans before anything changes."""

from __future__ import annotations

import forge
import pytest

from certlib.errors import InputError, StoreError
from certlib.stores import PERSONAL, TRUSTED_ROOT, practice_machine
from certlib.widgets.store import StoreBrowser

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


def test_another_store_has_other_certificates_and_forgets_the_choice(browser):
    browser.open_store(TRUSTED_ROOT)
    assert TRUSTED_ROOT == browser.address
    with pytest.raises(InputError, match="no certificate is chosen"):
        browser.click("Open")


def test_the_viewer_opens(browser):
    browser.click("Open")
    assert 1 == len(browser._place.children)


def test_the_real_store_is_out_of_reach_in_tests(browser):
    browser._whose.value = "real"
    assert isinstance(browser.error, StoreError)
