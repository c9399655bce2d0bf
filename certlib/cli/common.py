"""What the commands share: their options, and how they get a passphrase.

Each command loads this, so it loads little itself: errors and files bring the
library of certificates with them, which takes longer than a short command.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from certlib import texts
from certlib.files import environment

_META = "certlib.passphrase"


class _File(click.ParamType[Path]):
    """A path as people type and paste it, see `files.named`."""

    name = "path"
    envvar_list_splitter = os.pathsep

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        from certlib import files

        if isinstance(value, Path):
            return value
        path = files.named(str(value))
        if not files.may_be_named(path):
            self.fail("this is longer than any path, or cannot be one", param, ctx)
        return path


A_FILE = _File()

PASSPHRASE = click.option(
    "--passphrase-file",
    type=A_FILE,
    help="Read the passphrase from the first line of this file. Otherwise the "
    f"variable {environment.PASSPHRASE} is taken, or you are asked.",
)

PASSPHRASES = click.option(
    "--passphrase-file",
    type=A_FILE,
    help="Passphrases to try on protected files, one on each line. Otherwise the "
    f"variable {environment.PASSPHRASE} is tried.",
)

KEY = click.option(
    "--key", type=A_FILE, help="The file of the private key, if that lies apart."
)

CERTIFICATE = click.option(
    "--certificate",
    default="",
    metavar="THUMBPRINT",
    help="Which certificate is meant, if the file has several.",
)

AS_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")

YES = click.option("--yes", is_flag=True, help="Do not ask before it is done.")

DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Say what would be done, and do nothing."
)

STORE = click.option(
    "--store",
    default=r"Cert:\LocalMachine\My",
    show_default=True,
    help="The store in which it lies.",
)

OLD_WINDOWS = click.option(
    "--old-windows",
    is_flag=True,
    help="Protect the PFX so that Windows Server 2016 and older can read it.",
)

Command = Callable[..., Any]
T = TypeVar("T")


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return what gives a command several options, in this order."""
    return lambda command: reduce(lambda to, give: give(to), reversed(options), command)


def example(text: str) -> str:
    """Return lines as the examples at the end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in text.splitlines())


def print_json(kind: str, rows: object) -> None:
    """Write what a command lists, with the version of its schema."""
    import json

    from certlib.cli.console import write

    document = {"schema": f"certlib/{kind}/1", kind: rows}
    write(json.dumps(document, indent=2, ensure_ascii=True) + "\n")


def confirm(*, yes: bool, dry_run: bool = False) -> None:
    """Ask whether to carry out what has been shown; go no further if it is dry.

    Raises:
        InputError: nobody is there to ask.
        click.Abort: the answer was no.
        SystemExit: it is a dry run.
    """
    from certlib.cli.console import out
    from certlib.errors import InputError

    stop_if(dry_run)
    if yes:
        return
    if out.quiet:
        raise InputError("--quiet shows nothing to agree to", fix="add --yes as well")
    if not sys.stdin.isatty():
        raise InputError("nobody is there to ask", fix="add --yes to carry it out")
    click.confirm("Carry it out?", abort=True)


def stop_if(dry_run: bool, would: str = "") -> None:
    """Say what would be done and go no further, if it is dry.

    Raises:
        SystemExit: it is a dry run.
    """
    from certlib.cli.console import out, safe_lines

    if dry_run:
        out.print(safe_lines(would) + "\n" * bool(would) + "Nothing was changed.")
        sys.exit(0)


def take_passphrase() -> None:
    """Take the passphrase out of the environment, which child programs inherit."""
    given = os.environ.pop(environment.PASSPHRASE, None)
    click.get_current_context().meta[_META] = given


def _given() -> str | None:
    """Return what the environment said when the command was started, if anything."""
    given: str | None = click.get_current_context().meta.get(_META)
    return given


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
    if given := _given():
        return given
    if not needed:
        return None
    if not sys.stdin.isatty():
        empty = f", and {environment.PASSPHRASE} is empty" if given == "" else ""
        raise PassphraseError(
            f"a passphrase is needed and nobody is there to ask{empty}",
            fix=f"add --passphrase-file FILE, or set {environment.PASSPHRASE}",
        )
    answer: str = click.prompt(
        "Passphrase", hide_input=True, confirmation_prompt=new, err=True
    )
    return answer


def passphrases(file: Path | None) -> tuple[str, ...]:
    """Return passphrases to try: the lines of a file, or that of the environment."""
    if file is not None:
        return tuple(line for line in _lines(file) if line)
    given = _given()
    return (given,) if given else ()


def _lines(file: Path) -> list[str]:
    from certlib import files

    return texts.decoded(files.read(file)).splitlines()


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
