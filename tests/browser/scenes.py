"""Scenes: what tests of several pages look at in the same way."""

from __future__ import annotations

import re
from pathlib import Path

import axe_playwright_python.sync_playwright as axe
from lab import PANEL, NotebookPage
from playwright.sync_api import Locator, Page

SELECT = "Select X.509 certificate"
WANTED = "EF684A9279942953"
"""How the thumbprint of the lesson's certificate begins: practice keys and clock."""

OUTPUTS = f"{PANEL} .jp-OutputArea-output"
_CUT_OFF = """(outputs) => {
    const page = document.documentElement, found = [];
    if (page.scrollWidth > page.clientWidth) found.push("the page is too wide");
    const inputs = "button, select, textarea, input:not([type=hidden])";
    for (const e of document.querySelectorAll(`:is(${outputs}) :is(${inputs},
            td, th, dd, li, .widget-label, .widget-html-content, .certlib-body)`)) {
        if (!e.offsetParent) continue;
        const text = `${e.tagName} ${(e.textContent || e.ariaLabel || "").trim()}`;
        const { left, right } = e.getBoundingClientRect();
        if (left < 0 || right > innerWidth + 1) found.push(`outside: ${text}`);
        if (!e.matches("select, textarea, input") && e.scrollWidth > e.clientWidth + 1
            && e.clientWidth) found.push(`cut off: ${text.slice(0, 80)}`);
    }
    return found;
}"""


def grave(page: Page, within: str | None = None) -> list[str]:
    """Return what axe-core finds serious or critical, with where it is.

    Args:
        page: what is open.
        within: a CSS selector; all of the page if it is left out.
    """
    found = axe.Axe().run(page, context=within).response["violations"]
    return [
        f"{rule['id']}: {node['target'][-1]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def follow_requests(page: Page) -> list[str]:
    """Return a list that fills with the addresses outside this computer."""
    outside: list[str] = []

    def look(url: str) -> None:
        here = ("http://127.0.0.1:", "http://localhost:")
        if url.startswith(("http", "ws")) and not url.startswith(here):
            outside.append(url)

    page.on("request", lambda request: look(request.url))
    return outside


def cut_off(page: Page, within: str = OUTPUTS) -> list[str]:
    """Return what does not fit into its place or into the window.

    Args:
        page: what is open.
        within: a CSS selector.
    """
    found: list[str] = page.evaluate(_CUT_OFF, within)
    return found


class Walk:
    """The walk-through as it stands in the notebook, by what can be seen."""

    def __init__(self, notebook: NotebookPage) -> None:
        self.notebook = notebook
        self.desktop = notebook.panel.locator(".certlib-desktop").first

    def window(self, title: str) -> Locator:
        return self.desktop.locator(".certlib-window").filter(
            has=self.notebook.page.locator(".certlib-titlebar", has_text=title)
        )

    def button(self, window: str, text: str) -> Locator:
        named = re.compile(rf"^\s*{re.escape(text)}\s*$")
        return self.window(window).locator("button:visible", has_text=named)

    def picture(self, path: Path) -> None:
        self.desktop.scroll_into_view_if_needed()
        self.desktop.screenshot(path=path)
        assert path.stat().st_size > 10_000
