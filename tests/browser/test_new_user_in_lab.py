"""A new user in JupyterLab: an own certificate made, imported and checked, no code."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

FORM = ".jp-OutputArea-output:has(button.jupyter-button) >> nth=0"
MOST_SECONDS = 600
"""Ten minutes, in which a person can do it, too."""


def follow(notebook, link, name):
    """Press a link of a form, and run the notebook that it opens in the same Lab."""
    notebook.press(notebook.panel.get_by_role("link", name=link).first)
    title = notebook.panel.locator("h1").first
    expect(title).to_contain_text(name)
    notebook.wait_for_kernel()
    notebook.run_all()
    assert [] == notebook.errors()


@pytest.mark.parametrize("dark", [False, True], ids=["light-1400", "dark-900"])
def test_from_nothing_to_a_certificate_that_is_checked(lab, pictures, dark):
    began = time.monotonic()
    width = 900 if dark else 1400
    host = f"own-{width}.example.com"
    notebook = lab.open("1-creating.ipynb", dark=dark, width=width)
    notebook.keys, page = dark, notebook.page

    def picture(number):
        notebook.panel.locator(FORM).first.scroll_into_view_if_needed()
        page.screenshot(path=pictures / f"new-user-{number}-{width}.png")

    notebook.run_all()
    notebook.fill("Server names", host)
    notebook.fill("File", f"{width}.pfx")
    notebook.fill("Passphrase", "horse battery staple")
    picture(1)
    notebook.click("Create")
    notebook.wait_for_text("The certificate is made.")
    picture(2)
    follow(notebook, "Import it", "Importing")
    field = notebook.panel.get_by_label("or its path, or its text", exact=True).first
    offered = page.locator(f'[id="{field.get_attribute("list")}"] option')
    (own,) = [
        value
        for value in offered.evaluate_all("all => all.map(one => one.value)")
        if value.endswith(f"{width}.pfx")
    ]
    notebook.fill("or its path, or its text", own)
    notebook.fill("Passphrase", "horse battery staple")
    notebook.fill("Who may read the key", r"NT Service\BOARD Connector Service")
    notebook.click("Show the plan")
    notebook.wait_for_text("nothing has happened yet")
    picture(3)
    notebook.click("Carry out the plan")
    notebook.wait_for_text("The certificate lies in Local Machine > Personal.")
    picture(4)
    follow(notebook, "Select it in the service", "Integrating")
    desktops = notebook.panel.locator(".certlib-desktop")
    before = desktops.count()
    notebook.choose("Product", "Board Connector")
    notebook.click("Open it")
    expect(desktops).to_have_count(before + 1)
    desktop = desktops.first  # that of the form; the lesson's stands below
    desktop.get_by_text("HTTPS - Unrestricted", exact=True).click()
    notebook.press(desktop.get_by_role("button", name="Select X.509 certificate").last)
    line = desktop.locator(".certlib-line", has_text=host)
    notebook.press(line.locator("button").first)
    notebook.wait_for_text("Nothing is in the way of this certificate.")
    picture(5)
    assert time.monotonic() - began < MOST_SECONDS
