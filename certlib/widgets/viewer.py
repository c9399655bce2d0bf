"""Viewer: a certificate the way Windows' dialog 'Certificate' shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import clock, files, inspecting, stores, texts
from certlib.bundles import Bundle
from certlib.errors import CertlibError, InputError
from certlib.inspecting import Inspected
from certlib.inspecting.details import Detail, Group, Show
from certlib.inspecting.odd import Odd
from certlib.inspecting.views import Element, View
from certlib.stores.chain_engine import chain_status
from certlib.trust.roots import Trust
from certlib.widgets import look, pages
from certlib.widgets.panels import Panel

TABS = ("General", "Details", "Certification Path")

_ICONS = {
    Group.VERSION_1: ("file-o", "certlib-version-1"),
    Group.EXTENSION: ("arrow-circle-down", "certlib-extension"),
    Group.CRITICAL_EXTENSION: ("exclamation-triangle", "certlib-critical"),
    Group.PROPERTY: ("pencil-square-o", "certlib-property"),
}


class CertificateViewer(Panel):
    """A window on a certificate, a signing request or a private key.

    It shows what Windows' dialog shows, in the same three tabs, and copies
    the certificate, never a private key, to a file. A person clicks; a
    notebook that runs without one calls `show`, `select` and `copy_to`.
    """

    def __init__(
        self,
        thing: Inspected | x509.Certificate,
        *,
        at: datetime | None = None,
        trust: Trust | None = None,
        statuses: Sequence[str] | None = None,
        title: str = "",
    ) -> None:
        """Open the viewer.

        Args:
            thing: what `inspecting.read` returned, or a certificate.
            at: the moment for 'expired', with a time zone; now if left out.
            trust: the trusted roots; those of this machine and the public ones
                if left out.
            statuses: the verdicts of another judge, see `views.of_bundle`.
            title: the heading; the name of the owner if left out.
        """
        self._thing = Bundle(thing) if isinstance(thing, x509.Certificate) else thing
        self._at = at or clock.now()
        self._trust = trust or stores.trust_of(stores.this_machine())
        self.view: View = inspecting.view(
            self._thing, at=self._at, trust=self._trust, statuses=statuses
        )
        self._rows: list[tuple[Detail, widgets.Button]] = []
        self._steps: list[widgets.Button] = []
        self._selected: Detail | None = None
        self._chosen: Element | None = None
        opened = [self._general_page(), self._details_page()]
        if self.view.path:
            opened.append(self._path_page())
        self._tabs = widgets.Tab(opened, titles=TABS[: len(opened)])
        self._beside = widgets.VBox()
        super().__init__(
            title or _title(self._thing, self.view),
            [widgets.HTML(pages.STYLE), self._tabs, self._beside],
        )
        self.layout.max_width = "720px"
        self.add_class("certlib-viewer")

    @classmethod
    def as_windows_sees_it(
        cls, bundle: Bundle, server_name: str = "", *, at: datetime | None = None
    ) -> CertificateViewer:
        """Open the viewer with Windows' own opinion in the Certification Path.

        Args:
            bundle: the certificate, and others that came with it.
            server_name: what clients call the server.
            at: the moment to judge, with a time zone; now if left out.

        Raises:
            StoreError: this is not Windows.
        """
        at = at or clock.now()
        status = chain_status(bundle, server_name, at=at)
        return cls(status.bundle, at=at, statuses=status.in_viewer)

    @property
    def value(self) -> str:
        """The text of the box below the list in the tab Details."""
        return str(self._box.value)

    @property
    def tab(self) -> str:
        """The name of the tab that is open."""
        return TABS[self._tabs.selected_index or 0]

    def show(self, choice: Show | str) -> tuple[str, ...]:
        """Choose an entry of the list 'Show' and return the fields that are left.

        Raises:
            InputError: the list has no such entry.
        """
        left = self.view.fields(choice)
        self._tabs.selected_index = 1
        self._filter.value = str(Show(choice))
        return tuple(field.name for field in left)

    def select(self, name: str) -> str:
        """Click on a field in the tab Details and return the text of the box.

        Raises:
            InputError: there is no such field, or the filter hides it.
        """
        field = self.view.field(name)
        self._tabs.selected_index = 1
        for shown, row in self._rows:
            if shown == field:
                row.click()
                return self.value
        raise InputError(
            f"the filter {self._filter.value!r} hides the field {field.name!r}",
            fix=f"choose {str(Show.ALL)!r} in the list 'Show'",
        )

    def choose(self, name: str) -> str:
        """Click on a certificate in the path and return its status.

        Raises:
            InputError: none of the path has this name.
        """
        for step, row in zip(self.view.path, self._steps, strict=True):
            if step.name.casefold() == name.casefold():
                self._tabs.selected_index = 2
                row.click()
                return step.status
        raise InputError(
            f"there is no {name!r} in the certification path",
            fix=f"take one of {', '.join(step.name for step in self.view.path)}",
        )

    def view_certificate(self) -> CertificateViewer:
        """Open a viewer for the issuer that is chosen in the path, and return it.

        Raises:
            InputError: it is the certificate that this viewer shows already.
        """
        path, chosen = self.view.path, self._chosen
        if chosen is None or chosen is path[-1]:
            raise InputError(
                "this viewer shows that certificate already",
                fix="choose one of its issuers in the tab Certification Path",
            )
        above = [step.certificate for step in path[: path.index(chosen)]]
        issuer = Bundle(chosen.certificate, chain=tuple(reversed(above)))
        opened = CertificateViewer(issuer, at=self._at, trust=self._trust)
        self._beside.children = (opened,)
        return opened

    def copy_to(self, path: Path | str) -> Path:
        """Write a copy without private key, in the format that the name ends in.

        ``.cer`` holds the certificate alone; ``.pem`` and ``.p7b`` its chain
        too; ``.req`` and ``.csr`` are for signing requests.

        Raises:
            InputError: the ending does not fit, the file exists already, or
                it cannot be written.
        """
        target = files.named(str(path))
        allowed = _endings(self._thing)
        if not allowed:
            raise InputError(
                "a private key is not copied from here",
                fix="keep it where it is; a copy of its certificate does no harm",
            )
        if target.suffix.lower() not in allowed:
            raise InputError(
                f"{str(target)!r} does not say which kind of file it shall be",
                fix=f"end the name in {' or '.join(allowed)}",
            )
        if isinstance(self._thing, x509.CertificateSigningRequest):
            files.write(target, self._thing.public_bytes(Encoding.PEM))
        elif isinstance(self._thing, Odd):
            files.write(target, self._thing.der)
        elif isinstance(self._thing, Bundle):
            Bundle(self._thing.leaf, chain=self._thing.chain).write(target)
        return target

    def picture(self) -> str:
        """Return the tabs as static HTML, one below the other."""
        parts = [
            pages.heading(TABS[0]),
            pages.general_tab(self.view.general),
            pages.heading(TABS[1]),
            pages.details_tab(self.view.fields(self._filter.value), self._selected),
        ]
        if self.view.path:
            chosen = self._chosen or self.view.path[-1]
            parts += [
                pages.heading(TABS[2]),
                pages.path_tab(self.view.path),
                pages.status(chosen),
            ]
        return look.box(self.heading, "".join(parts))

    def _general_page(self) -> widgets.Widget:
        return widgets.HTML(pages.general_tab(self.view.general))

    def _details_page(self) -> widgets.Widget:
        self._filter = widgets.Dropdown(
            options=[str(choice) for choice in Show],
            description="Show:",
            style={"description_width": "3.2em"},
            layout={"width": "300px"},
        )
        self._list = widgets.VBox(layout={"height": "266px"})
        self._list.add_class("certlib-list")
        self._box = widgets.Textarea(
            rows=5,
            placeholder="the whole value of the field that is chosen",
            layout={"width": "100%", "margin": "8px 0"},
        )
        self._filter.observe(lambda _: self._fill_list(), names="value")
        self._fill_list()
        return widgets.VBox(
            [self._filter, _column_heads(), self._list, self._box, *self._copying()]
        )

    def _fill_list(self) -> None:
        fields = self.view.fields(self._filter.value)
        self._rows = [(field, self._row(field)) for field in fields]
        self._list.children = tuple(row for _, row in self._rows)
        self._selected, self._box.value = None, ""

    def _row(self, field: Detail) -> widgets.Button:
        icon, kind = _ICONS[field.group]
        short = texts.shown(field.short)
        row = _line(f"{texts.shown(field.name)}\t{short}", icon, short)
        row.add_class(kind)
        row.on_click(lambda _: self._select(field, row))
        return row

    def _select(self, field: Detail, row: widgets.Button) -> None:
        self._selected, self._box.value = field, texts.shown_lines(field.value)
        _mark(row, (other for _, other in self._rows))

    def _copying(self) -> list[widgets.Widget]:
        if not (endings := _endings(self._thing)):
            return []
        name = widgets.Text(
            placeholder=f"name of a new file, ending in {' or '.join(endings)}",
            layout={"width": "380px"},
        )
        save, outcome = widgets.Button(description="Save"), widgets.HTML()
        row = widgets.HBox([name, save], layout={"display": "none"})
        copy = widgets.Button(description="Copy to File…")

        def open_row(_: Any) -> None:
            row.layout.display = "none" if row.layout.display is None else None

        def write(_: Any) -> None:
            outcome.value = _tried(lambda: self.copy_to(name.value))

        copy.on_click(open_row)
        save.on_click(write)
        right = widgets.HBox([copy], layout={"justify_content": "flex-end"})
        return [right, row, outcome]

    def _path_page(self) -> widgets.Widget:
        status = widgets.HTML()
        look_at = widgets.Button(description="View Certificate")
        rows = self._steps = [_branch(*it) for it in enumerate(self.view.path)]

        def choose(step: Element, row: widgets.Button) -> None:
            self._chosen, status.value = step, pages.status(step)
            look_at.disabled = step is self.view.path[-1]
            _mark(row, rows)

        for step, row in zip(self.view.path, rows, strict=True):
            row.on_click(lambda _, step=step, row=row: choose(step, row))
        look_at.on_click(lambda _: self.view_certificate())
        choose(self.view.path[-1], rows[-1])
        tree = widgets.VBox(rows, layout={"min_height": "140px"})
        tree.add_class("certlib-list")
        right = widgets.HBox([look_at], layout={"justify_content": "flex-end"})
        head = widgets.HTML("Certification path")
        return widgets.VBox([head, tree, right, status])


def _title(thing: Inspected, view: View) -> str:
    match thing:
        case Bundle() | Odd():
            kind = "Certificate"
        case x509.CertificateSigningRequest():
            kind = "Signing request"
        case _:
            return "Private key"
    return f"{kind}: {view.general.issued_to or 'no name'}"


def _endings(thing: Inspected) -> tuple[str, ...]:
    match thing:
        case Bundle():
            return ".cer", ".pem", ".p7b"
        case Odd():
            return (".cer",)
        case x509.CertificateSigningRequest():
            return ".req", ".csr"
        case _:
            return ()  # a private key is not copied about


def _tried(write: Callable[[], Path]) -> str:
    try:
        return look.note(f"written: {write()}", "good")
    except CertlibError as error:
        return look.note(error.sentence, "bad")


def _line(text: str, icon: str, tooltip: str = "") -> widgets.Button:
    line = widgets.Button(description=text, icon=icon, tooltip=tooltip or text)
    line.add_class("certlib-row")
    return line


def _mark(row: widgets.Button, rows: Iterable[widgets.Button]) -> None:
    for other in rows:
        other.remove_class("certlib-selected")
    row.add_class("certlib-selected")


def _branch(depth: int, step: Element) -> widgets.Button:
    icon = "certificate" if step.ok else "exclamation-triangle"
    row = _line(texts.shown(step.name) or "(no name)", icon)
    row.add_class("certlib-extension" if step.ok else "certlib-critical")
    row.layout.padding = f"0 8px 0 {8 + 24 * depth}px"
    return row


def _column_heads() -> widgets.HTML:
    cell = "display:inline-block;padding:0 8px"
    return widgets.HTML(
        f'<div style="color:var(--jp-ui-font-color2,#666)">'
        f'<span style="{cell};width:208px">Field</span>Value</div>'
    )
