"""Gate: when does an audit fail a build?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from certlib.auditing import Audited
from certlib.auditing.sources import FileSource, Source
from certlib.rules import Severity
from certlib.summaries import Kind


@dataclass(frozen=True)
class Gate:
    """What an audit has to show.

    Attributes:
        fail_on: the severity from which on a finding fails it; None, none does. What
            nobody could judge anything of fails it all the same.
        at_least: how many certificates have to be found; a certificate or a request
            when left out, as an audit that judged none says nothing.
    """

    fail_on: Severity | None = Severity.ERROR
    at_least: int | None = None

    def fails(self, severity: Severity | None) -> bool:
        """Tell whether a finding as bad as this fails it; None is no finding."""
        if severity is None or self.fail_on is None:
            return False
        return severity.rank <= self.fail_on.rank

    def too_few(self, results: Sequence[Audited]) -> str:
        """Return what is missing, or an empty text."""
        kinds = Counter(one.summary.kind for one in results)
        found = kinds[Kind.CERTIFICATE]
        if found < (self.at_least or 0):
            return f"certificates found: {found}, expected at least {self.at_least}"
        if found or kinds[Kind.REQUEST]:
            return ""
        if kinds[Kind.UNREADABLE]:
            if any(self.fails(one.worst) for one in results):
                return ""
            return "nothing of it could be read, so nothing was judged"
        if self.at_least is not None:
            return ""
        what = "no certificate" if results else "nothing"
        return f"{what} was found, so nothing was judged"

    def passes(self, results: Sequence[Audited]) -> bool:
        """Tell whether nothing fails it."""
        return not self.too_few(results) and not any(
            self.fails(one.worst) for one in results
        )


USUAL = Gate()
"""Errors fail it, and finding no certificate."""


def not_read(sources: Iterable[Source]) -> tuple[Path, ...]:
    """Return the files in audited folders that were passed over."""
    folders = (one for one in sources if isinstance(one, FileSource))
    return tuple(path for folder in folders for path in folder.skipped())
