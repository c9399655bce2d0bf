"""Shown: results of a lesson as sentences, tables and commands, not as Python.

What they say is the same in a stored notebook and in one that runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import ipywidgets as widgets
from cryptography import x509

from certlib import clock
from certlib.bundles import Bundle
from certlib.rules import Finding
from certlib.widgets import look
from certlib.widgets.panels import Panel


class Shown(Panel):
    """HTML under a heading; the stored picture is the same."""

    def __init__(self, title: str, html: str) -> None:
        """Show some HTML.

        Args:
            title: the heading, which is also the widget's constant text.
            html: what stands below.
        """
        self._html = html
        super().__init__(title, [widgets.HTML(html)])
        self.layout.max_width = "1000px"

    def picture(self) -> str:
        """Return the same as static HTML."""
        return look.card(self.heading, self._html)


def sentences(title: str, lines: Iterable[str]) -> Shown:
    """Return sentences below a heading."""
    return Shown(title, look.listed(lines))


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Shown:
    """Return a table below a heading."""
    return Shown(title, look.table(rows, header=header))


def commands(title: str, *texts: str) -> Shown:
    """Return commands to copy from."""
    return Shown(title, "".join(map(look.code, texts)))


def findings(title: str, found: Iterable[Finding]) -> Shown:
    """Return what requirements are broken, or that none is."""
    said = look.notes((f.said, f.severity.tone) for f in found)
    return Shown(title, said or look.note("Nothing is wrong.", "good"))


def certificate(thing: Bundle | x509.Certificate, title: str = "") -> Shown:
    """Return a card of what a certificate says, never its key."""
    bundle = Bundle(thing) if isinstance(thing, x509.Certificate) else thing
    rows = [
        ("Subject", bundle.subject),
        ("Valid until", clock.minute(bundle.leaf.not_valid_after_utc)),
        ("Thumbprint", bundle.thumbprint),
        ("Private key", "with it" if bundle.private_key else "not with it"),
    ]
    if bundle.chain:
        rows.append(("Issuers with it", str(len(bundle.chain))))
    return Shown(title or "Certificate", look.table(rows))
