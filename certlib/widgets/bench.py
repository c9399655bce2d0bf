"""Bench: a machine that something is wrong with, to be looked at with the tools."""

from __future__ import annotations

from typing import Any

from certlib.bundles import Bundle
from certlib.practice.exercises import Bench
from certlib.widgets import look
from certlib.widgets.panels import BUTTON, opener
from certlib.widgets.store import StoreBrowser
from certlib.widgets.viewer import CertificateViewer


def browser_page(bench: Bench) -> str:
    """Return what a browser shows, as a picture; empty if it shows no error."""
    if not bench.page:
        return ""
    return look.rendered("browser.html.j2", address=bench.address, code=bench.page)


def tools(bench: Bench) -> list[Any]:
    """Return a button that opens the tools below itself, and their place."""
    button, place = opener("Look closer", lambda: _opened(bench))
    button.layout = BUTTON
    return [button, place]


def _opened(bench: Bench) -> list[Any]:
    shown: list[Any] = [StoreBrowser(bench.machine)]
    if bench.presented:
        leaf, *sent = bench.presented
        shown.append(CertificateViewer(Bundle(leaf, chain=tuple(sent)), title="Served"))
    return shown
