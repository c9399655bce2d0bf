"""Notifying: telling people what is new, once, and again if it did not arrive."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from certlib import clock, texts
from certlib.auditing import Audited, looking_back, notes
from certlib.auditing.evidence import count
from certlib.auditing.history import History, chain_end
from certlib.auditing.looking_back import Open, Sighting
from certlib.auditing.notes import Notes
from certlib.auditing.settings import Notify
from certlib.errors import part
from certlib.rules import RULES, Severity

MAX_PLACES = 20
"""Places that a message names of each finding."""

NOBODY = Notes()
"""Nobody owns anything."""


def tell(history: History, scope: str, targets: Sequence[Notify]) -> tuple[str, ...]:
    """Tell each target what is wrong that it has not been told, and note it.

    What ends and comes again is told again, unless nobody could look there in between.
    A message that was not delivered is not noted, so the next run sends it with what is
    new then.

    Args:
        history: with the run of which is told.
        scope: of that run.
        targets: who is told.

    Returns:
        The names of the targets whose message was not delivered.
    """
    wrong = looking_back.open_findings(history, scope=scope)
    owners = Notes(notes.kept(history))
    return tuple(
        one.name for one in targets if not _tell_one(history, scope, one, wrong, owners)
    )


def _tell_one(
    history: History,
    scope: str,
    target: Notify,
    wrong: Sequence[Open],
    owners: Notes,
) -> bool:
    digest = hashlib.sha256(target.url.encode()).hexdigest()
    wanted = {
        one.key: one
        for one in wrong
        if Severity(one.severity).rank <= target.severity.rank
    }
    known = set(
        history.rows(
            "SELECT certificate, place, rule FROM told WHERE scope = ? AND target = ?",
            (scope, digest),
        )
    )
    hidden = looking_back.unread(history, looking_back.runs(history, scope)[-1].id)
    ended = [key for key in known - wanted.keys() if not _lies_in(history, key, hidden)]
    new = [one for key, one in wanted.items() if key not in known]
    sent = not new or send(target.url, *message(scope, new, owners))
    with history.changing():
        history.db.executemany(
            "DELETE FROM told WHERE scope = ? AND target = ? AND certificate = ? "
            "AND place = ? AND rule = ?",
            [(scope, digest, *key) for key in ended],
        )
        if sent:
            history.db.executemany(
                "INSERT OR IGNORE INTO told VALUES (?, ?, ?, ?, ?)",
                [(scope, digest, *one.key) for one in new],
            )
    return sent


def _lies_in(
    history: History, key: tuple[int, int, str], hidden: tuple[str, ...]
) -> bool:
    """Tell whether a finding lies where a run could not look."""
    found = history.rows("SELECT name FROM place WHERE id = ?", (key[1],))
    return any(looking_back.lies_in(str(name), hidden) for (name,) in found)


def of_audit(results: Iterable[Audited], at: datetime) -> list[Open]:
    """Return what is wrong in results of an audit of a moment, to tell of it."""
    found = []
    for one in results:
        summary, (end, by) = one.summary, chain_end(one)
        for f in one.findings:
            names = tuple(sorted(summary.server_names or ()))
            seen = Sighting(
                texts.shown(summary.subject),
                texts.shown(f.place or one.place),
                *(summary.thumbprint, names, end, by, at, at),
            )
            detail = texts.shown(f.detail)
            found.append(
                Open(seen, f.rule, str(f.severity), detail, at, (0, 0, f.rule))
            )
    return sorted(found, key=lambda one: Severity(one.severity).rank)


def message(
    scope: str,
    new: Sequence[Open],
    owners: Notes = NOBODY,
    *,
    what: str = "new finding",
) -> tuple[str, str]:
    """Return subject and text that say what is wrong, grouped by that."""
    grouped: dict[tuple[str, str], list[Open]] = defaultdict(list)
    for one in new:
        grouped[one.severity, one.rule].append(one)
    lines = []
    for (severity, rule), found in grouped.items():
        known = RULES.get(rule)
        lines.append(f"{severity}: {known.text if known else rule} ({rule})")
        for one in found[:MAX_PLACES]:
            seen = one.seen
            owner = owners.of(seen.known)
            end = f", ends {clock.day(seen.ends)}" if seen.ends else ""
            who = f" [{owner}]" if owner else ""
            lines.append(f"  {seen.place}  {seen.subject}{end}{who}")
        if len(found) > MAX_PLACES:
            lines.append(f"  and {len(found) - MAX_PLACES} more")
        if known:
            lines.append(f"  do: {known.remedy}")
        lines.append("")
    title = f"certlib {texts.shown(scope)}: {count(len(new), what)}"
    return title, "\n".join(map(texts.shown, lines))


def send(url: str, title: str, body: str) -> bool:
    """Send a message to an address of Apprise, and return whether it was taken."""
    with part("a notification", "nightly"):
        import apprise
    told = apprise.Apprise()
    # It would log the address, which may hold a password.
    with apprise.LogCapture():  # type: ignore[no-untyped-call]
        return bool(
            told.add(url)
            and told.notify(body, title=title, body_format=apprise.NotifyFormat.TEXT)
        )
