"""Importing, as a form: choose a file, read the plan, carry it out."""

from __future__ import annotations

import os
from pathlib import Path

import ipywidgets as widgets

from certlib import importing, stores
from certlib.bundles import Bundle
from certlib.errors import CertlibError, InputError, StoreError
from certlib.importing import ImportPlan
from certlib.stores import Machine, StoreAddress, StoreEntry
from certlib.widgets import look
from certlib.widgets.forms import BUTTON, Field, Form, Values

PRACTICE_ONLY = "CERTLIB_PRACTICE_ONLY"
"""With this environment variable the form never touches a real store."""


class ImportForm(Form):
    """Two buttons: the plan changes nothing, the second carries it out.

    Attributes:
        result: the `ImportPlan`.
        entry: what lies in the store once the plan has been carried out.
    """

    def __init__(self, practice: Machine, path: str = "") -> None:
        """Make the form.

        Args:
            practice: the stores for exercises, which are preselected.
            path: the PFX file to begin with.
        """
        self.entry: StoreEntry | None = None
        self._practice = practice
        self._second = widgets.Button(
            description="Carry out the plan",
            button_style="warning",
            disabled=True,
            layout=BUTTON,
        )
        self._second.on_click(lambda _: self._carry_out())
        self._done = widgets.HTML()
        super().__init__(
            "Import into the certificate store",
            _fields(path),
            "Show the plan",
            self._plan,
            _show_plan,
            below=[self._second, self._done],
        )

    def carry_out(self) -> StoreEntry | None:
        """Press the second button and return what lies in the store."""
        if self._second.disabled:
            raise InputError("there is no plan yet", fix="press 'Show the plan' first")
        self._second.click()
        if self.error is not None:
            raise self.error
        return self.entry

    def twin(self) -> str:
        """Return the form, its plan and what came of it, without secrets."""
        return super().twin() + str(self._done.value)

    def _check(self) -> None:
        super()._check()
        # What was planned is no longer what the fields say.
        self._second.disabled = True

    def _plan(self, values: Values) -> ImportPlan:
        self._done.value = ""
        path = Path(values["file"])
        plan = importing.plan(
            Bundle.read(path, passphrase=values["passphrase"] or None),
            self._machine(values["machine"]),
            to=StoreAddress.parse(values["store"]),
            exportable=values["exportable"],
            include_root=values["include_root"],
            renewal=values["renewal"],
            file_name=str(path),
        )
        self._second.disabled = False
        return plan

    def _machine(self, choice: str) -> Machine:
        if choice == "practice":
            return self._practice
        if os.environ.get(PRACTICE_ONLY):
            raise StoreError(
                "only the practice store may be used here",
                fix=f"unset the environment variable {PRACTICE_ONLY}",
            )
        return stores.this_machine()

    def _carry_out(self) -> None:
        self._second.disabled, self.error = True, None
        try:
            self.entry = importing.carry_out(self.result, progress=self._progress)
        except CertlibError as error:
            self.error = error
            self._done.value = look.failure(error)
            return
        self._done.value = look.box(
            f"The certificate lies in {self.entry.address.display_name}.",
            "A signature proved its private key. Thumbprint: "
            f"<code>{self.entry.thumbprint}</code>",
            "good",
        )

    def _progress(self, step: importing.Step) -> None:
        self._done.value = look.note(str(step), "good")


def _show_plan(plan: ImportPlan) -> str:
    rows = [(f"{n}.", str(step)) for n, step in enumerate(plan.steps, start=1)]
    rows += [("", line) for line in plan.key_lines()]
    rows += [("!", note) for note in plan.notes]
    return look.box(
        f"Plan for the {plan.machine.display_name}; nothing has happened yet.",
        look.table(rows) + "By hand, in an elevated PowerShell:" + look.code(plan.twin),
    )


def _fields(path: str) -> list[Field]:
    def box(value: bool = False) -> widgets.Checkbox:
        return widgets.Checkbox(value, indent=False)

    return [
        Field("file", "PFX file", widgets.Text(path), _existing),
        Field("passphrase", "Passphrase", widgets.Password()),
        Field(
            "machine",
            "Whose store",
            widgets.Dropdown(
                options=[
                    ("Practice store of this notebook", "practice"),
                    ("This computer's own store", "real"),
                ]
            ),
            _warning,
        ),
        Field(
            "store",
            "Store",
            widgets.Text(str(stores.PERSONAL)),
            lambda value: StoreAddress.parse(value).display_name,
        ),
        Field("exportable", "Key may be exported", box()),
        Field("include_root", "Trust its root here", box()),
        Field("renewal", "It is a renewal", box()),
    ]


def _existing(value: str) -> str:
    if not value.strip():
        raise InputError("no file is chosen", fix="type the path of the PFX file")
    try:
        there = Path(value).is_file()
    except (OSError, ValueError):  # too long, or with a NUL
        there = False
    if not there:
        raise InputError(f"{value} is not there", fix="check the path")
    return "is there"


def _warning(value: str) -> str:
    return "" if value == "practice" else "the real store of this computer is changed"
