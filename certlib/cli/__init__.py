"""The command line: each step as a command of ``certlib``.

Exit codes: 0 fine, 1 findings at or above ``--fail-on``, 2 bad input.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click
from rich.markup import escape

import certlib
from certlib.cli.common import A_FILE, err, example


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        commands(prog_name="certlib", standalone_mode=False)
    except SystemExit:  # a command's own exit code
        raise
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        err.print("Stopped.")
        sys.exit(130)
    except certlib.CertlibError as error:  # loaded only when there is one
        option = _OPTIONS.get(type(error).__name__, "")
        err.print(f"[bold red]{type(error).__name__}:[/] {escape(str(error) + option)}")
        sys.exit(2)


_OPTIONS = {"ExistsError": " (--replace)"}
"""The option that does what the fix of an error says."""


class _Lazy(click.Group):
    """Loads the module of the command that runs, and no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_MODULES})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _MODULES and cmd_name not in self.commands:
            module, name = _MODULES[cmd_name].split(":")
            self.add_command(getattr(import_module(module), name), cmd_name)
        return super().get_command(ctx, cmd_name)


_MODULES = {
    "audit": "certlib.cli.audit:audit",
    "check": "certlib.cli.check:check",
    "create": "certlib.cli.files:create",
    "explain": "certlib.cli.explain:explain",
    "grant": "certlib.cli.stores:grant",
    "import": "certlib.cli.stores:import_",
    "inspect": "certlib.cli.files:inspect",
    "stores": "certlib.cli.stores:list_",
}
"""Where each command lies."""


@click.group(
    cls=_Lazy,
    epilog="Exit codes: 0 fine, 1 findings (inspect, check, audit) or "
    "nothing found (explain), 2 bad input.",
)
@click.version_option(certlib.__version__)
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


commands.add_command(lab)
