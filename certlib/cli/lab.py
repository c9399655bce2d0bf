"""The command that opens the notebooks."""

from __future__ import annotations

from pathlib import Path

import click

from certlib.cli.common import A_FILE, example
from certlib.cli.console import err, safe
from certlib.errors import part
from certlib.practice import lab as notebooks


@click.command(
    epilog=example("certlib lab\ncertlib lab --no-browser\ncertlib lab --fault random")
)
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
@click.option(
    "--listen",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="0.0.0.0 in a container, where this computer is another one.",
)
@click.option(
    "--fault",
    metavar="NAME",
    help="Begin with this broken service of 7-diagnosing; 'random' for any.",
)
def lab(folder: Path, port: int, browser: bool, listen: str, fault: str | None) -> None:
    """Open the notebooks in JupyterLab."""
    if fault is not None:
        notebooks.begin_with(fault)
    with part("certlib lab"):
        import jupyterlab.labapp  # noqa: F401 # before anything is laid
    laid = notebooks.lay(folder)
    err.print(f"Your notebooks lie in {safe(folder)}.")
    for name in laid.updated:
        err.print(f"  {name}: updated")
    for name in laid.beside:
        err.print(f"  {name}: the new edition of one that you have changed")
    for name in laid.kept:
        err.print(f"  {name}: you have changed it, so it stays as it is")
    start = notebooks.DIAGNOSING if fault is not None else notebooks.START
    notebooks.open_lab(folder, browser=browser, port=port, start=start, listen=listen)
