"""The auditor's page as a person uses it: mouse and keyboard, light and dark."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import forge
import pytest
import scenes
from components import require
from playwright.sync_api import Browser, Page, expect, sync_playwright

from certlib import auditing, clock, practice
from certlib.auditing import Audited
from certlib.reports.board.listing import Listing
from certlib.reports.board.server import BoardServer
from certlib.reports.board.session import Session
from certlib.reports.board.views import Views
from certlib.reports.board.wishes import Wish
from certlib.rules import Context
from certlib.stores import practice_machine

BUSY = 3  # this machine does other things as well
SWITCHES = ["--no-sandbox", "--disable-gpu"]
SIZES = (1400, 1024, 900)
HANDS = [(1400, "light"), (900, "dark")]
CUT_OFF = """() => [...document.querySelectorAll("td, aside p, aside dd, aside h2")]
    .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1)
    .map((e) => e.textContent)"""
"""Finds what does not fit into its place."""


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
    browser, server, tmp_path, pictures, monkeypatch, scheme, width
):
    monkeypatch.chdir(tmp_path)  # the pictures show no path of this machine
    page = opened(browser, server, width=width, scheme=scheme)
    outside = scenes.follow_requests(page)
    audited(page, Path("files"))
    part = page.locator("#table .whole", has_text="todd-old.").first
    expect(part).to_have_css("white-space", "nowrap")
    page.locator("#table .open").first.click()
    page.get_by_role("heading", name="todd.example.com").wait_for()
    name = f"board-{scheme}-{width}.png".replace("-light-1400", "")
    page.screenshot(path=pictures / name)
    assert width >= page.evaluate("document.documentElement.scrollWidth")
    assert [] == page.evaluate(CUT_OFF)
    assert [] == outside
    assert [] == scenes.grave(page)


def test_verdicts_of_other_choices_are_grey(browser, server, tmp_path):
    page = opened(browser, server)
    audited(page, tmp_path / "files")
    expect(page.locator("#outdated")).to_be_hidden()
    page.get_by_text("What to audit").click()
    page.get_by_label("Server's DNS name").fill("other.example.com")
    expect(page.locator("#outdated")).to_be_visible()
    expect(page.locator("#found")).to_have_class("outdated")
    page.get_by_role("button", name="Audit", exact=True).click()
    expect(page.locator("#outdated")).to_be_hidden()


def test_by_keyboard_from_a_word_to_the_remedy(browser, server, tmp_path):
    page = opened(browser, server)
    audited(page, tmp_path / "files")
    page.get_by_label("Find").fill("expired")
    expect(page.locator("#shown")).to_contain_text("2 rows")
    page.locator("#table .open").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#table .open").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_contain_text("What to do")
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


class Hook(BaseHTTPRequestHandler):
    """A webhook that takes what comes."""

    got: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        Hook.got.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        pass


@pytest.mark.parametrize(("width", "scheme"), HANDS)
def test_from_what_ends_this_month_to_who_is_told(
    browser, server, tmp_path, pictures, monkeypatch, width, scheme
):
    monkeypatch.chdir(tmp_path)
    at = clock.now()
    month = at.replace(day=28).date()
    for n in range(12):
        name = f"srv{n}.example.com"
        bundle = forge.leaf(
            issuer=forge.ca(),
            san=[name],
            common_name=name,
            not_before=at - timedelta(days=300),
            not_after=at.replace(day=28, hour=n),
        )
        bundle.write(tmp_path / "files" / f"srv{n}.cer")
    (tmp_path / "owners.csv").write_text("certificate,owner\n*.example.com,Team Web\n")
    page = opened(browser, server, width=width, scheme=scheme)
    page.get_by_label("Files and folders").fill("files")
    page.get_by_role("button", name="Audit", exact=True).click()
    page.get_by_role("button", name="History").click()
    page.locator("#remember").get_by_label("History").fill("fleet.db")
    page.get_by_label("Owners (CSV)").fill("owners.csv")
    page.get_by_role("button", name="Open").click()
    page.get_by_role("button", name="Audit again").click()
    expect(page.locator("#told")).to_contain_text("What ends next")
    expect(page.locator("#told")).to_contain_text("Team Web")
    page.screenshot(path=pictures / f"board-history-{scheme}-{width}.png")
    assert [] == scenes.grave(page)
    page.get_by_role("button", name="this month").click()
    page.get_by_label("Find").fill("srv")
    expect(page.locator("#shown")).to_contain_text("12 rows")
    page.get_by_role("button", name="srv3.example.com").click()
    page.get_by_text("Change", exact=True).click()
    page.get_by_label("Owner", exact=True).fill("Jane Doe")
    page.locator(".note").get_by_role("button", name="Save").click()
    expect(page.locator("#table")).to_contain_text("Jane Doe")
    page.get_by_role("button", name="Notify").click()
    expect(page.locator("#whom")).to_contain_text("11 of Team Web, 1 of Jane Doe")
    with HTTPServer(("127.0.0.1", 0), Hook) as hook:
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        page.get_by_label("To", exact=True).fill(
            f"json://127.0.0.1:{hook.server_port}/"
        )
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#sent")).to_have_text(
            "The message was taken.", timeout=20_000
        )
        hook.shutdown()
    assert f"ends {month}" in Hook.got[-1]
    assert "[Jane Doe]" in Hook.got[-1]
    assert width >= page.evaluate("document.documentElement.scrollWidth")
    name = f"board-notify-{scheme}-{width}.png".replace("-light-1400", "")
    page.screenshot(path=pictures / name)
    assert [] == scenes.grave(page)


def test_the_page_says_what_it_is_about(browser, server, tmp_path, pictures):
    page = opened(browser, server)
    audited(page, tmp_path / "files")
    page.get_by_text("About this audit").click()
    head, end = page.locator("#about"), page.locator("#unseen")
    for what in ("Judged for", "Time zone", "Roots", "Stores", "Fails from", "certlib"):
        expect(head.get_by_role("rowheader", name=what, exact=True)).to_be_visible()
    expect(end).to_contain_text("torn.cer")
    expect(end).to_contain_text("revocation: whether")


def test_a_link_opens_a_view_and_ticked_rows_reach_python(browser, server, tmp_path):
    page = opened(browser, server)
    audited(page, tmp_path / "files")
    page.get_by_label("Group by").select_option("finding")
    page.get_by_role("button", name="✗ error").click()
    expect(page.locator("tr.group").first).to_be_visible()
    link = page.url
    again = page.context.new_page()
    again.goto(link)
    expect(again.get_by_label("Group by")).to_have_value("finding")
    expect(again.locator("tr.group").first).to_be_visible()
    again.get_by_label("Tick").first.check()
    expect(again.locator("#status")).to_contain_text("1 ticked")
    assert 1 == len(server.session.chosen())


def test_a_view_is_kept_for_the_next_day(browser, server, tmp_path):
    path = tmp_path / "views.json"
    server.session.views = Views(path)
    page = opened(browser, server)
    audited(page, tmp_path / "files")
    page.get_by_label("Find").fill("expired")
    expect(page.locator("#shown")).to_contain_text("2 rows")
    page.get_by_label("Name of this view").fill("What has expired")
    page.keyboard.press("Enter")
    expect(page.locator("#views")).to_contain_text("What has expired")
    Views(path).keep("all that has expired since " * 20, "#words=expired")
    session = Session(server.session.machine, views=Views(path))
    session.audit(Wish((str(tmp_path / "files"),)))
    tomorrow = BoardServer(session)  # on another port, which is another site
    tomorrow.start()
    page = opened(browser, tomorrow)
    box = page.locator("#views").bounding_box()
    assert box["x"] + box["width"] <= page.viewport_size["width"]
    page.locator("#views").select_option("What has expired")
    expect(page.get_by_label("Find")).to_have_value("expired")
    expect(page.locator("#shown")).to_contain_text("2 rows")


@pytest.mark.parametrize(("width", "scheme"), HANDS, ids=["mouse", "keys"])
def test_a_view_is_deleted_and_can_be_saved_again(
    browser, server, tmp_path, width, scheme
):
    keys = scheme == "dark"
    views = server.session.views = Views(tmp_path / "views.json")
    views.keep("other", "#words=other")
    views.keep("old", "#words=expired")
    page = opened(browser, server, width=width, scheme=scheme)
    audited(page, tmp_path / "files")
    delete = page.get_by_role("button", name="Delete view")
    expect(delete).to_be_disabled()  # none is chosen
    choice = page.locator("#views")
    if keys:
        choice.focus()
        page.keyboard.type("old")  # lists go to what is typed
        page.keyboard.press("Tab")
        expect(delete).to_be_focused()
        page.keyboard.press("Enter")
    else:
        choice.select_option("old")
        delete.click()
    expect(page.locator("#kept")).to_have_text("The view “old” is deleted.")
    expect(choice).to_be_focused()
    assert {"other": "#words=other"} == Views(views.path).named
    expect(choice.locator("option")).to_have_text(["choose …", "other"])
    assert [] == scenes.grave(page)
    page.get_by_role("button", name="Save view").press("Enter")
    expect(page.locator("#kept")).to_have_text("The view “old” is saved.")
    assert {"other", "old"} == set(Views(views.path).named)


START_SECONDS = 3.0


def test_the_command_has_its_page_up_in_a_moment(browser, tmp_path, record_property):
    opened_before = browser.new_context().new_page()  # the browser itself is up
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "certlib", "board", "--no-browser"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as command:
        assert command.stdout is not None
        try:
            opened_before.goto(command.stdout.readline().strip())
            opened_before.get_by_role("button", name="Audit", exact=True).wait_for()
            opened_before.locator("#status").wait_for()
            took = time.perf_counter() - began
        finally:
            command.terminate()
    record_property("summary", f"certlib board: page up in {took:.2f} s")
    assert took < BUSY * START_SECONDS


def test_the_timeline_is_hovered_and_pressed_to_look_closer(browser, server, tmp_path):
    page = opened(browser, server, scheme="dark")
    audited(page, tmp_path / "files")
    bar = page.locator("#bars button:enabled").first
    bar.hover()
    expect(page.locator("#span")).to_contain_text("1 end ")
    expect(page.locator("#span")).to_contain_text("todd.example.com")
    expect(page.locator("#span")).to_contain_text("expired.cer")
    bar.click()
    expect(page.locator("#shown")).to_contain_text("1 row")
    assert 8 >= page.locator("#bars button").count()  # a day each
    page.get_by_role("button", name="all", exact=True).click()
    expect(page.locator("#shown")).to_contain_text("8 rows")


def test_dropped_files_have_names_and_can_be_taken_away(browser, server, tmp_path):
    page = opened(browser, server)
    twice = shutil.copy(tmp_path / "files" / "expired.cer", tmp_path / "mine.cer")
    page.get_by_label("Files", exact=True).set_input_files(str(twice))
    page.get_by_role("button", name="Remove mine.cer").click()
    expect(page.get_by_role("button", name="Remove mine.cer")).to_have_count(0)
    page.get_by_role("button", name="Audit", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("nothing was chosen")


MANY = 100_000
FIRST_PAINT_SECONDS = 2.0
ANSWER_SECONDS = 0.2


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> BoardServer:
    """A page with as many findings as a large company has."""
    at = clock.now()
    judged = auditing.summary_with_trust(forge.leaf())
    found = auditing.Judge(Context(at=at))(judged)[:1]
    results = [
        Audited(
            (f"server{n}:443",),
            judged._replace(
                not_after=at + timedelta(days=n % 900),
                common_names=(f"server{n}.example.com",),
            ),
            found,
        )
        for n in range(MANY)
    ]
    folder = tmp_path_factory.mktemp("many")
    session = Session(practice_machine(folder), folder / "accepted.toml")
    session.listing = Listing(results, at)
    session.listing.prepare()  # as an audit does
    server = BoardServer(session)
    server.start()
    return server


def test_many_findings_are_shown_sorted_and_filtered_fast(
    browser, many, record_property
):
    page = opened(browser, many)
    page.locator("#table .open").first.wait_for()
    page.goto(many.url)  # the browser itself is up by then
    page.locator("#table .open").first.wait_for()
    paint = page.evaluate("performance.getEntriesByName('rows')[0].startTime")
    took = {
        "sort": answered(page, lambda: page.get_by_role("button", name="Ends").click()),
        "filter": answered(page, lambda: page.get_by_label("Find").fill("server77")),
        "group": answered(
            page, lambda: page.get_by_label("Group by").select_option("finding")
        ),
    }
    said = ", ".join(f"{name} {ms:.0f} ms" for name, ms in took.items())
    record_property("summary", f"{MANY:,} findings: paint {paint:.0f} ms, {said}")
    assert paint < BUSY * 1000 * FIRST_PAINT_SECONDS
    assert max(took.values()) < BUSY * 1000 * ANSWER_SECONDS


def answered(page: Page, act: Callable[[], object]) -> float:
    """Return the milliseconds from the page's question to the rows it shows."""
    page.evaluate("delete document.body.dataset.took")
    act()
    page.wait_for_function("document.body.dataset.took")
    return float(page.evaluate("document.body.dataset.took"))
