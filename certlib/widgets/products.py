"""Which approach, as a form."""

from __future__ import annotations

from html import escape

import ipywidgets as widgets

from certlib import products
from certlib.products import Advice, Approach, Environment, Reachability
from certlib.widgets import fields, look
from certlib.widgets.forms import Field, Form, Values

_NEXT = {
    Approach.SELF_SIGNED: "1-creating.ipynb",
    Approach.INTERNAL_CA: "2-requesting.ipynb",
    Approach.PUBLIC_CA: "2-requesting.ipynb",
}


def approach_form() -> Form:
    """Return the form that leads to one approach. Its result is the `Advice`."""

    def advise(values: Values) -> Advice:
        return products.advise(
            products.product(values["product"]),
            Environment(values["environment"]),
            Reachability(values["reachability"]),
        )

    def show(advice: Advice) -> str:
        next_ = _NEXT[advice.approach]
        body = f"{escape(advice.reason)}<br><b>Next:</b> {look.notebook(next_)}"
        return look.box(f"Take: {advice.approach}", body, "good")

    inputs = [
        fields.product_field(),
        Field(
            "environment",
            "Environment",
            widgets.Dropdown(options=[e.value for e in Environment]),
        ),
        Field(
            "reachability",
            "Clients come from",
            widgets.Dropdown(options=[r.value for r in Reachability]),
        ),
    ]
    return Form("Which approach?", inputs, "Advise me", advise, show)
