"""The command line: each step as a command of ``certlib``.

Exit codes: 0 fine, 1 findings at or above ``--fail-on``, 2 bad input.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.markup import escape

from certlib import __version__
from certlib.cli import audit, check, files, stores
from certlib.cli.common import A_FILE, err, example
from certlib.errors import CertlibError


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        commands(prog_name="certlib", standalone_mode=False)
    except CertlibError as error:
        err.print(f"[bold red]{type(error).__name__}:[/] {escape(str(error))}")
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        err.print("Stopped.")
        sys.exit(130)


@click.group(
    epilog="Exit codes: 0 fine, 1 findings (inspect, check, audit), 2 bad input."
)
@click.version_option(__version__)
def commands() -> None:
    """Certificates for Windows services: learn it, do it, check it."""


@click.command(epilog=example("certlib lab\ncertlib lab --no-browser"))
@click.option(
    "--folder",
    type=A_FILE,
    default=lambda: Path.home() / "certlib-notebooks",
    show_default="certlib-notebooks in your home folder",
    help="Where your copies of the notebooks lie.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8888,
    show_default=True,
    help="This port, or the next free one.",
)
@click.option("--browser/--no-browser", default=True, help="Open it, or print the URL.")
def lab(folder: Path, port: int, browser: bool) -> None:
    """Open the notebooks in JupyterLab."""
    from certlib.practice import lab as notebooks

    laid = notebooks.lay(folder)
    err.print(f"Your notebooks lie in {escape(str(folder))}.")
    for name in laid.updated:
        err.print(f"  {name}: updated")
    for name in laid.kept:
        err.print(f"  {name}: you have changed it, so it stays as it is")
    notebooks.open_lab(folder, browser=browser, port=port)


for command in (
    lab,
    files.create,
    files.inspect,
    stores.import_,
    stores.list_,
    stores.grant,
    check.check,
    audit.audit,
):
    commands.add_command(command)
