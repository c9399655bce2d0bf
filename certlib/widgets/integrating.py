"""Integrating, as forms: check a service's answer, write tls.json; and views.

The words of clients and the moment of a picture differ from computer to
computer: they are shown as widgets, whose text in a stored notebook is
constant.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from html import escape
from pathlib import Path

import ipywidgets as widgets
from cryptography import x509

from certlib import bundles, clock, endpoints, integrating, names, products, stores
from certlib.endpoints import Endpoint, browser
from certlib.endpoints.browser import Visit
from certlib.endpoints.clients import Verdict
from certlib.errors import EndpointError, InputError
from certlib.integrating import checks, instructions, service_accounts
from certlib.integrating.checks import Check
from certlib.products import Product
from certlib.rules import Context, Tone
from certlib.stores import PERSONAL, Machine
from certlib.widgets import fields, look
from certlib.widgets.forms import Field, Form, Values
from certlib.widgets.panels import Panel
from certlib.widgets.shown import Shown


def check_form(
    machine: Machine,
    *,
    trusted: Iterable[x509.Certificate] = (),
    at: Callable[[], datetime] = clock.now,
) -> Form:
    """Return the form that looks at a service's answer.

    Its result is a tuple of `checks.Check`.

    Args:
        machine: the practice machine, or whose trusted roots count besides those
            of the public certification authorities, and in whose store the
            certificate lies that was selected for the service.
        trusted: further roots that the clients trust.
        at: tells the moment, with a time zone.
    """
    further = tuple(trusted)

    def look_at(values: Values) -> tuple[Check, ...]:
        given = (*further, *fields.roots(values["root"]))
        endpoint = endpoints.parse(values["address"])
        if values["server_name"].strip():
            endpoint = Endpoint(endpoint.host, endpoint.port, values["server_name"])
        chosen = fields.machine(values["machine"], machine)
        presented = endpoints.look(endpoint, deadline=values["deadline"])
        return checks.check(
            presented,
            context=Context(at()),
            trust=stores.trust_of(chosen, given=given),
            selected=_entry(chosen, values["selected"]),
        )

    def thumbprint(text: str) -> str:
        return bundles.parse_thumbprint(text) if text.strip() else ""

    address = widgets.Text(placeholder="server.example.com:8165")
    seconds = widgets.BoundedFloatText(5, min=1, max=60)
    inputs = [
        Field("machine", "Whose roots count", fields.machine_input()),
        Field("address", "Address", address, lambda text: str(endpoints.parse(text))),
        Field(
            "server_name",
            "Name that clients use",
            widgets.Text(),
            hint="Only if it is not the host of the address.",
        ),
        Field(
            "selected",
            "Thumbprint selected",
            widgets.Text(),
            thumbprint,
            hint="To see whether the service presents this certificate.",
        ),
        fields.root_field(),
        Field("deadline", "Seconds to wait", seconds),
    ]
    return Form("What does the service present?", inputs, "Look", look_at, _checks_html)


def _entry(machine: Machine, thumbprint: str) -> x509.Certificate | None:
    if not thumbprint.strip():
        return None
    wanted = bundles.parse_thumbprint(thumbprint)
    return machine.open(PERSONAL).find(wanted).certificate


def tls_form(product: Product, machine: Machine, path: Path) -> Form:
    """Return the form that writes the ``tls.json`` of a product.

    Its result is the `tls_settings.Choice` that was written.
    """

    def write(values: Values) -> object:
        choice, _ = integrating.configure(path, values["thumbprint"], machine)
        return choice

    def known(text: str) -> str:
        certificate = _entry(machine, text)
        if certificate is None:
            raise InputError("no certificate is chosen", fix="paste its thumbprint")
        return f"expires {clock.day(certificate.not_valid_after_utc)}"

    field = Field("thumbprint", "Thumbprint", widgets.Text(), known)

    def written(_: object) -> str:
        again = integrating.restart_twin(product)
        return look.box(f"{path} is written.", f"Now: {look.code(again)}", "good")

    return Form(f"tls.json for {product.name}", [field], "Write", write, written)


def steps_table(product: Product) -> Panel:
    """Return the documented steps of a product as a table."""
    rows = [
        (f"{number}.", step.window, step.action)
        for number, step in enumerate(instructions.steps(product), start=1)
    ]
    note = look.note(product.note) if product.note else ""
    table = look.table(rows, header=("", "Window", "What to do"))
    return Shown(f"{product.name}: integrate the certificate", table + note)


def account_form() -> Form:
    """Return the form that says what a service needs under a domain account.

    Its result is a tuple of `service_accounts.Task`.
    """

    def tasks(values: Values) -> tuple[service_accounts.Task, ...]:
        return service_accounts.tasks(
            products.product(values["product"]),
            values["account"],
            server_name=values["server_name"],
            thumbprint=values["thumbprint"].strip() or "the certificate",
        )

    def show(found: tuple[service_accounts.Task, ...]) -> str:
        rows = [(f"{n}.", t.title, t.detail, t.command) for n, t in enumerate(found, 1)]
        header = ("", "What", "How", "As a command")
        return look.box("In this order:", look.table(rows, header=header))

    inputs = [
        fields.product_field(),
        Field(
            "account",
            "Domain account",
            widgets.Text(placeholder=r"EXAMPLE\svc-board"),
            service_accounts.checked,
        ),
        Field(
            "server_name",
            "Server's DNS name",
            widgets.Text(placeholder="todd.example.com"),
            names.dns_name,
        ),
        Field(
            "thumbprint", "Thumbprint", widgets.Text(), hint="If you have it at hand."
        ),
    ]
    title = "Run the service under another account"
    return Form(title, inputs, "What has to be done?", tasks, show)


def verdict_table(verdicts: Iterable[Verdict]) -> Panel:
    """Return what each client said, in its own words, as a table."""
    said = {True: "✓ accepts", False: "✗ refuses", None: "not asked"}
    rows = [(v.client, v.library, said[v.accepted], v.words) for v in verdicts]
    header = ("Client", "TLS library", "Verdict", "Its own words")
    return Shown("What real clients say", look.table(rows, header=header))


def _checks_html(found: Iterable[Check]) -> str:
    """Return checks as HTML, with the fix for each that did not pass."""
    return "".join(map(_check_html, found))


def _check_html(check: Check) -> str:
    text = f"{check.subject}: {check.detail}"
    if check.passed and not check.warned:
        return look.note(text, "good") + "<br>"
    tone: Tone = "bad" if check.passed is False else "warn"
    return look.box(text, look.note(f"Fix: {check.fix}"), tone)


def browser_view(
    endpoint: Endpoint, *, roots: Iterable[x509.Certificate] = ()
) -> BrowserView:
    """Return what a headless Chromium shows of a service.

    Args:
        endpoint: the service.
        roots: what the browser shall trust besides what is built in.
    """
    with tempfile.TemporaryDirectory(
        prefix="certlib-", ignore_cleanup_errors=True
    ) as folder:
        path = browser.write_roots(Path(folder), roots)
        try:
            seen = browser.visit(endpoint, folder=Path(folder), roots=path)
        except EndpointError as error:
            return BrowserView(None, look.note(error.sentence))
    return BrowserView(seen, _picture(seen))


def page_view(title: str, html: str) -> Panel:
    """Return a complete page of HTML in a frame of its own."""
    frame = (
        f'<iframe title="{escape(title)}" srcdoc="{escape(html)}" '
        'style="width:100%;height:640px;border:0;background:#fff"></iframe>'
    )
    return Shown(title, frame)


def _picture(seen: Visit) -> str:
    rows = [("Browser says", seen.words)]
    if seen.valid_from and seen.valid_to:
        rows += [
            ("Issuer", seen.issuer),
            ("Subject", seen.subject),
            ("Protocol", seen.protocol),
            ("Valid from", clock.minute(seen.valid_from)),
            ("Valid to", clock.minute(seen.valid_to)),
        ]
    data = base64.b64encode(seen.screenshot).decode()
    image = (
        f'<img alt="the window of the browser" src="data:image/png;base64,{data}" '
        'style="border:1px solid #999;max-width:100%;box-sizing:border-box">'
    )
    return (image if data else "") + look.table(rows)


class BrowserView(Shown):
    """A browser's window and its security details.

    Attributes:
        seen: the visit; None if there is no browser on this computer.
    """

    def __init__(self, seen: Visit | None, html: str) -> None:
        """Show a visit.

        Args:
            seen: the visit, if there was one.
            html: its picture, or why there is none.
        """
        self.seen = seen
        super().__init__("The page in Chromium", html)
