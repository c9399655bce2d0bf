"""Scenes: what tests of several pages look at in the same way."""

from __future__ import annotations

import axe_playwright_python.sync_playwright as axe
from playwright.sync_api import Page


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
