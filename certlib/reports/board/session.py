"""Session: what an auditor has chosen, what was found, what was decided.

It lives as long as the page's server. Passphrases and uploaded files stay in its
memory and are written nowhere.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from certlib import auditing, clock, files, names, reports, stores, texts
from certlib.auditing import Audited, comparing
from certlib.auditing.comparing import Changed
from certlib.auditing.evidence import Evidence
from certlib.auditing.sources import (
    DataSource,
    Found,
    ListSource,
    Source,
    StoreSource,
)
from certlib.auditing.suppressions import Suppression, Suppressions
from certlib.bundles import formats, kinds
from certlib.endpoints import fetching
from certlib.endpoints import lists as server_lists
from certlib.errors import CertlibError, InputError
from certlib.products import PRODUCTS, Environment
from certlib.reports.board.listing import Listing
from certlib.rules import Context
from certlib.stores import Machine
from certlib.trust.roots import Trust

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Wish:
    """What to audit, and for what.

    Attributes:
        paths: files, folders, stores and servers, see `auditing.source`.
        store: the address of a store, or empty.
        servers: host:port, one a line.
        server_name: the DNS name that they are to be good for, or empty.
        product: its short name, or empty.
        environment: of `Environment`.
        days: how long before its end a certificate is mentioned; as long as fits its
            lifetime when left out.
        roots: files of roots that the clients trust, too.
        lists: files or folders of revocation lists to look up in.
        online: look up revocation at the addresses in the certificates.
    """

    paths: tuple[str, ...] = ()
    store: str = ""
    servers: str = ""
    server_name: str = ""
    product: str = ""
    environment: str = Environment.PRODUCTION.value
    days: int | None = None
    roots: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    online: bool = False


@dataclass
class Session:
    """One auditor's work.

    Attributes:
        machine: whose stores can be chosen.
        accepted: the TOML file of accepted findings; made when it is needed.
        wish: what was audited last.
        passphrases: to try on protected files; never shown.
        uploads: the bytes of dropped files by name.
        listing: what was found.
        selected: the numbers of the rows that are ticked.
        error: what went wrong last, or None.
        found: how many things the audit that runs has found.
        context: what was judged for, last.
    """

    machine: Machine
    accepted: Path = Path("accepted.toml")
    wish: Wish = Wish()
    passphrases: tuple[str, ...] = field(default=(), repr=False)
    uploads: dict[str, bytes] = field(default_factory=dict, repr=False)
    listing: Listing = field(default_factory=lambda: Listing((), clock.now()))
    selected: set[int] = field(default_factory=set)
    error: CertlibError | None = None
    found: int = 0

    context: Context = field(default_factory=lambda: Context(clock.now()))
    _trust: Trust | None = field(default=None, repr=False)
    _stopped: threading.Event = field(default_factory=threading.Event, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def trust(self) -> Trust:
        """Whom clients trust and where revocation was looked up, in the last audit."""
        return self._trust or stores.trust_of(self.machine)

    @property
    def running(self) -> bool:
        """Whether an audit runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, wish: Wish) -> None:
        """Begin an audit in the background.

        Raises:
            InputError: one runs already.
        """
        if self.running:
            raise InputError("an audit runs already", fix="wait for it, or stop it")
        self.error, self.found = None, 0
        self._stopped.clear()
        self._thread = threading.Thread(target=self._tried, args=(wish,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the search; what was found until now is judged."""
        self._stopped.set()

    def audit(self, wish: Wish) -> tuple[Audited, ...]:
        """Audit, wait for it, and return what was found.

        Raises:
            CertlibError: nothing was chosen, or something cannot be opened.
        """
        context, trust = _context(wish), _trust(wish, self.machine)
        sources = list(self._sources(wish, trust))
        if not sources:
            raise InputError(
                "nothing was chosen",
                fix="drop files, or name a folder, a store or servers",
            )
        results = tuple(
            auditing.audit(
                sources,
                context,
                suppressions=self._suppressions(),
                progress=self._progress,
            )
        )
        listing = Listing(results, context.at)
        listing.prepare()
        self.wish, self.context, self._trust = wish, context, trust
        self.listing, self.selected = listing, set()
        return results

    def accept(
        self, number: int, rule: str, reason: str, until: date, place: str = ""
    ) -> None:
        """Accept a finding of a certificate until a day, and note it in the file.

        It counts for one place, or for all that the certificate is at.

        Raises:
            InputError: the day has passed, or no reason is given.
            EncodingError: the file is there and is not TOML.
        """
        if until < self.context.at.date():
            raise InputError(f"{until} has passed", fix="give a day that is to come")
        one = self.listing.results[number]
        meant = place or one.summary.thumbprint or one.place
        entry = Suppression(rule, reason, until, meant)
        accepted = (self._suppressions() or Suppressions()).adding(entry)
        accepted.write(self.accepted)
        findings, suppressed = accepted.apply(
            one.findings, one.summary, at=self.context.at
        )
        results = list(self.listing.results)
        results[number] = replace(
            one, findings=findings, suppressed=(*one.suppressed, *suppressed)
        )
        self.listing = Listing(results, self.context.at)

    def chosen(self) -> list[Audited]:
        """Return the rows that are ticked, or all if none is."""
        results = self.listing.results
        return [results[n] for n in sorted(self.selected)] or list(results)

    def frame(self) -> pd.DataFrame:
        """Return `chosen` as a table with a row for each finding."""
        from certlib.reports import tables  # pandas takes a second to load

        return tables.frame(self.chosen())

    def report(self, format_: str) -> bytes:
        """Return `chosen` as a report in a format of `reports.FORMATS`."""
        return reports.render(self.chosen(), format_, about=self.about())

    def about(self) -> Evidence:
        """Return what was audited last, and for what, as reports say it."""
        wish, accepted = self.wish, self._suppressions()
        # A key that somebody pasted must not get into a report.
        is_list = server_lists.is_list(wish.servers.encode())
        servers = wish.servers.split() if is_list else ["pasted text"]
        paths = ["pasted text"] if _is_pasted(wish.paths) else wish.paths
        return Evidence(
            (*self.uploads, *paths, *([wish.store] * bool(wish.store)), *servers),
            self.context,
            self.trust,
            self.machine.display_name,
            accepted,
            str(self.accepted) if accepted else "",
        )

    def compare(self, earlier: Path) -> tuple[Changed, ...]:
        """Return what has changed since an earlier audit in JSON.

        Raises:
            CertlibError: the file cannot be read, or is no audit.
        """
        return comparing.compare(comparing.read(earlier), self.listing.results)

    def _tried(self, wish: Wish) -> None:
        try:
            self.audit(wish)
        except CertlibError as error:
            self.error = error

    def _progress(self, found: Found) -> bool:
        self.found += 1
        return not self._stopped.is_set()

    def _suppressions(self) -> Suppressions | None:
        there = self.accepted.is_file()
        return Suppressions.read(self.accepted) if there else None

    def _sources(self, wish: Wish, trust: Trust) -> Iterator[Source]:
        tried = self.passphrases
        for name, data in self.uploads.items():
            yield DataSource(lambda data=data: data, name, tried, trust)  # type: ignore[misc]
        name = _context(wish).server_name
        for text in _named(wish.paths):
            yield auditing.source(
                text, self.machine, passphrases=tried, trust=trust, server_name=name
            )
        if wish.store:
            known = {str(a): a for a in self.machine.addresses()}
            if wish.store not in known:
                raise InputError(f"there is no store {wish.store}", fix="choose one")
            yield StoreSource(self.machine.open(known[wish.store]), trust)
        if wish.servers.strip():
            listed = wish.servers.encode
            yield ListSource(listed, "servers", trust, server_name=name)


def _trust(wish: Wish, machine: Machine) -> Trust:
    roots, lists = (
        [files.named(text) for text in lines if text]
        for lines in (wish.roots, wish.lists)
    )
    given = [root for path in roots for root in formats.read_certificates(path)]
    found = fetching.lookup(lists, online=wish.online)
    return stores.trust_of(machine, given=given, revocation=found)


def _is_pasted(lines: tuple[str, ...]) -> bool:
    return kinds.is_pasted("\n".join(lines))


def _named(lines: tuple[str, ...]) -> list[str]:
    """Return what the lines name, or the one text that was pasted there instead."""
    if _is_pasted(lines):
        return ["\n".join(lines)]
    return list(filter(None, map(texts.pasted, lines)))


def _context(wish: Wish) -> Context:
    if wish.days is not None and not 0 <= wish.days <= 3650:
        raise InputError(
            f"{wish.days} is not between 0 and 3650 days", fix="type another number"
        )
    name = texts.pasted(wish.server_name)
    return Context(
        at=clock.now(),
        server_name=names.server_name(name) if name else "",
        product=PRODUCTS.get(wish.product),
        environment=Environment(wish.environment),
        expiring_within=None if wish.days is None else timedelta(days=wish.days),
    )
