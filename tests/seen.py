"""Seen: what a person sees of a widget, found from outside."""

from __future__ import annotations

from typing import TypeVar

import ipywidgets as widgets

W = TypeVar("W", bound=widgets.Widget)


def every(widget: widgets.Widget, kind: type[W]) -> list[W]:
    """Return all parts of a kind, in the order in which they are shown."""
    own = [widget] if isinstance(widget, kind) else []
    children = getattr(widget, "children", ())
    return own + [part for child in children for part in every(child, kind)]


def html(widget: widgets.Widget) -> str:
    """Return what is said in HTML."""
    return "\n".join(part.value for part in every(widget, widgets.HTML))


def button(widget: widgets.Widget, text: str) -> widgets.Button:
    """Return the one button with a text on it."""
    (found,) = (b for b in every(widget, widgets.Button) if b.description == text)
    return found
