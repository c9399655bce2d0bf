"""Console: where the commands print, on any code page and whatever they print."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from certlib import texts

if TYPE_CHECKING:
    from certlib.rules import Tone

NOBODY_READS = 141  # as shells say it of a program whose reader is gone


class _Screen(Console):
    """A console whose end is not that of a finding when nobody reads any more."""

    def on_broken_pipe(self) -> None:
        # Nor shall Python try once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(NOBODY_READS)


out = _Screen(highlight=False, soft_wrap=True, emoji=False)
err = _Screen(highlight=False, soft_wrap=True, emoji=False, stderr=True)

STYLES: dict[Tone, str] = {
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "plain": "blue",
}
"""The colour of each tone, in `rich`'s words."""

_SIGNS: dict[Tone, str] = {"good": "✓", "bad": "✗", "warn": "!", "plain": "i"}


def mark(tone: Tone) -> str:
    """Return the sign that a line of this tone begins with, in its colour."""
    return f"[{STYLES[tone]}]{_SIGNS[tone]}[/]"


def answer(passed: bool | None) -> str:
    """Return the sign for yes, no, or that nobody can tell."""
    signs = {True: mark("good"), False: mark("bad"), None: "[yellow]?[/]"}
    return signs[passed]


def prepare() -> None:
    """Let both streams write everything: what they cannot, in plain characters."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=texts.PLAIN)


def safe(text: object) -> str:
    """Return a text for rich that no stranger has written into our screen with."""
    return escape(texts.shown(str(text)))


def safe_lines(text: object) -> str:
    """Return several lines of ours as `safe` does."""
    return escape(texts.shown_lines(str(text)))


def write(text: str) -> None:
    """Write a report to standard output as it is."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        out.on_broken_pipe()
