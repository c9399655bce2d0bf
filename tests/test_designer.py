"""The Designer's windows: what can be clicked on, and what comes of it."""

import forge
import pytest

from certlib.errors import InputError
from certlib.integrating.designer import Protocol
from certlib.products import PRODUCTS
from certlib.stores import PERSONAL, TRUSTED_ROOT, StoreAddress, practice_machine
from certlib.widgets.designer import SELECT, Designer

BOARD = PRODUCTS["board-connector"]


@pytest.fixture
def machine(tmp_path):
    return practice_machine(tmp_path)


@pytest.fixture
def right(machine):
    return put(machine, forge.leaf())


@pytest.fixture
def walk(machine, right):
    return Designer(BOARD, machine, host="old.example.com", at=forge.AT)


def put(machine, bundle, address=PERSONAL):
    store = machine.open(address)
    store.add(bundle)
    store.grant_read(bundle.thumbprint, BOARD.service_account)
    return bundle.thumbprint


def select(walk, thumbprint, protocol=Protocol.HTTPS):
    walk.choose(protocol)
    walk.click(SELECT)
    walk.pick(thumbprint)
    walk.click("Ok")


@pytest.mark.parametrize("protocol", Protocol)
def test_the_button_is_grey_only_with_http(walk, protocol):
    walk.choose(protocol)
    if protocol is Protocol.HTTP:
        with pytest.raises(InputError, match="is grey"):
            walk.click(SELECT)
    else:
        walk.click(SELECT)
        assert "Edit certificate location" == walk.window.title


def test_after_the_restart_the_service_runs_with_the_certificate(walk, right):
    select(walk, right)
    walk.click("OK")
    assert "Question" == walk.window.title
    assert "" == walk.settings.web
    walk.click("Yes")
    assert (walk.settings.protocol, walk.settings.web) == (Protocol.HTTPS, right)
    (sentence,) = walk.told
    assert sentence == (
        "Clients have to call https://server.example.com:8197/ instead of "
        "http://old.example.com:8097/."
    )


def test_without_a_restart_the_service_runs_as_before(walk, right):
    select(walk, right)
    walk.click("OK")
    walk.click("No")
    assert (walk.settings.web, walk.saved.web) == ("", right)


def test_nothing_changed_asks_nothing(walk):
    walk.click("OK")
    assert "Server settings" == walk.window.title


def test_https_without_a_certificate_is_refused(walk):
    walk.choose(Protocol.HTTPS)
    walk.click("OK")
    assert walk.saved.protocol is Protocol.HTTP
    assert "needs a certificate" in walk.picture()


def test_cancel_forgets_what_was_chosen(walk, right):
    select(walk, right)
    walk.click("Cancel")
    walk.click("OK")
    assert "" == walk.saved.web


def test_cancel_in_the_list_keeps_what_was_saved(walk, machine, right):
    other = put(machine, forge.leaf())
    select(walk, right)
    walk.click(SELECT)
    walk.pick(other)
    walk.click("Cancel")
    walk.click("OK")
    assert walk.saved.web == right


def test_clear_takes_the_certificate_away(walk, right):
    select(walk, right)
    walk.click(SELECT)
    walk.click("Clear")
    walk.click("OK")
    assert "needs a certificate" in walk.picture()


def test_the_second_button_is_a_setting_of_its_own(walk, machine, right):
    other = put(machine, forge.leaf())
    select(walk, right)
    walk.tick()
    walk.click(SELECT)
    walk.pick(other)
    walk.click("Ok")
    walk.click("OK")
    assert (walk.saved.web, walk.saved.designer) == (right, other)
    assert any("Configuration Server has another" in text for text in walk.told)


def test_without_its_tick_the_second_certificate_does_not_count(walk, right):
    walk.tick()
    walk.click(SELECT)
    walk.pick(right)
    walk.click("Ok")
    walk.tick(False)
    walk.click("OK")
    assert "" == walk.saved.designer


def test_other_stores_of_the_machine_can_be_looked_into(walk, machine):
    root = forge.ca()
    machine.open(TRUSTED_ROOT).add(root)
    walk.choose(Protocol.HTTPS)
    walk.click(SELECT)
    walk.open_store(TRUSTED_ROOT)
    assert [row.thumbprint for row in walk.listed] == [root.thumbprint]
    walk.pick(root.thumbprint)
    assert "it has to be in Local Machine &gt; Personal" in walk.picture()


def test_the_tree_has_no_stores_of_users(walk):
    walk.choose(Protocol.HTTPS)
    walk.click(SELECT)
    with pytest.raises(InputError, match="is not in the list"):
        walk.open_store(StoreAddress.parse("Current User > Personal"))


def test_what_is_in_the_way_is_said_when_it_is_clicked_on(walk, machine):
    expired = put(machine, forge.leaf(not_after=forge.AT - forge.SECOND))
    walk.choose(Protocol.HTTPS)
    walk.click(SELECT)
    walk.pick(expired)
    assert "The certificate has expired." in walk.picture()


def test_what_is_imported_meanwhile_is_listed(walk, machine):
    new = put(machine, forge.leaf(san=["new.example.com"]))
    walk.choose(Protocol.HTTPS)
    walk.click(SELECT)
    assert new in [row.thumbprint for row in walk.listed]


@pytest.mark.parametrize("name", ["Select", "Apply"])
def test_a_button_that_is_not_there_is_told(walk, name):
    with pytest.raises(InputError, match="has no button"):
        walk.click(name)


def test_the_cross_does_what_the_last_button_does(walk):
    walk.choose(Protocol.HTTPS)
    walk.click(SELECT)
    walk.window.children[0].children[1].click()
    assert "Server settings" == walk.window.title


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=lambda p: p.slug)
def test_only_products_with_a_designer_have_its_windows(product, machine):
    if product.designer:
        assert Designer(product, machine, host="x", at=forge.AT).window.opened
    else:
        with pytest.raises(InputError, match="has no Designer"):
            Designer(product, machine, host="x", at=forge.AT)


def test_texts_of_a_certificate_are_escaped(machine):
    put(machine, forge.leaf(common_name="<b>"))
    walk = Designer(BOARD, machine, host="<i>", at=forge.AT)
    select(walk, next(iter(machine.open(PERSONAL))).thumbprint)
    walk.click("OK")
    assert "<i>" not in walk.picture()
