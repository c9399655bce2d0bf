"""Forms: fields that are checked while one types, and a button.

A form is driven by a person or, in a notebook that runs without one, by
`Form.fill` and `Form.submit`: the same handlers run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any

import ipywidgets as widgets

from certlib.errors import CertlibError
from certlib.rules import Tone
from certlib.widgets import look
from certlib.widgets.panels import BUTTON, Panel

Values = dict[str, Any]

_HOLDING = (widgets.Password, widgets.FileUpload)
"""Widgets that hold secrets."""


HELD = timedelta(minutes=5)
"""How long a form that nobody submits keeps a passphrase or the bytes of a file."""

LABEL = "13em"
"""How wide the labels of a form are."""

INPUT = f"calc({LABEL} + 8px)"
"""Where the inputs of a form begin."""


class Caution(str):
    """What a value means, if one had better think about it: shown in amber."""


@dataclass(frozen=True)
class Field:
    """One input of a form.

    Attributes:
        name: under which its value is handed on.
        label: what stands beside it.
        widget: the input; a `widgets.Password` is emptied once it is read.
        check: says what a value means, a `Caution` if that is doubtful, or
            raises `CertlibError`. An empty answer shows nothing.
        hint: a sentence under the input.
        needed: the button is grey until one of the fields with this word holds
            something.
    """

    name: str
    label: str
    widget: Any
    check: Callable[[Any], str] | None = None
    hint: str = ""
    needed: str = ""

    @property
    def secret(self) -> bool:
        """Whether the value must never be shown or stored."""
        return isinstance(self.widget, widgets.Password)

    def empty(self) -> None:
        """Forget what was typed or chosen, here and in the browser."""
        if self.widget.value:
            is_upload = isinstance(self.widget, widgets.FileUpload)
            self.widget.value = () if is_upload else ""


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
        leads: Callable[[Any], Sequence[widgets.Widget]] = lambda result: (),
        practice: datetime | None = None,
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
            leads: what leads on from what the action returned.
            practice: see `Panel`.
        """
        self.fields = {field.name: field for field in fields}
        self.result: Any = None
        self.error: CertlibError | None = None
        self._action, self._show, self._leads = action, show, leads
        self._touched: set[str] = set()
        self._onward = widgets.VBox()
        self._notes = {name: widgets.HTML() for name in self.fields}
        self._button = widgets.Button(
            description=button,
            button_style="primary",
            layout=BUTTON,
        )
        self._outcome = widgets.HTML()
        self._outcome.add_class("certlib-outcome")
        self._button.on_click(lambda _: self._run())
        self._timer: threading.Timer | None = None
        for field in fields:
            self._follow_field(field)
            if isinstance(field.widget, _HOLDING):
                field.widget.observe(lambda _: self._hold(), names="value")
        self._warning = look.box(warning, tone="warn") if warning else ""
        above = [widgets.HTML(self._warning)] if warning else []
        rows = [self._row(field) for field in fields]
        after = [self._button, self._outcome, self._onward, *below]
        super().__init__(title, [*above, *rows, *after], practice=practice)
        self._check()

    def fill(self, **values: Any) -> None:
        """Set fields as if a person had typed."""
        for name, value in values.items():
            self.fields[name].widget.value = value

    def submit(self) -> Any:
        """Press the button and return the result, or raise what went wrong."""
        if faults := self._faults():
            raise next(iter(faults.values()))
        self._run()
        if self.error is not None:
            raise self.error
        return self.result

    @property
    def values(self) -> Values:
        """The values of all fields by name, passphrases too: not for display."""
        return {name: field.widget.value for name, field in self.fields.items()}

    def picture(self) -> str:
        """Return labels and values as a picture of the form, without secrets."""
        rows = [
            (field.label, "" if field.secret else _text(field.widget))
            for field in self.fields.values()
        ]
        shown = look.picture(
            self.heading,
            rows,
            button=self._button.description,
            above=self._warning,
            practice=self.practice,
        )
        return shown + str(self._outcome.value)

    def _follow_field(self, field: Field) -> None:
        def changed(_: Any) -> None:
            self._touched.add(field.name)
            self._check()
            if not field.secret and (field.widget.value or not _holds(field)):
                self._outcome.value = look.stale(str(self._outcome.value))
                self._onward.add_class("certlib-before")

        def pressed(_: Any, content: Any, buffers: Any) -> None:
            if content.get("event") == "submit":  # Enter
                self._touched |= self.fields.keys()
                self._check()
                if not self._faults():
                    self._run()

        field.widget.observe(changed, names="value")
        field.widget.on_msg(pressed)

    def _row(self, field: Field) -> widgets.Widget:
        notes = [self._notes[field.name]]
        if field.hint:
            notes.insert(0, widgets.HTML(look.note(field.hint)))
        below = widgets.VBox(notes, layout={"padding": f"0 0 0 {INPUT}"})
        below.add_class("certlib-note")
        row = widgets.VBox([*_labelled(field), below])
        row.add_class("certlib-field")
        row.add_class(f"certlib-field-{field.name}")
        return row

    def _faults(self) -> dict[str, CertlibError]:
        faults: dict[str, CertlibError] = {}
        for name, field in self.fields.items():
            try:
                meaning = field.check(field.widget.value) if field.check else ""
                self._notes[name].value = _meaning(meaning)
            except CertlibError as error:
                faults[name] = error
                text = look.note(error.sentence, "bad")
                # Nothing is said against what a person has not touched yet.
                self._notes[name].value = text if name in self._touched else ""
        return faults

    def _check(self) -> None:
        faults = self._faults()
        self._button.disabled = bool(faults) or self._waits()
        self._announcer.faults = {
            name: error.message
            for name, error in faults.items()
            if name in self._touched
        }

    def _waits(self) -> bool:
        """Tell whether something is needed that nobody has given yet."""
        given: dict[str, bool] = {}
        for field in self.fields.values():
            there = bool(field.widget.value) or not field.needed
            given[field.needed] = there or given.get(field.needed, False)
        return not all(given.values())

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
        self.result, self.error, self._onward.children = None, None, ()
        self._onward.remove_class("certlib-before")
        values = self.values
        for field in self.fields.values():
            if field.secret:  # a saved notebook would hold it in clear
                field.empty()
        try:
            self.result = self._action(values)
            self._outcome.value = self._show(self.result)
            self._onward.children = tuple(self._leads(self.result))
        except CertlibError as error:
            self.error = error
            self._outcome.value = look.failure(error)


