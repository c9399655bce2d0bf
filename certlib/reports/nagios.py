"""Nagios: results as a plug-in of Nagios or Icinga says them.

The form is that of the Monitoring Plugins' guidelines: a line with the state and
figures behind a bar, then as many lines as there is to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from certlib import texts
from certlib.auditing import Audited
from certlib.auditing.evidence import Evidence, sums, tiles
from certlib.auditing.gate import Gate
from certlib.auditing.history import chain_end
from certlib.reports.rows import worst_first
from certlib.rules import Severity

STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
"""What a plug-in may say; its exit code is the place in this row."""


def state(results: Sequence[Audited], gate: Gate) -> int:
    """Return the exit code of a plug-in.

    Critical is what the gate does not let pass, a warning is any other error or
    warning, and where nothing was judged nobody knows.
    """
    if gate.too_few(results):
        return 2 if gate.at_least else 3
    if not gate.passes(results):
        return 2
    return int(any(one.worst in _MENTIONED for one in results))


_MENTIONED = (Severity.ERROR, Severity.WARNING)


def to_nagios(results: Sequence[Audited], about: Evidence) -> bytes:
    """Return what a plug-in prints, the worst findings first."""
    found = worst_first(results)
    head = f"CERTLIB {STATES[state(results, about.gate)]} - "
    lines = [about.gate.too_few(results) or sums(results)]
    # Place, severity, rule, what differs, and what to do or why it is accepted.
    lines += [f"{row[3]} {row[4]} {row[0]}: {row[6]}; {row[7]}" for row in found]
    said = (*about.head(results), *about.end(results))
    lines += [f"{what}: {value}" for what, value in said]
    # Behind a bar would be figures.
    first, *rest = (texts.shown(line).replace("|", "/") for line in lines)
    figures = " ".join(_figures(results, about))
    return "\n".join((f"{head}{first} | {figures}", *rest, "")).encode()


def _figures(results: Sequence[Audited], about: Evidence) -> list[str]:
    counts = [f"{what}={number};;;0" for what, number in tiles(results).items()]
    ends = [end for end, _ in map(chain_end, results) if end is not None]
    if about.context is not None and ends:
        counts.append(f"days_left={(min(ends) - about.context.at).days}")
    return counts
