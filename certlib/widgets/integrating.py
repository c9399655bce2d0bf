"""Integrating, as forms: check a service's answer, write tls.json; and views.

The words of clients and the moment of a picture differ from computer to
computer: they are shown as widgets, whose text in a stored notebook is
constant.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import ipywidgets as widgets
from cryptography import x509

from certlib import bundles, checks, clock, endpoints, integrating, products
from certlib.checks import Check
from certlib.endpoints.browser import Visit
from certlib.endpoints.clients import Verdict
from certlib.errors import InputError
from certlib.products import Product
from certlib.stores import PERSONAL, Machine
from certlib.widgets import look
from certlib.widgets.forms import Field, Form, Panel, Values


def check_form(
    *,
    trusted: Sequence[x509.Certificate] = (),
    selected: x509.Certificate | None = None,
    at: Callable[[], datetime] = clock.now,
) -> Form:
    """Return the form that looks at a service's answer.

    Its result is a tuple of `checks.Check`.

    Args:
        trusted: the roots that the clients trust.
        selected: the certificate that was selected for the service.
        at: tells the moment, with a time zone.
    """

    def look_at(values: Values) -> tuple[Check, ...]:
        endpoint = endpoints.parse(values["address"])
        if values["server_name"].strip():
            endpoint = endpoints.Endpoint(
                endpoint.host, endpoint.port, values["server_name"]
            )
        presented = endpoints.look(endpoint, deadline=values["deadline"])
        return checks.check(presented, at=at(), trusted=trusted, selected=selected)

    fields = [
        Field(
            "address",
            "Address of the service",
            widgets.Text(placeholder="server.example.com:8165"),
            lambda text: str(endpoints.parse(text)),
        ),
        Field(
            "server_name",
            "Name that clients use",
            widgets.Text(),
            hint="only if it is not the host of the address",
        ),
        Field(
            "deadline", "Seconds to wait", widgets.BoundedFloatText(5, min=1, max=60)
        ),
    ]
    return Form("What does the service present?", fields, "Look", look_at, checks_html)


def tls_form(product: Product, machine: Machine, path: Path) -> Form:
    """Return the form that writes the ``tls.json`` of a product.

    Its result is the `tls_settings.Choice` that was written.
    """

    def write(values: Values) -> object:
        choice, _ = integrating.configure(path, values["thumbprint"], machine)
        return choice

    def known(text: str) -> str:
        entry = machine.open(PERSONAL).find(bundles.parse_thumbprint(text))
        return f"expires {entry.certificate.not_valid_after_utc:%Y-%m-%d}"

    field = Field("thumbprint", "Thumbprint", widgets.Text(), known)

    def written(_: object) -> str:
        again = integrating.restart_twin(product)
        return look.box(f"{path} is written.", f"Now: {look.code(again)}", "good")

    return Form(f"tls.json for {product.name}", [field], "Write", write, written)


def steps_table(product: Product) -> Panel:
    """Return the documented steps of a product as a table."""
    rows = [
        (f"{number}.", step.window, step.action)
        for number, step in enumerate(products.steps(product), start=1)
    ]
    note = look.note(product.note) if product.note else ""
    table = look.table(rows, header=("", "Window", "What to do"))
    return Shown(f"{product.name}: integrate the certificate", table + note)


def verdict_table(verdicts: Iterable[Verdict]) -> Panel:
    """Return what each client said, in its own words, as a table."""
    said = {True: "✓ accepts", False: "✗ refuses", None: "not asked"}
    rows = [(v.client, v.library, said[v.accepted], v.words) for v in verdicts]
    header = ("Client", "TLS library", "Verdict", "Its own words")
    return Shown("What real clients say", look.table(rows, header=header))


def checks_html(found: Iterable[Check]) -> str:
    """Return checks as HTML, with the fix for each that did not pass."""
    return "".join(
        look.note(f"{check.subject}: {check.detail}", "good") + "<br>"
        if check.passed
        else look.box(
            f"{check.subject}: {check.detail}", look.note(f"Fix: {check.fix}"), "bad"
        )
        for check in found
    )


def picture(seen: Visit) -> Panel:
    """Return a browser's window with its security details below."""
    if not seen.screenshot:
        raise InputError(
            f"the browser has no picture: {seen.words}", fix="look at its words"
        )
    data = base64.b64encode(seen.screenshot).decode()
    rows = [
        ("Issuer", seen.issuer),
        ("Subject", seen.subject),
        ("Protocol", seen.protocol),
        ("Valid from", f"{seen.valid_from:%Y-%m-%d %H:%M} UTC" if seen.issuer else ""),
        ("Valid to", f"{seen.valid_to:%Y-%m-%d %H:%M} UTC" if seen.issuer else ""),
    ]
    image = (
        f'<img alt="The browser shows: {seen.words}" style="border:1px solid #999;'
        f'max-width:100%" src="data:image/png;base64,{data}">'
    )
    return Shown(f"Chromium: {seen.words}", image + look.table(rows))


class Shown(Panel):
    """HTML under a heading; the stored twin is the same."""

    def __init__(self, title: str, html: str) -> None:
        """Show some HTML.

        Args:
            title: the heading, which is also the widget's constant text.
            html: what stands below.
        """
        self._html = html
        super().__init__(title, [widgets.HTML(html)])
        self.layout.max_width = "1000px"

    def twin(self) -> str:
        """Return the same as static HTML."""
        return look.box(self.heading, self._html)
