"""Markdown: results as the summary of a run in GitHub, GitLab or Azure DevOps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from certlib import texts
from certlib.auditing import Audited
from certlib.auditing.evidence import Evidence, Line, sums
from certlib.reports.rows import text_of, worst_first

MOST = 1000
"""Rows of the table: GitHub takes no summary beyond a mebibyte."""

_COLUMNS = ("severity", "place", "subject", "expires", "what is wrong", "what to do")


def to_markdown(results: Sequence[Audited], about: Evidence) -> bytes:
    """Return a page with a table of findings, the worst first."""
    found = worst_first(results)
    cells = [
        (row[3], row[0], row[1], text_of(row[2])[:10], f"{row[5]} {row[6]}", row[7])
        for row in found[:MOST]
    ]
    lines = ["## Certificates", "", _harmless(sums(results)), ""]
    lines += [*_table(_COLUMNS, cells), ""] if cells else []
    if len(found) > MOST:
        lines += [f"and {len(found) - MOST:,} more", ""]
    if few := about.gate.too_few(results):
        lines += [_harmless(few), ""]
    for title, said in (
        ("What was audited", about.head(results)),
        ("What was not", about.end(results)),
    ):
        lines += [f"### {title}", "", *_list(said), ""]
    return "\n".join(lines).encode()


def _table(head: Sequence[str], cells: Iterable[Sequence[object]]) -> list[str]:
    marks = ["---"] * len(head)
    told = [[_harmless(str(cell)) for cell in row] for row in cells]
    return [f"| {' | '.join(row)} |" for row in ([*head], marks, *told)]


def _list(said: Iterable[Line]) -> list[str]:
    return [f"- {_harmless(what)}: {_harmless(value)}" for what, value in said]


_MARKUP = re.compile(r"[^\w .,;=/-]|_|(?<=[Ww]{3})\.")


def _harmless(text: str) -> str:
    """Return a stranger's text in which nothing is a mark, a link or a mention."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", texts.shown(text))
