"""Console: where the commands print, on any code page and whatever they print.

Colours are click's: it leaves them out where nobody would see them, and so do we with
NO_COLOR (https://no-color.org) set to anything.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from certlib import texts

if TYPE_CHECKING:
    from certlib.rules import Tone

NOBODY_READS = 141  # as shells say it of a program whose reader is gone


@dataclass
class Screen:
    """Standard output, or standard error.

    Attributes:
        err: which of them.
        quiet: whether nothing is to be printed.
    """

    err: bool = False
    quiet: bool = False

    def print(self, text: object) -> None:
        """Print a line, or several."""
        if self.quiet:
            return
        colour = False if os.environ.get("NO_COLOR") else None
        try:
            # Named, as click writes UTF-8 to a stream of its own where it is ASCII.
            stream = sys.stderr if self.err else sys.stdout
            click.echo(str(text), file=stream, color=colour)
        except BrokenPipeError:
            _nobody_reads()


out = Screen()
err = Screen(err=True)

STYLES: dict[Tone, str] = {
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "plain": "blue",
}
"""The colour of each tone."""

_SIGNS: dict[Tone, str] = {"good": "✓", "bad": "✗", "warn": "!", "plain": "i"}


def mark(tone: Tone) -> str:
    """Return the sign that a line of this tone begins with, in its colour."""
    return coloured(_SIGNS[tone], tone)


def tell_plain_key(path: object) -> None:
    """Say that a private key was written without a passphrase."""
    text = f"the private key in {safe(path)} has no passphrase: guard the file"
    err.print(f"{coloured('!', 'warn')} {text}")


def answer(passed: bool | None) -> str:
    """Return the sign for yes, no, or that nobody can tell."""
    if passed is None:
        return coloured("?", "warn")
    return mark("good" if passed else "bad")


def coloured(text: str, tone: Tone) -> str:
    """Return a text in the colour of a tone."""
    return click.style(text, fg=STYLES[tone])


def bold(text: str) -> str:
    """Return a text that stands out."""
    return click.style(text, bold=True)


def dim(text: str) -> str:
    """Return a text that stands back."""
    return click.style(text, dim=True)


def table(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> str:
    """Return rows in columns; what is too long for the last one goes on below."""
    lines = [tuple(head)] * bool(head) + [tuple(row) for row in rows]
    if not lines:
        return ""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)][:-1]
    left = sum(widths) + 2 * len(widths)
    room = max(shutil.get_terminal_size().columns - left, 20)
    shown: list[str] = []
    for *cells, last in lines:
        start = "".join(f"{c:{w}}  " for c, w in zip(cells, widths, strict=True))
        parts = [
            part for line in last.splitlines() for part in textwrap.wrap(line, room)
        ]
        shown.append(f"{start}{parts[0] if parts else ''}".rstrip())
        shown += [" " * left + part for part in parts[1:]]
    if head:
        shown[0] = bold(shown[0])
    return "\n".join(shown)


def prepare() -> None:
    """Let both streams write everything: what they cannot, in plain characters."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=texts.PLAIN)


def safe(text: object) -> str:
    """Return a text that no stranger has written into our screen with."""
    return texts.shown(str(text))


def safe_lines(text: object) -> str:
    """Return several lines of ours as `safe` does."""
    return texts.shown_lines(str(text))


def write(text: str) -> None:
    """Write a report to standard output as it is."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _nobody_reads()


def _nobody_reads() -> None:
    """End, and not as a finding does: whoever was to read is gone."""
    # Nor shall Python try once more at its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(NOBODY_READS)
