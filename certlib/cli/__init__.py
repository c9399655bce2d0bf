"""The command line: each step as a command of ``certlib``.

Exit codes: 0 fine, 1 findings at or above ``--fail-on``, 2 bad input or nothing to
audit, 3 a fault of certlib itself.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click
from click.shell_completion import CompletionItem

import certlib
from certlib.cli import given
from certlib.cli.common import take_passphrase
from certlib.cli.console import (
    NOBODY_READS,
    coloured,
    err,
    prepare,
    safe,
    safe_lines,
    write,
)

FAULT = 3
"""Exit code for what certlib itself did wrong: never that of a finding."""

STOPPED = 130  # as shells say it of a program that Ctrl+C ended


def main() -> None:
    """Run the command line and leave with its exit code."""
    prepare()
    # Many values stay to the end, and few are cycles: looked for one by one they
    # would take a fifth of the time.
    gc.set_threshold(100_000)
    if "_CERTLIB_COMPLETE" in os.environ:  # a shell asks, perhaps PowerShell
        import_module("certlib.cli.completion")
    code = _run()
    write("")  # out with what is still held back
    sys.exit(code)


def _run() -> int:
    screen = sys.stdout
    try:
        commands(prog_name="certlib", standalone_mode=False)
    except SystemExit as end:  # a command's own exit code
        if sys.stdout is not screen:  # click saw that the pipe is closed
            return NOBODY_READS
        return end.code if isinstance(end.code, int) else 0
    except click.ClickException as error:
        if isinstance(error, click.UsageError) and error.ctx is not None:
            err.print(safe_lines(error.ctx.get_usage()))
        err.print(f"Error: {safe(_on_one_line(error))}{_where(error)}")
        return 2
    except (click.Abort, KeyboardInterrupt):
        err.print("Stopped.")
        return STOPPED
    except certlib.CertlibError as error:  # loaded only when there is one
        return _refused(error)
    except BaseException as error:  # PyO3's panics are no Exception
        if isinstance(error, PermissionError) and error.filename is not None:
            from certlib import files

            # Of what is only looked at, as by `Path.is_file`.
            return _refused(files.not_seen(str(error.filename), str(error.strerror)))
        _tell(error)
        return FAULT
    return 0


def _refused(error: certlib.CertlibError) -> int:
    option = f" (--{error.parameter})" if error.parameter else ""
    text = safe_lines(f"{error}{option}")
    err.print(f"{coloured(f'{type(error).__name__}:', 'bad')} {text}")
    return 2


def _on_one_line(error: click.ClickException) -> str:
    """Return its message; click lists what can be chosen below each other."""
    return error.format_message().replace(":\n\t", ": ").replace(",\n\t", ", ")


def _where(error: click.ClickException) -> str:
    """Return where a wrong value came from, unless it was typed."""
    if not isinstance(error, click.BadParameter):
        return ""
    origin = given.source_of(error.ctx, error.param)
    return f" (from {safe(origin)}: change it there)" if origin else ""


def _tell(error: BaseException) -> None:
    """Say where certlib failed; not with which values, which may be secret."""
    err.print(f"{coloured('A fault of certlib itself:', 'bad')} {type(error).__name__}")
    import traceback

    for frame in traceback.extract_tb(error.__traceback__)[-6:]:
        err.print(safe(f"  {frame.filename}:{frame.lineno} in {frame.name}"))
    err.print("Please report it with these lines and what you had typed.")


class _Lazy(click.Group):
    """Loads the module of the command that runs, and no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_MODULES})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _MODULES and cmd_name not in self.commands:
            module, name = _MODULES[cmd_name][0].split(":")
            loaded = import_module(f"{__name__}.{module}")
            self.add_command(getattr(loaded, name), cmd_name)
            given.complete(self.commands[cmd_name], cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            name, command, rest = super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:  # it knows the loaded ones
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=self.list_commands(ctx), ctx=ctx
            ) from None
        if name and command:
            given.from_file(ctx, command, name, self.list_commands(ctx))
        return name, command, rest

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[CompletionItem]:
        """Offer the commands without loading them."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(name, help=_help(name))
            for name in self.list_commands(ctx)
            if name.startswith(incomplete)
        ]

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the commands without loading them."""
        shown = click.Group(commands=dict(self.commands))
        for name, (_, text) in _MODULES.items():
            shown.add_command(click.Command(name, help=text))
        shown.format_commands(ctx, formatter)


_MODULES = {
    "audit": ("audit:audit", "Judge certificates by the documented requirements."),
    "board": ("board:board", "Open the auditor's page in the browser."),
    "check": (
        "check:check",
        "Look at the certificate that a service presents on HOST:PORT.",
    ),
    "course": ("course:course", "Show what is solved of the course, and what is left."),
    "completion": (
        "completion:completion",
        "Print what completes certlib's commands behind the Tab key, for a shell.",
    ),
    "convert": (
        "files:convert",
        "Write a certificate, request or key in another format: PFX, PEM, DER, P7B.",
    ),
    "create": (
        "files:create",
        "Make a self-signed certificate for a test environment.",
    ),
    "explain": (
        "explain:explain",
        "Say what an error text, a code or a rule means, and what to do.",
    ),
    "export": ("changes:export", "Write a certificate of a store to a file."),
    "grant": ("stores:grant", "Let an account read a certificate's private key."),
    "history": (
        "history:history",
        "Say what has changed, what is wrong since when, and what expires next.",
    ),
    "import": (
        "stores:import_",
        "Put a certificate with its private key into this machine's store.",
    ),
    "inspect": (
        "inspect:inspect",
        "Show what a certificate, signing request or private key says.",
    ),
    "integrate": (
        "integrate:integrate",
        "Have a product's service take a certificate, step by step.",
    ),
    "join": (
        "requests:join",
        "Join what a certification authority sent with its private key, as PFX.",
    ),
    "lab": ("lab:lab", "Open the notebooks in JupyterLab."),
    "nightly": (
        "nightly:nightly",
        "Audit by a file: judge, remember, tell who has to know what is new.",
    ),
    "remove": (
        "changes:remove",
        "Remove a certificate from a store, and its private key with it.",
    ),
    "renew": (
        "renew:renew",
        "Renew a certificate: the same names, with a new key or the same one.",
    ),
    "request": (
        "requests:request",
        "Make a signing request for a certification authority, and keep its key.",
    ),
    "requests": (
        "requests:requests",
        "List the signing requests that wait for their answer.",
    ),
    "revoke-read": (
        "changes:revoke_read",
        "Take the right to read a certificate's private key from an account.",
    ),
    "rules": (
        "rules:rules",
        "List the requirements that an audit checks, or show some of them.",
    ),
    "snc": (
        "integrate:snc",
        "Write what SAP's sapgenpse needs for SNC, and say the commands for it.",
    ),
    "stores": ("stores:list_", "List the certificates in this machine's stores."),
}
"""Where each command lies, and the first paragraph of its help."""


def _help(name: str) -> str:
    return _MODULES[name][1] if name in _MODULES else ""


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 fine, 1 findings (inspect, check, audit) or "
    "nothing found (explain), 2 bad input or nothing to audit, 3 a fault of certlib "
    "itself.",
)
@click.version_option(certlib.__version__)
@given.CONFIG
def commands() -> None:
    """Certificates for Windows services: learn it, do it, check it."""
    take_passphrase()
