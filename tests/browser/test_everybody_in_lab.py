"""Every face in JupyterLab: for everybody's eyes and hands.

Each is used twice: by mouse, light, on a wide page, and by keyboard, dark, on a
narrow one. One session serves all that a notebook shows.
"""

from __future__ import annotations

from pathlib import Path

import forge
import pytest
import scenes
from playwright.sync_api import Locator, expect

from certlib.bundles import Bundle
from certlib.endpoints import serving
from certlib.stores import PERSONAL

HANDS = {"mouse-light-1400": (1400, False), "keys-dark-900": (900, True)}
ZOOM = 1.25


def start(notebook, made, pictures):
    notebook.click("Advise me")
    notebook.wait_for_text("Take: ")


def creating(notebook, made, pictures):
    notebook.fill("Server names", "every.example.com")
    notebook.fill("File", f"every-{notebook.keys}.pfx")
    notebook.fill("Passphrase", "horse battery staple")
    notebook.click("Create")
    notebook.wait_for_text("The certificate is made.")


def requesting(notebook, made, pictures):
    notebook.fill("Server names", f"every-{notebook.keys}.example.com".lower())
    notebook.fill("Passphrase", "horse battery staple")
    notebook.click("Make it")
    notebook.wait_for_text("The request is made.")


def public_ca(notebook, made, pictures):
    notebook.fill("Server names", "todd.local")
    notebook.click("Ask")
    notebook.wait_for_text("Not with all of these names:")


def inspecting(notebook, made, pictures):
    notebook.fill("or its path, or its text", str(made))
    notebook.fill("Passphrase", "sesame")
    notebook.fill("Server name", "every.example.com")
    notebook.click("Inspect")
    notebook.wait_for_text("SAN and CN name every.example.com.")
    notebook.tab("Details")
    viewer = notebook.panel.locator(".certlib-viewer").first
    lines = viewer.locator(".certlib-row")
    if notebook.keys:
        by_arrows(notebook, lines)
    else:
        lines.filter(has_text="Signature algorithm").click()
    expect(viewer.locator("textarea").first).not_to_have_value("")
    picture = pictures / f"viewer-details-{'dark' if notebook.keys else 'light'}.png"
    notebook.screenshot(picture, selector=".certlib-viewer")


def by_arrows(notebook, lines: Locator) -> None:
    """Choose the third line of the viewer, and type a letter."""
    lines.nth(0).focus()
    for _ in range(2):
        notebook.page.keyboard.press("ArrowDown")
    expect(lines.nth(2)).to_be_focused()
    expect(lines.nth(2)).to_contain_text("Signature algorithm")
    notebook.page.keyboard.press("ArrowUp")
    expect(lines.nth(1)).to_be_focused()
    # Letters are for the list and the fields: Lab's "b" would add a cell.
    cells = notebook.panel.locator(".jp-Cell").count()
    notebook.page.keyboard.press("b")
    assert cells == notebook.panel.locator(".jp-Cell").count()


def importing(notebook, made, pictures):
    notebook.fill("or its path, or its text", str(made))
    notebook.fill("Passphrase", "sesame")
    notebook.click("Show the plan")
    notebook.wait_for_text("nothing has happened yet")
    notebook.click("Carry out the plan")
    notebook.wait_for_text(f"The certificate lies in {PERSONAL.display_name}.")


def integrating(notebook, made, pictures):
    """The Designer, to its question about the restart."""
    walk, page = scenes.Walk(notebook), notebook.page
    if notebook.keys:
        walk.desktop.get_by_label("HTTP - Unrestricted", exact=True).focus()
        for _ in range(2):
            page.keyboard.press("ArrowDown")
    else:
        walk.desktop.get_by_text("HTTPS - Unrestricted", exact=True).click()
    notebook.press(walk.button("Server settings", scenes.SELECT))
    location = walk.window("Edit certificate location")
    wanted = location.locator(".certlib-line", has_text=scenes.WANTED)
    notebook.press(wanted.locator("button").first)
    notebook.wait_for_text("may not read its private key")
    name = "dark-900" if notebook.keys else "light-1400"
    walk.picture(pictures / f"designer-location-{name}.png")
    whole_at_any_zoom(walk)
    notebook.press(walk.button("Edit certificate location", "Ok"))
    notebook.press(walk.button("Server settings", "OK"))
    expect(walk.window("Question")).to_be_visible()
    page.keyboard.press("Escape")
    expect(walk.window("Question")).to_be_hidden()


def whole_at_any_zoom(walk) -> None:
    """Look whether the window of the Designer shows all columns and buttons.

    What a browser shows at a zoom is a page that is so much smaller.
    """
    page = walk.notebook.page
    wide = page.viewport_size["width"]
    for width in (wide, int(wide / ZOOM)):
        page.set_viewport_size({"width": width, "height": 1000})
        location = walk.window("Edit certificate location")
        assert [] == scenes.cut_off(page, ".certlib-desktop")
        for edge in ("scrollWidth <= e.clientWidth", "scrollHeight <= e.clientHeight"):
            assert location.evaluate(f"e => e.{edge}"), (width, edge)
            assert walk.desktop.evaluate(f"e => e.{edge}"), (width, edge)
    page.set_viewport_size({"width": wide, "height": 1000})


def answering(notebook, made, pictures):
    notebook.fill("Address", "server:port")
    notebook.wait_for_text("'server:port' is not the address")
    expect(notebook.button("Look").first).to_be_disabled()
    with serving.serve(Bundle.read(made, passphrase="sesame")) as service:
        notebook.fill("Address", f"127.0.0.1:{service.port}")
        notebook.fill("Name that clients use", "every.example.com")
        notebook.click("Look")
        notebook.wait_for_text("server name: every.example.com")


def service_account(notebook, made, pictures):
    notebook.fill("Domain account", r"EXAMPLE\svc-board")
    notebook.fill("Server's DNS name", "todd.example.com")
    notebook.click("What has to be done?")
    notebook.wait_for_text("In this order:")


def diagnosing(notebook, made, pictures):
    notebook.fill("Error, code or rule", "NET::ERR_CERT_DATE_INVALID")
    notebook.click("Explain")
    notebook.wait_for_text("Check: ")


FACES = {
    "0-start-here": start,
    "1-creating": creating,
    "2-requesting": requesting,
    "2b-public-ca": public_ca,
    "3-inspecting": inspecting,
    "4-importing": importing,
    "5-integrating": integrating,
    "5b-answering": answering,
    "5c-service-account": service_account,
    "7-diagnosing": diagnosing,
}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A PFX file with the passphrase sesame."""
    host = "every.example.com"
    forge.leaf(san=[host], common_name=host).write(
        tmp_path / "every.pfx", passphrase="sesame"
    )
    return tmp_path / "every.pfx"


def test_what_was_only_opened_is_not_unsaved(lab):
    notebook = lab.open("0-start-here.ipynb")
    expect(notebook.page.locator(".jp-mod-dirty")).to_have_count(0)
    notebook.page.close()


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("name", FACES)
def test_everybody_can_use(lab, made, pictures, name, hand):
    width, dark = HANDS[hand]
    notebook = lab.open(f"{name}.ipynb", dark=dark, width=width)
    notebook.keys = dark
    outside = scenes.follow_requests(notebook.page)
    notebook.run_all()
    assert [] == notebook.errors()
    FACES[name](notebook, made, pictures)
    notebook.page.screenshot(path=pictures / f"{name}-{hand}.png")
    assert [] == scenes.cut_off(notebook.page)
    assert [] == scenes.grave(notebook.page, scenes.OUTPUTS)
    assert [] == outside
    notebook.page.close()
