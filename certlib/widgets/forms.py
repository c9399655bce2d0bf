"""Forms: fields that are checked while one types, and a button.

A form is driven by a person or, in a notebook that runs without one, by
`Form.fill` and `Form.submit`: the same handlers run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Any

import ipywidgets as widgets

from certlib.errors import CertlibError
from certlib.widgets import look

Values = dict[str, Any]

_HOLDING = (widgets.Password, widgets.FileUpload)
"""Widgets that hold secrets."""


HELD = timedelta(minutes=5)
"""How long a form that nobody submits keeps a passphrase or the bytes of a file."""

BUTTON = widgets.Layout(width="auto", min_width="12em", align_self="flex-start")
"""As wide as its text, and not as the form."""


class Panel(widgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """A widget with a constant text and a static HTML twin.

    The twin stands in the stored notebook for readers without a kernel
    (documentation, GitHub). It never holds a secret.
    """

    def __init__(self, title: str, children: list[widgets.Widget]) -> None:
        self.heading = title
        head = widgets.HTML(f"<b style='font-size:1.1em'>{escape(title)}</b>")
        super().__init__(
            [head, *children],
            layout=widgets.Layout(
                border="1px solid rgba(127,127,127,.35)",
                padding="10px 16px",
                margin="4px 0",
                max_width="900px",
            ),
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.heading}>"

    def twin(self) -> str:
        """Return the panel as static HTML, without secrets."""
        return look.box(self.heading)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data |= {"text/plain": repr(self), "text/html": self.twin()}
        return data, metadata


@dataclass(frozen=True)
class Field:
    """One input of a form.

    Attributes:
        name: under which its value is handed on.
        label: what stands beside it.
        widget: the input; a `widgets.Password` is emptied once it is read.
        check: says what a value means, or raises `CertlibError`. An empty
            answer shows nothing.
        hint: a sentence under the input.
    """

    name: str
    label: str
    widget: Any
    check: Callable[[Any], str] | None = None
    hint: str = ""

    @property
    def secret(self) -> bool:
        """Whether the value must never be shown or stored."""
        return isinstance(self.widget, widgets.Password)

    def empty(self) -> None:
        """Forget what was typed or chosen, here and in the browser."""
        if self.widget.value:
            self.widget.value = "" if self.secret else ()


class Form(Panel):
    """Fields, a button, and below them what came of it.

    Attributes:
        result: what the action returned last, or None.
        error: the error that it raised last, or None.
    """

    def __init__(
        self,
        title: str,
        fields: list[Field],
        button: str,
        action: Callable[[Values], Any],
        show: Callable[[Any], str] = lambda result: look.note(str(result), "good"),
        *,
        warning: str = "",
        below: Sequence[widgets.Widget] = (),
    ) -> None:
        """Make a form.

        Args:
            title: its heading.
            fields: its inputs, from top to bottom.
            button: what stands on the button.
            action: gets the values by name; its `CertlibError` is shown.
            show: the HTML for what the action returned.
            warning: what to know before one fills it in.
            below: further widgets, under what came of it.
        """
        self.fields = {field.name: field for field in fields}
        self.result: Any = None
        self.error: CertlibError | None = None
        self._action, self._show = action, show
        self._notes = {name: widgets.HTML() for name in self.fields}
        self._button = widgets.Button(
            description=button,
            button_style="primary",
            layout=BUTTON,
        )
        self._outcome = widgets.HTML()
        self._button.on_click(lambda _: self._run())
        self._timer: threading.Timer | None = None
        for field in fields:
            field.widget.observe(lambda _: self._check(), names="value")
            if isinstance(field.widget, _HOLDING):
                field.widget.observe(lambda _: self._hold(), names="value")
        self._warning = look.box(warning, tone="warn") if warning else ""
        above = [widgets.HTML(self._warning)] if warning else []
        rows = [self._row(field) for field in fields]
        super().__init__(title, [*above, *rows, self._button, self._outcome, *below])
        self._check()

    def fill(self, **values: Any) -> None:
        """Set fields as if a person had typed."""
        for name, value in values.items():
            self.fields[name].widget.value = value

    def submit(self) -> Any:
        """Press the button and return the result, or raise what went wrong."""
        if self._button.disabled:
            raise next(iter(self._faults().values()))
        self._button.click()
        if self.error is not None:
            raise self.error
        return self.result

    @property
    def values(self) -> Values:
        """The values of all fields by name, passphrases too: not for display."""
        return {name: field.widget.value for name, field in self.fields.items()}

    def twin(self) -> str:
        """Return labels and values as a table, without secrets."""
        rows = [
            (field.label, "••••••" if field.secret else _text(field.widget))
            for field in self.fields.values()
        ]
        body = look.table([*rows, ("", f"[ {self._button.description} ]")])
        shown = look.box(self.heading, self._warning + body)
        return shown + str(self._outcome.value)

    def _row(self, field: Field) -> widgets.Widget:
        field.widget.layout.width = field.widget.layout.width or "28em"
        label = widgets.HTML(
            f"<label>{escape(field.label)}</label>",
            layout=widgets.Layout(width="13em"),
        )
        below = [self._notes[field.name]]
        if field.hint:
            below.insert(0, widgets.HTML(look.note(field.hint)))
        return widgets.HBox([label, widgets.VBox([field.widget, *below])])

    def _faults(self) -> dict[str, CertlibError]:
        faults: dict[str, CertlibError] = {}
        for name, field in self.fields.items():
            try:
                meaning = field.check(field.widget.value) if field.check else ""
                self._notes[name].value = look.note(meaning, "good") if meaning else ""
            except CertlibError as error:
                faults[name] = error
                self._notes[name].value = look.note(
                    f"{error.message}; {error.fix}", "bad"
                )
        return faults

    def _check(self) -> None:
        self._button.disabled = bool(self._faults())

    def _hold(self) -> None:
        """Have secrets forgotten some time after the last one was typed or chosen."""
        if self._timer is not None:
            self._timer.cancel()
        held = [f for f in self.fields.values() if isinstance(f.widget, _HOLDING)]
        if any(field.widget.value for field in held):
            self._timer = threading.Timer(HELD.total_seconds(), _forget, [held])
            self._timer.daemon = True
            self._timer.start()

    def _run(self) -> None:
        self.result, self.error = None, None
        values = self.values
        for field in self.fields.values():
            if field.secret:  # a saved notebook would hold it in clear
                field.empty()
        try:
            self.result = self._action(values)
            self._outcome.value = self._show(self.result)
        except CertlibError as error:
            self.error = error
            self._outcome.value = look.failure(error)


def _forget(fields: list[Field]) -> None:
    for field in fields:
        field.empty()


def _text(widget: Any) -> str:
    if isinstance(widget, widgets.FileUpload):
        return "[ choose a file ]"
    value = widget.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