def _holds(field: Field) -> bool:
    """Tell whether a field is emptied by itself after some time."""
    return isinstance(field.widget, _HOLDING)


def _meaning(meaning: str) -> str:
    tone: Tone = "warn" if isinstance(meaning, Caution) else "good"
    return look.note(meaning, tone) if meaning else ""


def _labelled(field: Field) -> list[widgets.Widget]:
    """Return an input with a label that belongs to it, for screen readers too."""
    widget = field.widget
    if isinstance(widget, widgets.FileUpload):  # says itself what it is for
        style = "text-align:right;margin-right:4px"
        text = f'<div style="{style}">{escape(field.label)}</div>'
        label = widgets.HTML(text, layout={"width": f"calc({LABEL} + 4px)"})
        return [widgets.HBox([label, widget])]
    widget.description, widget.layout.max_width = field.label, "100%"
    if isinstance(widget, widgets.Checkbox):
        widget.layout.margin, widget.layout.width = f"2px 0 2px {INPUT}", "auto"
    else:
        widget.style.description_width = LABEL
        widget.layout.width = "41em"
    return [widget]


def _forget(fields: list[Field]) -> None:
    for field in fields:
        field.empty()


_LONG = 200


def _text(widget: Any) -> str:
    if isinstance(widget, widgets.FileUpload):
        return "[ choose a file ]"
    value = widget.label if isinstance(widget, widgets.Dropdown) else widget.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and ("-----" in value or len(value) > _LONG):
        return "[ a pasted text ]"  # it may be a private key
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
