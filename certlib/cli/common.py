"""What the commands share: where they print, and how they get a passphrase.

Each command loads this, so it loads little itself: errors and files bring the
library of certificates with them, which takes longer than a short command.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from rich.console import Console

if TYPE_CHECKING:
    from certlib.rules import Tone

PASSPHRASE_VARIABLE = "CERTLIB_PASSPHRASE"  # noqa: S105 # a name, not a secret

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)

A_FILE = click.Path(path_type=Path)

PASSPHRASE = click.option(
    "--passphrase-file",
    type=A_FILE,
    help="Read the passphrase from the first line of this file. Otherwise the "
    f"variable {PASSPHRASE_VARIABLE} is taken, or you are asked.",
)

YES = click.option("--yes", is_flag=True, help="Do not ask before it is done.")

STYLES: dict[Tone, str] = {
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "plain": "blue",
}
"""The colour of each tone, in `rich`'s words."""

_SIGNS: dict[Tone, str] = {"good": "✓", "bad": "✗", "warn": "!", "plain": "i"}

T = TypeVar("T")


def mark(tone: Tone) -> str:
    """Return the sign that a line of this tone begins with, in its colour."""
    return f"[{STYLES[tone]}]{_SIGNS[tone]}[/]"


def example(text: str) -> str:
    """Return lines as the examples at the end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in text.splitlines())


def confirm(*, yes: bool) -> None:
    """Ask whether to carry out what has been shown.

    Raises:
        InputError: nobody is there to ask.
        click.Abort: the answer was no.
    """
    from certlib.errors import InputError

    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("nobody is there to ask", fix="add --yes to carry it out")
    click.confirm("Carry it out?", abort=True)


def passphrase_from(
    file: Path | None, *, needed: bool, new: bool = False
) -> str | None:
    """Return the passphrase from a file, the environment or a person.

    Raises:
        PassphraseError: the file has none, or one is needed and nobody is there.
    """
    from certlib.errors import PassphraseError

    if file is not None:
        if not (lines := _lines(file)) or not lines[0]:
            raise PassphraseError(
                f"the first line of {file} is empty",
                fix="write the passphrase into its first line",
            )
        return lines[0]
    if given := os.environ.get(PASSPHRASE_VARIABLE):
        return given
    if not needed:
        return None
    if not sys.stdin.isatty():
        empty = f", and {PASSPHRASE_VARIABLE} is empty" if given == "" else ""
        raise PassphraseError(
            f"a passphrase is needed and nobody is there to ask{empty}",
            fix=f"add --passphrase-file FILE, or set {PASSPHRASE_VARIABLE}",
        )
    answer: str = click.prompt(
        "Passphrase", hide_input=True, confirmation_prompt=new, err=True
    )
    return answer


def passphrases(file: Path | None) -> tuple[str, ...]:
    """Return passphrases to try: the lines of a file, or that of the environment."""
    if file is not None:
        return tuple(line for line in _lines(file) if line)
    given = os.environ.get(PASSPHRASE_VARIABLE)
    return (given,) if given else ()


def _lines(file: Path) -> list[str]:
    from certlib import files
    from certlib.errors import PassphraseError

    if file.is_file() and not file.stat().st_size:
        return []  # the caller says what is missing in it
    data = files.read(file)
    # What `>` of Windows PowerShell 5 writes begins with a mark of UTF-16.
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf_16 else "utf-8-sig").splitlines()
    except UnicodeDecodeError:
        # Not the error's own text: it would show the passphrase's bytes.
        raise PassphraseError(
            f"{file} is not a text in UTF-8 or UTF-16",
            fix="save it as UTF-8",
        ) from None


def unlocked(read: Callable[[str | None], T], passphrase_file: Path | None) -> T:
    """Read a file, and ask for a passphrase only if it wants one."""
    from certlib.errors import PassphraseError

    given = passphrase_from(passphrase_file, needed=False)
    try:
        return read(given)
    except PassphraseError:
        if given is not None or not sys.stdin.isatty():
            raise
    return read(passphrase_from(None, needed=True))
