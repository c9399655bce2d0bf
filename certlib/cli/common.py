"""What the commands share: where they print, and how they get a passphrase."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console

from certlib import files
from certlib.errors import InputError, PassphraseError

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

T = TypeVar("T")


def example(text: str) -> str:
    """Return lines as the examples at the end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in text.splitlines())


def confirm(*, yes: bool) -> None:
    """Ask whether to carry out what has been shown.

    Raises:
        InputError: nobody is there to ask.
        click.Abort: the answer was no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("nobody is there to ask", fix="add --yes to carry it out")
    click.confirm("Carry it out?", abort=True)


def passphrase_from(
    file: Path | None, *, needed: bool, new: bool = False
) -> str | None:
    """Return the passphrase from a file, the environment or a person."""
    if file is not None:
        return files.read(file).decode("utf-8-sig").splitlines()[0]
    if given := os.environ.get(PASSPHRASE_VARIABLE):
        return given
    if not needed:
        return None
    if not sys.stdin.isatty():
        raise PassphraseError(
            "a passphrase is needed and nobody is there to ask",
            fix=f"add --passphrase-file FILE, or set {PASSPHRASE_VARIABLE}",
        )
    answer: str = click.prompt(
        "Passphrase", hide_input=True, confirmation_prompt=new, err=True
    )
    return answer


def unlocked(read: Callable[[str | None], T], passphrase_file: Path | None) -> T:
    """Read a file, and ask for a passphrase only if it wants one."""
    given = passphrase_from(passphrase_file, needed=False)
    try:
        return read(given)
    except PassphraseError:
        if given is not None or not sys.stdin.isatty():
            raise
    return read(passphrase_from(None, needed=True))


def passphrases(file: Path | None) -> tuple[str, ...]:
    """Return passphrases to try: the lines of a file, or that of the environment."""
    if file is not None:
        lines = files.read(file).decode("utf-8-sig").splitlines()
        return tuple(line for line in lines if line)
    given = os.environ.get(PASSPHRASE_VARIABLE)
    return (given,) if given else ()
