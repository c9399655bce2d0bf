"""The stores in 5-integrating as a person uses them: by mouse and by keyboard."""

from __future__ import annotations

from datetime import timedelta

import forge
import pytest
import scenes
from playwright.sync_api import expect

from certlib import clock

STORE = ".certlib-panel:has(.certlib-menu)"
SIZES = [(1400, False), (900, True)]


class Store:
    """The store browser as it stands in the notebook."""

    def __init__(self, notebook):
        self.page, self.panel = notebook.page, notebook.panel.locator(STORE).last
        self.menu = self.page.get_by_role("menu")

    def line(self, name):
        lines = self.panel.locator(".certlib-menu .certlib-line", has_text=name)
        return lines.locator("button").first

    def foot(self, name):
        return self.panel.locator(".certlib-foot").get_by_role("button", name=name)

    def import_(self, path):
        self.foot("Import").click()
        self.panel.get_by_label("or its path").fill(str(path))
        self.panel.get_by_label("Passphrase").fill("sesame")
        self.panel.get_by_role("button", name="Show the plan").click()
        self.carry_out()

    def carry_out(self):
        self.panel.get_by_role("button", name="Carry it out").click()
        expect(self.panel.get_by_text("It is done.")).to_be_visible()


@pytest.fixture(params=SIZES, ids=["light-1400", "dark-900"], scope="module")
def store(request, lab):
    width, dark = request.param
    notebook = lab.open("5-integrating.ipynb", dark=dark)
    notebook.page.set_viewport_size({"width": width, "height": 1000})
    notebook.run_all()
    found = Store(notebook)
    found.panel.scroll_into_view_if_needed()
    found.name = "store-dark-900.png" if dark else "store.png"
    return found


@pytest.fixture
def filled(store, tmp_path):
    """The store with two certificates, which the test may do with as it likes."""
    start = clock.now() - timedelta(days=1)
    for number, name in enumerate(("one", "two")):
        if not store.line(f"{name}.example.com").count():
            key = forge.key(number + 3)
            host = f"{name}.example.com"
            options = {"san": [host], "common_name": host, "not_before": start}
            bundle = forge.leaf(**options, private_key=key)
            bundle.write(tmp_path / f"{name}.pfx", passphrase="sesame")
            store.import_(tmp_path / f"{name}.pfx")
            expect(store.line(host)).to_be_visible()
    return store


def test_by_mouse_from_the_import_to_the_key_and_away(filled, pictures):
    filled.line("one.example.com").click(button="right")
    expect(filled.menu).to_be_visible()
    filled.page.screenshot(path=pictures / filled.name)
    assert [] == scenes.grave(filled.page, "[role=menu]")
    filled.menu.get_by_role("menuitem", name="Open").click()
    expect(filled.panel.get_by_role("tab", name="Certification Path")).to_be_visible()
    filled.panel.get_by_label("Account").fill(r"NT Service\BOARD Connector Service")
    filled.line("one.example.com").click(button="right")
    filled.menu.get_by_role("menuitem", name="Manage Private Keys").click()
    expect(filled.panel.get_by_text("once you carry it out")).to_be_visible()
    filled.carry_out()
    filled.line("one.example.com").click(button="right")
    filled.menu.get_by_role("menuitem", name="Delete with key").click()
    filled.carry_out()
    expect(filled.line("one.example.com")).to_have_count(0)


def test_by_keyboard_through_the_list_and_its_menu(filled):
    page = filled.page
    filled.panel.locator(".certlib-menu .certlib-line button").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+F10")
    expect(filled.menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(filled.menu).to_have_count(0)
    page.keyboard.press("Shift+F10")
    expect(filled.menu.get_by_role("menuitem", name="Open")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(filled.menu.get_by_role("menuitem", name="Properties")).to_be_focused()
    page.keyboard.press("Enter")
    name = filled.panel.get_by_label("Friendly name")
    name.fill("Named by keys")
    page.keyboard.press("Enter")
    expect(filled.panel.get_by_text("once you carry it out")).to_be_visible()
    filled.carry_out()
    expect(filled.panel.get_by_text("Named by keys").first).to_be_visible()
