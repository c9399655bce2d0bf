"""Service: the product's own way to its certificate, as a form that opens it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ipywidgets as widgets

from certlib import names, products
from certlib.products import Product
from certlib.stores import Machine
from certlib.widgets import fields, look
from certlib.widgets.designer import Designer
from certlib.widgets.forms import Field, Form, Values
from certlib.widgets.integrating import steps_table, tls_form


def service_form(practice: Machine, folder: Path) -> Form:
    """Return the form that leads a product to its certificate.

    Its result is the `Product`. Below it opens what the product is set up with:
    the windows of the Designer, or the form for ``tls.json``.

    Args:
        practice: the stores for exercises, which are preselected.
        folder: where a ``tls.json`` is written.
    """

    def chosen(values: Values) -> Product:
        if values["host"].strip():
            names.server_name(values["host"])
        fields.roots(values["root"])
        return products.product(values["product"])

    def opened(product: Product) -> Sequence[widgets.Widget]:
        values = form.values
        machine = fields.machine(values["machine"], practice)
        account = values["account"].strip()
        if product.designer:
            host = values["host"].strip() or "localhost"
            trusted = fields.roots(values["root"])
            tool = Designer(
                product, machine, host=host, account=account, trusted=trusted
            )
        else:
            tool = tls_form(product, machine, folder / product.slug / "tls.json")
        return steps_table(product), tool

    form = Form(
        "Select the certificate in your service",
        _fields(),
        "Open it",
        chosen,
        lambda product: look.note(f"{product.name}: {product.setup}", "good"),
        leads=opened,
    )
    form.layout.max_width = "1040px"
    return form


def _fields() -> list[Field]:
    return [
        fields.product_field(),
        Field("machine", "Whose store", fields.machine_input()),
        Field(
            "host",
            "Server's name so far",
            widgets.Text(placeholder="localhost"),
            lambda text: names.server_name(text) if text.strip() else "",
        ),
        Field(
            "account",
            "Service account",
            widgets.Text(placeholder="the default one of the product"),
            hint="As services.msc shows it in the column Log On As.",
        ),
        fields.root_field(),
    ]
