"""Board: an audit in a notebook, from dropped files to the report.

A person chooses and clicks; a notebook that runs without one calls `fill`,
`audit`, `choose`, `show`, `export` and `compare`: the same handlers run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from cryptography import x509
from itables.widget import ITable

from certlib import (
    auditing,
    clock,
    names,
    reports,
    stores,
)
from certlib.auditing import Audited, comparing, linting
from certlib.auditing.comparing import Changed
from certlib.auditing.linting import Remark
from certlib.auditing.sources import (
    DataSource,
    Found,
    ListSource,
    Source,
    StoreSource,
)
from certlib.bundles import Bundle
from certlib.errors import CertlibError, InputError
from certlib.parsers import attempt
from certlib.products import PRODUCTS, Environment
from certlib.reports import tables
from certlib.rules import MENTIONED, Context
from certlib.stores import Machine
from certlib.widgets import look
from certlib.widgets.forms import Panel
from certlib.widgets.results import findings, tiles
from certlib.widgets.timeline import timeline
from certlib.widgets.viewer import CertificateViewer

ALL, FAILURES, EXPIRING = "all", "only failures", "expiring soon"
SHOWN = ("place", "subject", "expires", "severity", "findings")
NO_STORE = "none"


class AuditBoard(Panel):
    """Choose what to audit, watch, look at each certificate, export.

    Attributes:
        results: of the last audit.
        error: what went wrong last, or None.
        chosen: the one that was clicked, or None.
    """

    def __init__(self, machine: Machine, context: Context | None = None) -> None:
        """Make a board.

        Args:
            machine: whose stores can be chosen.
            context: what the certificates are judged for; now and production
                when left out.
        """
        self.machine = machine
        self.context = context or Context(at=clock.now())
        self.results: list[Audited] = []
        self.error: CertlibError | None = None
        self.chosen: Audited | None = None
        self._shown: list[Audited] = []
        self._stopped = threading.Event()
        self._inputs = _inputs(machine, self.context)
        self._make_outputs()
        super().__init__("Audit", [self._choice(), self._outcome])
        self.layout.max_width = "1100px"

    def fill(self, **values: Any) -> None:
        """Set inputs as if a person had: `paths`, `hosts`, `server`, ..."""
        for name, value in values.items():
            self._inputs[name].value = value

    def audit(self) -> list[Audited]:
        """Press 'Audit', wait, and return the results, or raise what went wrong."""
        self._run()
        if self.error is not None:
            raise self.error
        return self.results

    def stop(self) -> None:
        """Press 'Stop': what was found until now is judged."""
        self._stopped.set()

    def show(self, which: str) -> list[Audited]:
        """Choose the filter and return what the table shows."""
        self._filter.value = which
        return self._shown

    def choose(self, row: int) -> Audited:
        """Click a row of the table and return what is in it."""
        self.chosen = result = self._shown[row]
        self._deep.value = ""
        bundle = _bundle(result)
        children = [widgets.HTML(findings(result))]
        if bundle is not None:
            lint = widgets.Button(description="Deep look (pkilint)")
            lint.layout.width, lint.layout.align_self = "auto", "flex-start"
            lint.on_click(lambda _: self._told(self.deep_look))
            viewer = CertificateViewer(bundle, at=self.context.at)
            children += [lint, self._deep, viewer]
        self._detail.children = children
        return result

    def deep_look(self) -> tuple[Remark, ...]:
        """Return, and show, what the linter pkilint says to the chosen one.

        Raises:
            InputError: nothing is chosen, or pkilint is not installed.
            EncodingError: it cannot read the certificate.
        """
        if self.chosen is None or not self.chosen.certificates:
            raise InputError("no certificate is chosen", fix="click a row of the table")
        remarks = linting.lint(self.chosen.certificates[0])
        rows = [(r.severity, r.code, r.node, r.message) for r in remarks]
        header = ("pkilint", "finding", "part", "what")
        self._deep.value = look.table(rows, header=header)
        return remarks

    def export(self, path: Path, *, replace: bool = False) -> None:
        """Write the results in the format that the name ends in.

        Raises:
            InputError: there is no such format, or the file is there already.
        """
        reports.write(self.results, path, replace=replace)

    def compare(self, earlier: Path) -> tuple[Changed, ...]:
        """Return, and show, what has changed since an earlier audit in JSON.

        Raises:
            CertlibError: the file cannot be read, or is no audit.
        """
        changes = comparing.compare(comparing.read(earlier), self.results)
        rows = [(c.change.value, c.subject, c.place, c.detail) for c in changes]
        header = ("change", "certificate", "place", "what")
        self._note.value = (
            look.table(rows, header=header)
            if rows
            else look.note("Nothing has changed.", "good")
        )
        return changes

    def twin(self) -> str:
        """Return the summary and the table as static HTML."""
        if not self.results:  # four zeros would look like an audit that was passed
            return look.picture(
                self.heading, [(label, "") for label in _LABELS], button="Audit"
            )
        rows = [tuple(map(str, row)) for row in _rows(self._shown[:50])]
        return look.box(
            self.heading, tiles(self.results) + look.table(rows, header=SHOWN)
        )

    def _make_outputs(self) -> None:
        self._go = widgets.Button(description="Audit", button_style="primary")
        self._halt = widgets.Button(description="Stop", disabled=True)
        self._go.on_click(lambda _: threading.Thread(target=self._run).start())
        self._halt.on_click(lambda _: self.stop())
        self._progress, self._note = widgets.HTML(), widgets.HTML()
        self._tiles, self._detail = widgets.HTML(), widgets.VBox()
        self._deep = widgets.HTML()
        self._filter = widgets.ToggleButtons(options=[ALL, FAILURES, EXPIRING])
        self._filter.observe(lambda _: self._refresh(), names="value")
        self._table = widgets.VBox()
        self._picture = widgets.Image(format="png", layout={"max_width": "100%"})
        self._outcome = widgets.VBox(
            [
                widgets.HBox([self._go, self._halt, self._progress]),
                self._note,
                self._tiles,
                self._filter,
                self._table,
                self._detail,
                self._picture,
                self._exports(),
            ]
        )

    def _choice(self) -> widgets.Widget:
        rows = [
            widgets.HBox(
                [
                    widgets.HTML(f"<label>{label}</label>", layout={"width": "13em"}),
                    field,
                ]
            )
            for label, field in zip(_LABELS, self._inputs.values(), strict=True)
        ]
        return widgets.VBox(rows)

    def _exports(self) -> widgets.Widget:
        path = widgets.Text("audit.xlsx", layout={"width": "24em"})
        save = widgets.Button(description="Save report")
        earlier = widgets.Text(placeholder="audit.json", layout={"width": "20em"})
        compare = widgets.Button(description="Compare")
        save.on_click(lambda _: self._told(lambda: self._save(Path(path.value))))
        compare.on_click(
            lambda _: self._told(lambda: self.compare(Path(earlier.value)))
        )
        return widgets.VBox(
            [widgets.HBox([save, path]), widgets.HBox([compare, earlier])]
        )

    def _save(self, path: Path) -> None:
        self.export(path)
        self._note.value = look.note(f"Written: {path}", "good")

    def _told(self, action: Any) -> None:
        try:
            action()
        except CertlibError as error:
            self._note.value = look.failure(error)

    def _run(self) -> None:
        self.error, self._note.value, found = None, "", 0
        self._stopped.clear()
        self._go.disabled, self._halt.disabled = True, False

        def progress(one: Found) -> bool:
            nonlocal found
            found += 1
            if found % 20 == 0:
                self._progress.value = look.note(f"{found} found, now {one.place}")
            return not self._stopped.is_set()

        try:
            context, sources = self._chosen()
            audit = auditing.audit(sources, context, progress=progress)
            self.context, self.results = context, list(audit)
            self._progress.value = look.note(
                f"{len(self.results)} certificates", "good"
            )
            self._refresh()
        except CertlibError as error:
            self.error = error
            self._note.value = look.failure(error)
        finally:
            self._go.disabled, self._halt.disabled = False, True

    def _chosen(self) -> tuple[Context, list[Source]]:
        of = {name: field.value for name, field in self._inputs.items()}
        passphrases = tuple(filter(None, of["passphrases"].split("|")))
        self._inputs["passphrases"].value = ""  # a saved notebook would hold it
        context = replace(
            self.context,
            server_name=names.host(of["server"]) if of["server"] else "",
            product=PRODUCTS.get(of["product"]),
            environment=Environment(of["environment"]),
            expiring_within=_within(of["days"]),
        )
        sources = list(self._sources(of, passphrases))
        if not sources:
            raise InputError(
                "nothing was chosen",
                fix="drop files, or name a folder, a store or hosts",
            )
        return context, sources

    def _sources(
        self, of: dict[str, Any], passphrases: tuple[str, ...]
    ) -> Iterable[Source]:
        trust = stores.trust_of(self.machine)
        for upload in of["files"]:
            data = bytes(upload["content"])
            name = upload["name"]
            yield DataSource(lambda data=data: data, name, passphrases, trust)  # type: ignore[misc]
        for text in filter(None, map(str.strip, of["paths"].splitlines())):
            yield auditing.source(
                text, self.machine, passphrases=passphrases, trust=trust
            )
        if of["store"] != NO_STORE:
            chosen = {str(a): a for a in self.machine.addresses()}[of["store"]]
            yield StoreSource(self.machine.open(chosen), trust)
        if listed := of["hosts"].strip():
            yield ListSource(lambda: listed.encode(), "servers", trust)

    def _refresh(self) -> None:
        keeps: dict[str, Callable[[Audited], bool]] = {
            ALL: lambda one: True,
            FAILURES: lambda one: one.worst == "error",
            EXPIRING: lambda one: any(f.rule == "expiring" for f in one.findings),
        }
        keep = keeps[self._filter.value]
        self._shown = [one for one in self.results if keep(one)]
        self._tiles.value = tiles(self.results)
        self.chosen, self._detail.children = None, []
        table = ITable(
            tables.overview(self._shown),
            select="single",
            column_filters="header",
            classes="display compact",  # long ones wrap instead of being cut off
        )
        table.observe(self._row_clicked, names="selected_rows")
        self._table.children = [table]
        self._picture.value = timeline(self.results, at=self.context.at)

    def _row_clicked(self, change: Any) -> None:
        if change["new"]:
            self.choose(change["new"][0])


_LABELS = (
    "Drop files",
    "Files and folders",
    "Store",
    "Servers (host:port)",
    "Passphrases (a|b)",
    "Server's DNS name",
    "Product",
    "Environment",
    "Expiring within days",
)


def _inputs(machine: Machine, context: Context) -> dict[str, Any]:
    wide = {"width": "34em"}
    stores = [NO_STORE, *map(str, machine.addresses())]
    product = context.product.slug if context.product else ""
    return {
        "files": widgets.FileUpload(multiple=True),
        "paths": widgets.Textarea(rows=2, layout=wide, placeholder="one a line"),
        "store": widgets.Dropdown(options=stores, layout=wide),
        "hosts": widgets.Textarea(rows=2, layout=wide, placeholder="one a line"),
        "passphrases": widgets.Password(layout=wide),
        "server": widgets.Text(context.server_name, layout=wide),
        "product": widgets.Dropdown(options=["", *PRODUCTS], value=product),
        "environment": widgets.Dropdown(
            options=[e.value for e in Environment], value=context.environment.value
        ),
        "days": widgets.BoundedIntText(
            context.mentioned_before(timedelta.max).days, min=0, max=3650
        ),
    }


def _within(days: int) -> timedelta | None:
    """Return what was chosen; None, which fits each lifetime, for the usual days."""
    return None if days == MENTIONED.days else timedelta(days=days)


def _rows(results: Iterable[Audited]) -> list[tuple[object, ...]]:
    return list(tables.overview(results).itertuples(index=False))


def _bundle(result: Audited) -> Bundle | None:
    with attempt():
        leaf, *chain = map(x509.load_der_x509_certificate, result.certificates)
        return Bundle(leaf, chain=tuple(chain))
    return None  # nothing that a window could show
