"""The auditor's page as a person uses it: mouse and keyboard, light and dark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python.sync_playwright as axe
import pytest
from components import require
from playwright.sync_api import Browser, Page, expect, sync_playwright

from certlib import practice
from certlib.reports.board.server import BoardServer
from certlib.reports.board.session import Session
from certlib.stores import practice_machine

SWITCHES = ["--no-sandbox", "--disable-gpu"]
SIZES = (1400, 1024, 900)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = require("chromium", reason="it opens the page")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture
def server(tmp_path: Path) -> BoardServer:
    practice.files_to_audit(tmp_path / "files")
    machine = practice_machine(tmp_path / "stores")
    server = BoardServer(Session(machine, tmp_path / "accepted.toml"))
    server.start()
    return server


def opened(
    browser: Browser, server: BoardServer, *, width: int = 1400, scheme: str = "light"
) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(server.url)
    return page


def audited(page: Page, folder: Path) -> None:
    if not page.get_by_label("Files and folders").is_visible():
        page.get_by_text("What to audit").click()
    page.get_by_label("Files and folders").fill(f'"{folder}"')
    page.get_by_label("Passphrases to try").fill(practice.PASSPHRASE)
    page.get_by_role("button", name="Audit", exact=True).click()
    expect(page.locator("#shown")).to_contain_text("8 rows")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_nothing_is_cut_off_and_everybody_can_use_it(
    browser, server, tmp_path, pictures, scheme, width
):
    page = opened(browser, server, width=width, scheme=scheme)
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if alien(r.url) else None)
    audited(page, tmp_path / "files")
    page.locator("#table .open").first.click()
    page.get_by_role("heading", name="todd.example.com").wait_for()
    page.screenshot(path=pictures / f"board-{scheme}-{width}.png")
    assert width >= page.evaluate("document.documentElement.scrollWidth")
    assert [] == outside
    found = axe.Axe().run(page).response["violations"]
    serious = [v["id"] for v in found if v["impact"] in ("serious", "critical")]
    assert [] == serious


def alien(url: str) -> bool:
    return url.startswith("http") and not url.startswith("http://127.0.0.1:")


def test_by_keyboard_from_a_word_to_the_remedy(browser, server, tmp_path):
    page = opened(browser, server)
    audited(page, tmp_path / "files")
    page.get_by_label("Find").fill("expired")
    expect(page.locator("#shown")).to_contain_text("2 rows")
    page.locator("#table .open").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#table .open").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_contain_text("What to do:")
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    expect(page.locator("#table .open").nth(1)).to_be_focused()


def test_a_finding_is_accepted_with_reason_and_day(browser, server, tmp_path):
    page = opened(browser, server)
    audited(page, tmp_path / "files")
    page.get_by_label("Find").fill("expired.cer")
    expect(page.locator("#shown")).to_contain_text("1 row")
    page.locator("#table .open").click()
    page.get_by_text("Accept it until").first.click()
    page.get_by_label("Reason").first.fill("It is switched off.")
    page.get_by_label("Until").first.fill("2099-01-01")
    page.get_by_role("button", name="Accept").first.click()
    expect(page.locator("#detail")).to_contain_text("It is switched off.")
    assert "It is switched off." in server.session.accepted.read_text("utf-8")


def test_a_link_opens_a_view_and_ticked_rows_reach_python(browser, server, tmp_path):
    page = opened(browser, server)
    audited(page, tmp_path / "files")
    page.get_by_label("Group by").select_option("finding")
    page.get_by_role("button", name="✗ error").click()
    expect(page.locator("tr.dtrg-group").first).to_be_visible()
    link = page.url
    again = page.context.new_page()
    again.goto(link)
    expect(again.get_by_label("Group by")).to_have_value("finding")
    expect(again.locator("tr.dtrg-group").first).to_be_visible()
    again.get_by_label("Tick").first.check()
    expect(again.locator("#status")).to_contain_text("1 ticked")
    assert 1 == len(server.session.chosen())


def test_dropped_files_have_names_and_can_be_taken_away(browser, server, tmp_path):
    page = opened(browser, server)
    twice = shutil.copy(tmp_path / "files" / "expired.cer", tmp_path / "mine.cer")
    page.get_by_label("Files", exact=True).set_input_files(str(twice))
    page.get_by_role("button", name="Remove mine.cer").click()
    expect(page.get_by_role("button", name="Remove mine.cer")).to_have_count(0)
    page.get_by_role("button", name="Audit", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("nothing was chosen")
