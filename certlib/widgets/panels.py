"""Panels: widgets with a frame, a heading, and a still picture of themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from certlib.widgets import look

BUTTON = widgets.Layout(width="auto", min_width="12em", align_self="flex-start")
"""As wide as its text, and not as the form."""


def opener(
    text: str, opened: Callable[[], Iterable[widgets.Widget]]
) -> tuple[widgets.Button, widgets.VBox]:
    """Return a button, and the place in which it opens something and closes it.

    Args:
        text: what stands on the button.
        opened: returns what is opened, anew each time.
    """
    button = widgets.Button(description=text, layout={"width": "auto"})
    place = widgets.VBox()

    def clicked(_: widgets.Button) -> None:
        place.children = () if place.children else tuple(opened())

    button.on_click(clicked)
    return button, place


class Announcer(anywidget.AnyWidget):
    """Nothing to see: names and errors for screen readers, and keys.

    Attributes:
        faults: what is wrong, by the name of the field.
    """

    _esm = Path(__file__).parent / "static" / "panel.js"
    _css = Path(__file__).parent / "static" / "panel.css"
    faults = traitlets.Dict().tag(sync=True)


class Pictured(widgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """A widget with a constant text and a still picture in HTML.

    The picture stands in the stored notebook for readers without a kernel
    (documentation, GitHub). It never holds a secret.
    """

    def picture(self) -> str:
        """Return the widget as static HTML, without secrets."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data |= {"text/plain": repr(self), "text/html": self.picture()}
        return data, metadata


class Panel(Pictured):
    """A widget in a frame, with a heading."""

    def __init__(
        self,
        title: str,
        children: Sequence[widgets.Widget],
        *,
        practice: datetime | None = None,
    ) -> None:
        """Make a panel.

        Args:
            title: its heading.
            children: what stands below the heading.
            practice: the moment at which an exercise takes place, which its
                frame then says; None for what is real.
        """
        self.heading, self.practice = title, practice
        head = f"<b style='font-size:1.15em'>{look.plain(title)}</b>"
        self._announcer = Announcer()
        super().__init__(
            [
                widgets.HTML(head + look.sign(practice)),
                *children,
                self._announcer,
            ],
            layout=widgets.Layout(
                border=f"1px solid {look.frame(practice)}",
                padding="10px 16px",
                margin="4px 0",
                max_width="900px",
            ),
        )
        self.add_class("certlib-panel")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.heading}>"

    def picture(self) -> str:
        """Return the panel as static HTML, without secrets."""
        return look.picture(self.heading, practice=self.practice)
