"""Location: the Designer's window "Edit certificate location"."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from certlib.errors import StoreError
from certlib.integrating import designer
from certlib.integrating.designer import Row
from certlib.stores import PERSONAL, TITLES, Machine, StoreAddress
from certlib.widgets.dialogs import List, Window, beside

COLUMNS = ("SubjectAltName DNS", "Issued by", "Thumbprint")
WIDTHS = ("27%", "26%", "47%")


class LocationWindow(Window):
    """The stores of Local Machine to the left, their certificates to the right.

    Attributes:
        listed: the certificates of the store that is open.
    """

    def __init__(
        self,
        machine: Machine,
        judge: Callable[[str], None],
        done: Callable[[str], None],
    ) -> None:
        """Make the window, closed.

        Args:
            machine: whose stores it lists.
            judge: is told the thumbprint that is clicked on.
            done: is told the thumbprint that is chosen, empty for none.
        """
        self.listed: tuple[Row, ...] = ()
        self._machine, self._judge, self._done = machine, judge, done
        self._saved = self._picked = ""
        self._tree = List(self._show, widths=("100%",), height="236px")
        self._tree.fill({"": ("▾ Local Machine",)} | _branches(machine))
        self._table = List(self._pick, widths=WIDTHS, height="210px")
        self._foot = widgets.HTML()
        stores = beside(self._tree, COLUMNS, WIDTHS, self._table, width="204px")
        super().__init__(
            "Edit certificate location",
            [stores, self._foot],
            {"Clear": self._clear, "Ok": self._take, "Cancel": self.vanish},
            width="886px",
            default="Ok",
        )

    def ask(self, saved: str) -> None:
        """Open with the certificate that is saved so far, empty for none."""
        self._saved = saved
        rows = designer.listing(self._machine.open(PERSONAL))
        text = next((r.saved_as for r in rows if r.thumbprint == saved), "none")
        self._foot.value = (
            '<div style="padding:6px 0">Currently saved certificate: '
            f"{escape(text, quote=False)}</div>"
        )
        self.appear()
        self.open_store(PERSONAL)

    def open_store(self, address: StoreAddress) -> None:
        """Click on a store in the tree.

        Raises:
            InputError: it is not there: the tree has only Local Machine.
        """
        here = address.location is PERSONAL.location
        self._tree.select(address.name if here else str(address))

    def pick(self, thumbprint: str) -> None:
        """Click on a certificate.

        Raises:
            InputError: it is not listed.
        """
        self._table.select(thumbprint)

    def _show(self, name: str) -> None:
        self._picked, self.listed = "", ()
        if name:
            address = StoreAddress(PERSONAL.location, name)
            try:
                self.listed = tuple(designer.listing(self._machine.open(address)))
            except StoreError:  # a store that only its owner may read
                self.listed = ()
        cells = {
            row.thumbprint: (row.dns_names, row.issued_by, _halves(row.thumbprint))
            for row in self.listed
        }
        self._table.fill(cells)
        if name == PERSONAL.name and self._saved in cells:
            self.pick(self._saved)

    def _pick(self, thumbprint: str) -> None:
        self._picked = thumbprint
        self._judge(thumbprint)

    def _clear(self) -> None:
        self._done("")
        self.vanish()

    def _take(self) -> None:
        self._done(self._picked or self._saved)
        self.vanish()


def _halves(thumbprint: str) -> str:
    """Return a thumbprint that can be broken where its column is narrow."""
    return f"{thumbprint[:20]} {thumbprint[20:]}"


def _branches(machine: Machine) -> dict[str, tuple[str]]:
    here = (a for a in machine.addresses() if a.location is PERSONAL.location)
    titles = {a.name: TITLES.get(a.name, a.name) for a in here}
    ordered = sorted(titles.items(), key=lambda pair: pair[1].lower())
    return {name: (f"    ▸ {title}",) for name, title in ordered}
