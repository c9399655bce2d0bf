"""Store: the certificate stores of a machine, as certlm.msc shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ipywidgets as widgets

from certlib import clock, importing
from certlib.bundles import Bundle
from certlib.errors import CertlibError, InputError
from certlib.inspecting import views
from certlib.stores import (
    PERSONAL,
    TITLES,
    Machine,
    StoreAddress,
    StoreEntry,
    StoreLocation,
)
from certlib.widgets import dialogs, fields, look
from certlib.widgets import store_forms as forms
from certlib.widgets.dialogs import List, Window
from certlib.widgets.forms import Form
from certlib.widgets.panels import Panel
from certlib.widgets.viewer import CertificateViewer

COLUMNS = ("Issued To", "Issued By", "Expiration Date", "Friendly Name", "Key")
WIDTHS = ("28%", "27%", "17%", "20%", "8%")


class StoreBrowser(Panel):
    """The tree of locations and stores, and the certificates in one of them.

    A person clicks; a notebook that runs without one calls `open_store`, `pick`
    and `click`. What changes a store shows its plan first.

    Attributes:
        address: of the store that is open.
        chosen: the certificate that is selected, or None.
        error: what went wrong last, or None.
    """

    def __init__(self, practice: Machine) -> None:
        """Make the browser.

        Args:
            practice: the stores for exercises, which are shown first.
        """
        self.address = PERSONAL
        self.error: CertlibError | None = None
        self.chosen: StoreEntry | None = None
        self._practice = practice
        self._planned: Callable[[], object] = _nothing
        self._whose = fields.machine_input()
        self._whose.description = "Whose store"
        self._whose.observe(lambda _: self._told(self.renew), names="value")
        self._tree = List(self._open, widths=("100%",), height="260px")
        self._table = List(self._pick, widths=WIDTHS, height="236px")
        self._table.add_class("certlib-menu")  # its lines have one, by right click
        self._account = widgets.Text(
            description="Account",
            placeholder=r"NT Service\BOARD Connector Service",
            layout={"width": "360px"},
        )
        self._anyone = widgets.Checkbox(
            description="Yes, a group such as Everyone is meant",
            indent=False,
            layout={"width": "auto"},
        )
        for field in (self._account, self._anyone):
            field.observe(lambda _: self._withdraw(), names="value")
        acts: dict[str, Callable[[], None]] = {
            "Import": lambda: self._ask(
                forms.importing_form(self._machine, self.plan, self.address)
            ),
            "Open": self._view,
            "Export": lambda: self._ask(
                forms.export_form(self._the_chosen(), self._machine)
            ),
            "Properties": lambda: self._ask(
                forms.properties_form(self._the_chosen(), self._machine, self.plan)
            ),
            "Manage Private Keys": self._plan_grant,
            "Delete with key": self._plan_removal,
            "Refresh": self.renew,
        }
        feet = {name: self._telling(act) for name, act in acts.items()}
        self._window = Window("certlm", self._rows(), feet, width="98%")
        self._window.appear()
        self._sure = dialogs.button("Carry it out", lambda: self._told(self._carry_out))
        self._said, self._place = widgets.HTML(), widgets.VBox()
        self._said.add_class("certlib-outcome")
        self._sure.layout.display = "none"
        below = [self._said, self._sure, self._place]
        style = widgets.HTML(dialogs.STYLE)
        super().__init__(
            "The stores, as certlm.msc shows them", [style, self._window, *below]
        )
        self.layout.max_width = "1040px"
        self._told(self.renew)

    def open_store(self, address: StoreAddress) -> None:
        """Click on a store in the tree.

        Raises:
            InputError: the machine has no such store.
        """
        self._tree.select(str(address))

    def pick(self, thumbprint: str) -> None:
        """Click on a certificate.

        Raises:
            InputError: it is not in the store that is open.
        """
        self._table.select(thumbprint)

    def click(self, name: str, *, account: str = "", anyone: bool = False) -> None:
        """Press a button, and raise what went wrong."""
        self._account.value = account or self._account.value
        if name == "Carry it out":
            self._sure.click()
        else:
            self._anyone.value = anyone
            self._window.click(name)
        if self.error is not None:
            raise self.error

    def renew(self) -> None:
        """Read the stores again."""
        there = self._machine.addresses()
        self._tree.fill(_branches(there))
        self._tree.select(str(self.address if self.address in there else PERSONAL))

    @property
    def _machine(self) -> Machine:
        return fields.machine(self._whose.value, self._practice)

    def _rows(self) -> list[widgets.Widget]:
        stores = dialogs.beside(
            *(self._tree, COLUMNS, WIDTHS, self._table), width="250px"
        )
        rights = widgets.HBox([self._account, self._anyone], layout=look.WRAPPED)
        return [self._whose, stores, rights]

    def _open(self, key: str) -> None:
        self._forget()
        if key in [*StoreLocation]:  # of the stores below it none is meant
            self._table.fill({})
            return
        self.address = StoreAddress.parse(key)
        self._table.fill(
            {
                entry.thumbprint: _cells(entry)
                for entry in self._machine.open(self.address)
            }
        )

    def _pick(self, thumbprint: str) -> None:
        self._forget()
        self.chosen = self._machine.open(self.address).find(thumbprint)

    def _forget(self) -> None:
        self.chosen = None
        self._withdraw()

    def _withdraw(self) -> None:
        """Forget the plan, which is no longer what one has asked for."""
        self._planned, self._sure.layout.display = _nothing, "none"
        self._said.value, self._place.children = "", ()

    def _the_chosen(self) -> StoreEntry:
        if self.chosen is None:
            raise InputError("no certificate is chosen", fix="click on one of the list")
        return self.chosen

    def _view(self) -> None:
        self._place.children = (
            CertificateViewer(Bundle(self._the_chosen().certificate)),
        )

    def _plan_grant(self) -> None:
        entry, account = self._the_chosen(), self._account.value.strip()
        if not account:
            raise InputError(
                "no account is named", fix="type it into the field Account"
            )
        plan = importing.plan_grant(
            *(entry.thumbprint, account, self._machine),
            address=self.address,
            anyone=self._anyone.value,
        )
        self.plan(str(plan), lambda: importing.grant(plan))

    def _plan_removal(self) -> None:
        plan = importing.plan_removal(
            self._the_chosen().thumbprint, self._machine, address=self.address
        )
        self.plan(str(plan), lambda: importing.remove(plan))

    def _ask(self, form: Form) -> None:
        self._withdraw()
        self._place.children = (form,)

    def plan(self, text: str, act: Callable[[], object]) -> None:
        """Show what would happen, to be carried out or not.

        Args:
            text: the plan, a step a line.
            act: what carries it out.
        """
        self._said.value = look.box(
            "This will happen, once you carry it out:",
            look.listed(text.splitlines()),
            "warn",
        )
        self._planned, self._sure.layout.display = act, None

    def _carry_out(self) -> None:
        self._planned()
        self.renew()
        self._said.value = look.note("It is done.", "good")

    def _telling(self, act: Callable[[], None]) -> Callable[[], None]:
        return lambda: self._told(act)

    def _told(self, act: Callable[[], None]) -> None:
        self.error = None
        try:
            act()
        except CertlibError as error:
            self.error = error
            self._said.value = look.failure(error)


def _nothing() -> None:
    raise InputError("there is no plan yet", fix="press another button first")


def _branches(there: Iterable[StoreAddress]) -> dict[str, tuple[str]]:
    """Return the lines of the tree by their keys: locations, and below them stores."""
    lines: dict[str, tuple[str]] = {}
    for location in StoreLocation:
        lines[location] = (f"▾ {location.display_name}",)
        here = sorted(a.name for a in there if a.location is location)
        # In the order of the certificate manager, and last what it does not know.
        for name in sorted(here, key=lambda name: [*TITLES, name].index(name)):
            title = TITLES.get(name, name)
            lines[str(StoreAddress(location, name))] = (f"    {title}",)
    return lines


def _cells(entry: StoreEntry) -> tuple[str, ...]:
    certificate = entry.certificate
    return (
        views.issued_to(certificate),
        views.issued_by(certificate),
        clock.day(certificate.not_valid_after_utc),
        entry.friendly_name,
        "yes" if entry.has_private_key else "",
    )
