"""Importing, as a form: choose a file, read the plan, carry it out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import ipywidgets as widgets

from certlib import bundles, clock, importing, stores
from certlib.bundles import Bundle, formats
from certlib.errors import CertlibError, InputError
from certlib.importing import ImportPlan
from certlib.rules import Context
from certlib.stores import Machine, StoreAddress, StoreEntry
from certlib.widgets import documents, fields, leads, look
from certlib.widgets.forms import Caution, Field, Form, Values
from certlib.widgets.panels import BUTTON

SURE = "Yes, change the real store of this computer"
"""The second confirmation."""


class ImportForm(Form):
    """Two buttons: the plan changes nothing, the second carries it out.

    Attributes:
        result: the `ImportPlan`.
        entry: what lies in the store once the plan has been carried out.
    """

    def __init__(
        self,
        practice: Machine,
        path: str = "",
        *,
        offered: Path | None = None,
        at: datetime | None = None,
    ) -> None:
        """Make the form.

        Args:
            practice: the stores for exercises, which are preselected.
            path: the PFX file to begin with.
            offered: the folder of one's own files, to choose from.
            at: the moment of an exercise; None for what is real.
        """
        self.entry: StoreEntry | None = None
        self._practice, self._at = practice, at
        self._second = widgets.Button(
            description="Carry out the plan",
            button_style="warning",
            disabled=True,
            layout=BUTTON,
        )
        self._second.on_click(lambda _: self._carry_out())
        self._sure = widgets.Checkbox(
            False, description=SURE, indent=False, layout={"width": "auto"}
        )
        self._sure.layout.display = "none"
        self._sure.observe(lambda _: self._ask_again(), names="value")
        self._done, self._next = widgets.HTML(), widgets.VBox()
        self._done.add_class("certlib-outcome")
        super().__init__(
            "Import into the certificate store",
            _fields(path, offered),
            "Show the plan",
            self._plan,
            _show_plan,
            below=[self._sure, self._second, self._done, self._next],
            practice=at,
        )

    def carry_out(self) -> StoreEntry | None:
        """Press the second button and return what lies in the store."""
        if self._second.disabled and self._sure.layout.display is None:
            raise InputError("a real store is changed by this", fix=f"tick {SURE!r}")
        if self._second.disabled:
            raise InputError("there is no plan yet", fix="press 'Show the plan' first")
        self._second.click()
        if self.error is not None:
            raise self.error
        return self.entry

    def picture(self) -> str:
        """Return the form, its plan and what came of it, without secrets."""
        return super().picture() + str(self._done.value)

    def _check(self) -> None:
        super()._check()
        # What was planned is no longer what the fields say.
        self._outcome.value = self._done.value = ""
        self._withdraw()

    def _withdraw(self) -> None:
        self._second.disabled, self._next.children = True, ()
        self._sure.value, self._sure.layout.display = False, "none"

    def _ask_again(self) -> None:
        if self._sure.layout.display is None:
            self._second.disabled = not self._sure.value

    def _plan(self, values: Values) -> ImportPlan:
        self._done.value = ""
        self._withdraw()
        found, *more = documents.given(self.fields, values, "file")
        content = formats.read_files(
            found.source,
            documents.key_given(more, values["key"]),
            passphrase=values["passphrase"] or None,
            origin=found.name,
        )
        machine = fields.machine(values["machine"], self._practice)
        plan = importing.plan(
            bundles.of_content(
                content, thumbprint=values["certificate"].strip(), origin=found.name
            ),
            machine,
            importing.Wish(
                to=StoreAddress.parse(values["store"]),
                exportable=values["exportable"],
                include_root=values["include_root"],
                renewal=values["renewal"],
                service_account=values["service_account"].strip(),
                file_name=found.path,
                ca_key=values["ca_key"],
                anyway=values["anyway"],
            ),
            context=Context(self._at or clock.now(), practice=machine.practice),
        )
        real = values["machine"] == "real"
        self._sure.layout.display = None if real else "none"
        self._second.disabled = real
        return plan

    def _carry_out(self) -> None:
        self._withdraw()
        self.error, self._outcome.value = None, ""
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
        links = [
            look.notebook("5-integrating.ipynb", "Select it in the service"),
            look.notebook("6-auditing.ipynb", "Audit the store"),
        ]
        seen = leads.look_at(Bundle(self.entry.certificate), links)
        self._next.children = tuple(seen)

    def _progress(self, step: importing.Step) -> None:
        self._done.value = look.note(str(step), "good")


def _show_plan(plan: ImportPlan) -> str:
    rows = [(f"{n}.", str(step)) for n, step in enumerate(plan.steps, start=1)]
    rows += [("", line) for line in plan.key_lines()]
    rows += [("!", note) for note in plan.notes]
    return look.box(
        f"Plan for the {plan.machine.display_name}; nothing has happened yet.",
        look.table(rows)
        + "<br>".join(look.note(line, tone) for line, tone in plan.verdict_lines())
        + "<div>By hand, in an elevated PowerShell:</div>"
        + look.code(plan.twin),
    )


def _fields(path: str, offered: Path | None) -> list[Field]:
    def box(value: bool = False) -> widgets.Checkbox:
        return widgets.Checkbox(value, indent=False)

    return [
        *documents.inputs("PFX file", "file", fields.file_input(path, offered=offered)),
        fields.key_file(offered),
        Field("passphrase", "Passphrase", widgets.Password()),
        Field(
            "certificate",
            "Which certificate",
            widgets.Text("", placeholder="its thumbprint"),
            lambda value: bundles.parse_thumbprint(value) if value.strip() else "",
            hint="Only if the file holds several with their keys.",
        ),
        Field("machine", "Whose store", fields.machine_input(), _which),
        Field(
            "store",
            "Store",
            widgets.Text(str(stores.PERSONAL)),
            lambda value: StoreAddress.parse(value).display_name,
        ),
        Field("exportable", "Key may be exported", box()),
        Field("include_root", "Trust its root on this computer", box()),
        Field("renewal", "It is the renewal of one that is there", box()),
        Field("ca_key", "The key of a CA may come in", box()),
        Field("anyway", "Import although it belongs into another store", box()),
        Field(
            "service_account",
            "Who may read the key",
            widgets.Text("", placeholder=r"NT Service\BOARD Connector Service"),
            lambda value: stores.checked_account(value) if value.strip() else "",
            hint="The account of the service; without it every HTTPS connection fails.",
        ),
    ]


def _which(value: str) -> str:
    if value == "practice":
        return ""
    return Caution("The real store will be changed, once you have confirmed it.")
