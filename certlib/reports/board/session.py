"""Session: what an auditor has chosen, what was found, what was decided.

It lives as long as the page's server. Passphrases and uploaded files stay in its
memory and are written nowhere.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from certlib import auditing, clock, files, reports, stores
from certlib.auditing import Audited, comparing
from certlib.auditing.comparing import Changed
from certlib.auditing.evidence import Evidence
from certlib.auditing.found import Found
from certlib.auditing.gate import not_read
from certlib.auditing.notes import Note
from certlib.auditing.sources import DataSource, ListSource, Source, StoreSource
from certlib.auditing.suppressions import Suppression, Suppressions
from certlib.endpoints import lists as server_lists
from certlib.errors import CertlibError, InputError
from certlib.reports.board import wishes
from certlib.reports.board.listing import Listing
from certlib.reports.board.memory import Memory
from certlib.reports.board.views import Views
from certlib.reports.board.wishes import Wish
from certlib.rules import Context
from certlib.stores import Machine
from certlib.trust.roots import Trust

if TYPE_CHECKING:
    import pandas as pd


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
        asked: what was asked for last; not what is listed, if that went wrong.
        error: what went wrong last, or None.
        found: how many things the audit that runs has found.
        memory: the history of audits, and who owns what.
        views: what somebody wants to see again.
        evidence: what the last audit was about, as reports say it.
    """

    machine: Machine
    accepted: Path = Path("accepted.toml")
    wish: Wish = field(default_factory=Wish)
    asked: Wish | None = None
    passphrases: tuple[str, ...] = field(default=(), repr=False)
    uploads: dict[str, bytes] = field(default_factory=dict, repr=False)
    listing: Listing = field(default_factory=lambda: Listing((), clock.now()))
    selected: set[int] = field(default_factory=set)
    error: CertlibError | None = None
    found: int = 0
    memory: Memory = field(default_factory=Memory)
    views: Views = field(default_factory=Views)
    evidence: Evidence = field(default_factory=Evidence)
    _stopped: threading.Event = field(default_factory=threading.Event, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def context(self) -> Context:
        """What was judged for, last."""
        return self.evidence.context or Context(clock.now())

    @property
    def trust(self) -> Trust:
        """Whom clients trust and where revocation was looked up, in the last audit."""
        return self.evidence.trust or stores.trust_of(self.machine)

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
        self.error, self.found, self.asked = None, 0, wish
        self._stopped.clear()
        self._thread = threading.Thread(target=self._tried, args=(wish,), daemon=True)
        self._thread.start()

    def check(self, wish: Wish) -> None:
        """See that what is to be audited is there; no server is asked.

        Raises:
            CertlibError: a file, folder or store is not there or cannot be read.
        """
        for _ in self._sources(wish, wishes.trust(wish, self.machine)):
            pass

    def stop(self) -> None:
        """End the search; what was found until now is judged."""
        self._stopped.set()

    def audit(self, wish: Wish) -> tuple[Audited, ...]:
        """Audit, wait for it, and return what was found.

        Raises:
            CertlibError: nothing was chosen, something cannot be opened, or the
                history cannot be written; what was found is listed even so.
        """
        context, trust = wishes.context(wish), wishes.trust(wish, self.machine)
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
        asked = self._asked(wish)
        # What was stopped has not looked everywhere: the rest is not gone.
        whole = not self._stopped.is_set()
        scope = "; ".join(asked)
        self.evidence = Evidence(
            *(asked, context, trust, self.machine.display_name),
            not_read=not_read(sources),
        )
        self.wish, self.selected = wish, set()
        self._list(results)
        self.listing.prepare()
        if whole:  # at the end: what was found is shown even if it cannot be kept
            changes = self.memory.keep(results, context.at, scope)
            self.evidence = replace(
                self.evidence, changes=changes, compared_with="the run before"
            )
        return results

    def _list(self, results: Sequence[Audited]) -> None:
        owners = [self.memory.note_for(one) for one in results]
        self.listing = Listing(results, self.context.at, owners)

    def remember(self, memory: Memory) -> None:
        """Take another memory: its owners are shown, and audits kept from now on."""
        self.memory = memory
        self._list(self.listing.results)

    def note(self, note: Note) -> None:
        """Keep who owns a certificate, a place or a name.

        Raises:
            InputError: there is no history to keep it in, or it cannot be written.
        """
        self.memory.keep_note(note)
        self._list(self.listing.results)

    def accept(
        self,
        number: int,
        rule: str,
        reason: str,
        until: date,
        place: str = "",
        by: str = "",
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
        entry = Suppression(rule, reason, until, meant, by)
        # Another board may add to the same file.
        with files.locked(self.accepted.parent):
            accepted = (self._suppressions() or Suppressions()).adding(entry)
            accepted.write(self.accepted)
        findings, suppressed = accepted.apply(
            one.findings, one.summary, at=self.context.at
        )
        results = list(self.listing.results)
        results[number] = replace(
            one, findings=findings, suppressed=(*one.suppressed, *suppressed)
        )
        self._list(results)

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
        accepted = self._suppressions()
        where = str(self.accepted) if accepted else ""
        return replace(self.evidence, suppressions=accepted, suppressed_in=where)

    def _asked(self, wish: Wish) -> tuple[str, ...]:
        # A key that somebody pasted must not get into a report.
        is_list = server_lists.is_list(_encoded(wish.servers))
        servers = wish.servers.split() if is_list else ["pasted text"]
        pasted = wishes.is_pasted(wish.paths)
        paths = ["pasted text"] if pasted else wishes.named(wish.paths)
        stores_ = [wish.store] * bool(wish.store)
        return (*self.uploads, *paths, *stores_, *servers)

    def compare(self, earlier: Path) -> tuple[Changed, ...]:
        """Return what has changed since an earlier audit in JSON; reports say it, too.

        Raises:
            CertlibError: the file cannot be read, or is no audit.
        """
        changes = comparing.compare(comparing.read(earlier), self.listing.results)
        self.evidence = replace(
            self.evidence, changes=changes, compared_with=str(earlier)
        )
        return changes

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
        name = wishes.context(wish).server_name
        for text in wishes.named(wish.paths):
            yield auditing.source(
                text, self.machine, passphrases=tried, trust=trust, server_name=name
            )
        if wish.store:
            known = {str(a): a for a in self.machine.addresses()}
            if wish.store not in known:
                raise InputError(f"there is no store {wish.store}", fix="choose one")
            yield StoreSource(self.machine.open(known[wish.store]), trust)
        if wish.servers.strip():
            yield ListSource(
                lambda: _encoded(wish.servers), "servers", trust, server_name=name
            )


def _encoded(typed: str) -> bytes:
    return typed.encode(errors="backslashreplace")  # half a character, too
