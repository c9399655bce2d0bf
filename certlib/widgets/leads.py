"""Leads: the buttons that lead on from what a form has made."""

from __future__ import annotations

import base64
from pathlib import Path

import ipywidgets as widgets

from certlib.bundles import Bundle
from certlib.widgets import look
from certlib.widgets.panels import opener
from certlib.widgets.viewer import CertificateViewer


def onward(bundle: Bundle, path: Path) -> list[widgets.Widget]:
    """Return what can be done next with a certificate that lies in a file."""
    links = [
        look.download(path.name, base64.b64encode(path.read_bytes()).decode()),
        look.notebook("4-importing.ipynb", "Import it"),
        look.notebook("3-inspecting.ipynb", "Does it name the server?"),
    ]
    return look_at(bundle, links)


def look_at(bundle: Bundle, links: list[str]) -> list[widgets.Widget]:
    """Return a button that opens the viewer below itself, and links beside it.

    Args:
        bundle: what the viewer shows; never its private key.
        links: HTML of each.
    """
    button, place = opener("Look at it", lambda: [CertificateViewer(bundle)])
    row = [button, *map(widgets.HTML, links)]
    return [widgets.HBox(row, layout=look.LINKS), place]
