"""5-integrating as a person uses it: the windows of the Designer, by mouse."""

from __future__ import annotations

import pytest
from scenes import SELECT, WANTED, Walk

HTTPS = "HTTPS - Unrestricted"


@pytest.fixture(scope="module")
def walk(lab):
    notebook = lab.open("5-integrating.ipynb")
    notebook.run_all()
    return Walk(notebook)


@pytest.fixture
def fresh(walk):
    """The window Server settings with HTTP chosen, whatever came before."""
    for window, away in (("Edit certificate location", "Cancel"), ("Question", "No")):
        if walk.window(window).is_visible():
            walk.button(window, away).click()
    walk.notebook.tab("Web Server")
    walk.desktop.get_by_text("HTTP - Unrestricted", exact=True).click()
    return walk


def test_with_http_chosen_the_button_is_grey(fresh, pictures):
    button = fresh.button("Server settings", SELECT)
    button.and_(fresh.notebook.page.locator(":disabled")).wait_for()
    fresh.picture(pictures / "designer-http.png")
    fresh.desktop.get_by_text(HTTPS, exact=True).click()
    button.and_(fresh.notebook.page.locator(":enabled")).wait_for()


def test_a_certificate_is_selected_and_the_server_restarts(fresh, pictures):
    fresh.desktop.get_by_text("HTTPS - Restricted to AD users").click()
    fresh.button("Server settings", SELECT).click()
    location = fresh.window("Edit certificate location")
    location.get_by_text("SubjectAltName DNS").wait_for()
    location.locator(".certlib-line", has_text=WANTED).locator("button").first.click()
    fresh.notebook.panel.get_by_text("may not read its private key").first.wait_for()
    fresh.picture(pictures / "designer-location.png")
    fresh.button("Edit certificate location", "Ok").click()
    fresh.button("Server settings", "OK").click()
    fresh.window("Question").get_by_text("Restart it now?").wait_for()
    fresh.picture(pictures / "designer-question.png")
    fresh.button("Question", "Yes").click()
    fresh.window("Question").wait_for(state="hidden")


def test_a_store_without_certificates_shows_none(fresh):
    fresh.desktop.get_by_text(HTTPS, exact=True).click()
    fresh.button("Server settings", SELECT).click()
    location = fresh.window("Edit certificate location")
    listed = location.locator(".certlib-line", has_text=WANTED)
    listed.wait_for()  # what opens is drawn, so that the click is not lost
    location.locator(".certlib-line", has_text="Trusted People").locator(
        "button"
    ).click()
    listed.wait_for(state="hidden")
    fresh.button("Edit certificate location", "Cancel").click()
    location.wait_for(state="hidden")


def test_the_second_button_waits_for_its_tick(fresh, pictures):
    walk = fresh
    walk.notebook.tab("Configuration Server")
    tick = walk.desktop.get_by_label("Custom credentials (TLS encryption)")
    tick.uncheck()
    walk.button("Server settings", SELECT).and_(
        walk.notebook.page.locator(":disabled")
    ).wait_for()
    tick.check()
    walk.button("Server settings", SELECT).click()
    walk.window("Edit certificate location").wait_for()
    walk.picture(pictures / "designer-configuration-server.png")
    walk.button("Edit certificate location", "Cancel").click()
