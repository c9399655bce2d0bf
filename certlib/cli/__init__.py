"""The command line: each step as a command of ``certlib``.

Exit codes: 0 fine, 1 findings at or above ``--fail-on``, 2 bad input or nothing to
audit, 3 a fault of certlib itself.
"""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from pathlib import Path

import click

import certlib
from certlib.cli.common import A_FILE, example, take_passphrase
from certlib.cli.console import err, prepare, safe, safe_lines, write

FAULT = 3
"""Exit code for what certlib itself did wrong: never that of a finding."""

STOPPED = 130  # as shells say it of a program that Ctrl+C ended


def main() -> None:
    """Run the command line and leave with its exit code."""
    prepare()
    code = _run()
    write("")  # out with what is still held back
    sys.exit(code)


def _run() -> int:
    try:
        commands(prog_name="certlib", standalone_mode=False)
    except SystemExit as end:  # a command's own exit code
        return end.code if isinstance(end.code, int) else 0
    except click.ClickException as error:
        if isinstance(error, click.UsageError) and error.ctx is not None:
            err.print(safe_lines(error.ctx.get_usage()))
        err.print(f"Error: {safe(error.format_message())}")
        return 2
    except (click.Abort, KeyboardInterrupt):
        err.print("Stopped.")
        return STOPPED
    except certlib.CertlibError as error:  # loaded only when there is one
        kind = type(error).__name__
        text = f"{error}{_OPTIONS.get(kind, '')}"
        err.print(f"[bold red]{kind}:[/] {safe_lines(text)}")
        return 2
    except BaseException as error:  # PyO3's panics are no Exception
        _tell(error)
        return FAULT
    return 0


def _tell(error: BaseException) -> None:
    """Say where certlib failed; not with which values, which may be secret."""
    err.print(f"[bold red]A fault of certlib itself:[/] {type(error).__name__}")
    for frame in traceback.extract_tb(error.__traceback__)[-6:]:
        err.print(safe(f"  {frame.filename}:{frame.lineno} in {frame.name}"))
    err.print("Please report it with these lines and what you had typed.")


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
    "board": "certlib.cli.board:board",
    "check": "certlib.cli.check:check",
    "course": "certlib.cli.course:course",
    "convert": "certlib.cli.files:convert",
    "create": "certlib.cli.files:create",
    "explain": "certlib.cli.explain:explain",
    "export": "certlib.cli.changes:export",
    "grant": "certlib.cli.stores:grant",
    "import": "certlib.cli.stores:import_",
    "inspect": "certlib.cli.files:inspect",
    "join": "certlib.cli.requests:join",
    "remove": "certlib.cli.changes:remove",
    "request": "certlib.cli.requests:request",
    "requests": "certlib.cli.requests:requests",
    "revoke-read": "certlib.cli.changes:revoke_read",
    "rules": "certlib.cli.rules:rules",
    "stores": "certlib.cli.stores:list_",
}
"""Where each command lies."""


@click.group(
    cls=_Lazy,
    epilog="Exit codes: 0 fine, 1 findings (inspect, check, audit) or "
    "nothing found (explain), 2 bad input or nothing to audit, 3 a fault of certlib "
    "itself.",
)
@click.version_option(certlib.__version__)
def commands() -> None:
    """Certificates for Windows services: learn it, do it, check it."""
    take_passphrase()


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
    err.print(f"Your notebooks lie in {safe(folder)}.")
    for name in laid.updated:
        err.print(f"  {name}: updated")
    for name in laid.beside:
        err.print(f"  {name}: the new edition of one that you have changed")
    for name in laid.kept:
        err.print(f"  {name}: you have changed it, so it stays as it is")
    notebooks.open_lab(folder, browser=browser, port=port)


commands.add_command(lab)
