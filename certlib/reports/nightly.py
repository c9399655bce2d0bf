"""Nightly: what one settings file asks for, from the sources to who is told."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from certlib import auditing, files, reports, stores, texts
from certlib.auditing import Audited, looking_back, notes, notifying
from certlib.auditing.comparing import Changed
from certlib.auditing.evidence import Evidence, sums
from certlib.auditing.found import Found
from certlib.auditing.gate import not_read
from certlib.auditing.history import History
from certlib.auditing.settings import Settings
from certlib.auditing.sources import Source
from certlib.auditing.suppressions import Suppressions
from certlib.bundles import formats
from certlib.endpoints import fetching
from certlib.errors import CertlibError, InputError
from certlib.reports.metrics import to_prometheus
from certlib.stores import Machine
from certlib.trust.roots import Trust


@dataclass(frozen=True)
class Night:
    """What came of it.

    Attributes:
        results: what was found, group after group.
        about: what the audit was about.
        changes: since the run before.
        undelivered: the names of those who could not be told; the next run tries again.
    """

    results: tuple[Audited, ...]
    about: Evidence
    changes: tuple[Changed, ...]
    undelivered: tuple[str, ...]

    @property
    def passes(self) -> bool:
        """Whether the gate lets it pass, and everybody was told."""
        return self.about.gate.passes(self.results) and not self.undelivered

    def demand(self) -> None:
        """Fail a notebook that nobody looks at.

        Raises:
            InputError: it does not pass.
        """
        if self.passes:
            return
        untold = f"; not told: {', '.join(self.undelivered)}" * bool(self.undelivered)
        raise InputError(
            f"{self.about.gate.too_few(self.results) or sums(self.results)}{untold}",
            fix="see the table and the report",
        )


def look(settings: Settings, machine: Machine, *, at: datetime) -> Night:
    """Audit as `run` does, and keep, tell and write nothing."""
    results, about = _audit(settings, machine, at)
    return Night(results, about, (), ())


def run(settings: Settings, machine: Machine, *, at: datetime) -> Night:
    """Audit, keep it in the history, tell what is new and write the reports.

    A source that cannot be opened is a finding, and the others are audited. Who
    is told comes before the reports, so a full disk keeps nothing from anybody.

    Args:
        settings: what to do.
        machine: whose stores are meant.
        at: the moment, with a time zone.

    Raises:
        InputError: another process runs the same file, or something cannot be written.
    """
    folder = files.folder(settings.history.parent)
    name = f".{settings.path.name}.lock"
    with files.locked(folder, name=name, patience=0):
        began = time.monotonic()
        results, about = _audit(settings, machine, at)
        about = replace(about, seconds=time.monotonic() - began)
        owners = notes.read(settings.notes) if settings.notes else None
        with History(settings.history, make=True) as history:
            if owners is not None:
                notes.keep(history, owners)
            scope = history.keep(results, at=at, scope=settings.name).scope
            changes = looking_back.changes(history, scope)
            undelivered = notifying.tell(history, scope, settings.notify)
        about = replace(about, changes=changes, compared_with="the run before")
        for path in settings.reports:
            reports.write(results, path, replace=True, about=about)
        if settings.metrics:
            files.write(settings.metrics, to_prometheus(results, at), replace=True)
    return Night(results, about, changes, undelivered)


def _audit(
    settings: Settings, machine: Machine, at: datetime
) -> tuple[tuple[Audited, ...], Evidence]:
    trust, accepted = _trust(settings, machine), settings.suppressions
    suppressions = Suppressions.read(accepted) if accepted else None
    groups = [(one, one.context(at)) for one in settings.groups]
    results: list[Audited] = []
    read: list[Source] = []
    for group, context in groups:
        sources = _sources(settings, group.sources, machine, trust, context.server_name)
        results += auditing.audit(sources, context, suppressions=suppressions)
        read += sources
    about = Evidence(
        tuple(text for group, _ in groups for text in group.sources),
        groups[0][1],
        trust,
        machine.display_name,
        suppressions,
        str(accepted or ""),
        settings.gate,
        not_read(read),
        groups=tuple(("; ".join(group.sources), context) for group, context in groups),
    )
    return tuple(results), about


def _sources(
    settings: Settings,
    asked: Iterable[str],
    machine: Machine,
    trust: Trust,
    server_name: str,
) -> list[Source]:
    tried = settings.passphrase_file
    lines = texts.decoded(files.read(tried)).splitlines() if tried else []
    found: list[Source] = []
    for text in asked:
        try:
            source = auditing.source(
                text,
                machine,
                passphrases=filter(None, lines),
                trust=trust,
                server_name=server_name,
                deadline=settings.timeout,
                proxy=settings.proxy,
            )
        except CertlibError as error:
            source = (Found.not_opened(texts.shown(text), error),)
        found.append(source)
    return found


def _trust(settings: Settings, machine: Machine) -> Trust:
    given = formats.read_certificates(*settings.roots)
    found = fetching.lookup(settings.lists, online=settings.online)
    return stores.trust_of(machine, given=given, revocation=found)
