"""The command line: each step as a command of ``certlib``.

Exit codes: 0 fine, 1 findings at or above ``--fail-on``, 2 bad input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from certlib import (
    __version__,
    auditing,
    clock,
    creating,
    files,
    importing,
    inspecting,
    names,
    products,
    stores,
)
from certlib.auditing import Audited
from certlib.bundles import Bundle, PfxProtection
from certlib.errors import CertlibError, InputError, PassphraseError
from certlib.keys import KeyKind
from certlib.products import Environment
from certlib.rules import Context, Severity
from certlib.specs import CertificateSpec
from certlib.stores import PERSONAL, StoreAddress

PASSPHRASE_VARIABLE = "CERTLIB_PASSPHRASE"  # noqa: S105 # a name, not a secret

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)

a_file = click.Path(path_type=Path)

passphrase_option = click.option(
    "--passphrase-file",
    type=a_file,
    help="Read the passphrase from the first line of this file. Otherwise the "
    f"variable {PASSPHRASE_VARIABLE} is taken, or you are asked.",
)


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
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)


@click.group(epilog="Exit codes: 0 fine, 1 findings (audit), 2 bad input.")
@click.version_option(__version__)
def commands() -> None:
    """Certificates for Windows services: learn it, do it, check it."""


def _example(text: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in text.splitlines())


@commands.command(epilog=_example("certlib lab\ncertlib lab --no-browser"))
@click.option(
    "--folder",
    type=a_file,
    default=lambda: Path.home() / "certlib-notebooks",
    show_default="certlib-notebooks in your home folder",
    help="Where your copies of the notebooks lie.",
)
@click.option("--port", default=8888, show_default=True, help="The next free one.")
@click.option("--browser/--no-browser", default=True, help="Open it, or print the URL.")
def lab(folder: Path, port: int, browser: bool) -> None:
    """Open the notebooks in JupyterLab."""
    from certlib import lab as lab_

    laid = lab_.lay(folder)
    err.print(f"Your notebooks lie in {escape(str(folder))}.")
    for name in laid.updated:
        err.print(f"  {name}: updated")
    for name in laid.kept:
        err.print(f"  {name}: you have changed it, so it stays as it is")
    lab_.open_lab(folder, browser=browser, port=port)


@commands.command(
    epilog=_example(
        "certlib create todd.example.com todd --out todd.pfx\n"
        "certlib create todd.example.com --out todd.pem --days 30 --key ECDSA-P256"
    )
)
@click.argument("server", nargs=-1, required=True)
@click.option("--out", "path", type=a_file, required=True, help="FILE.pfx or FILE.pem")
@click.option("--key", default=KeyKind.RSA_3072.value, show_default=True)
@click.option("--days", default=365, show_default=True, help="How long it is valid.")
@click.option("--friendly-name", default="", help="What Windows' lists call it.")
@click.option(
    "--old-windows",
    is_flag=True,
    help="Protect the PFX so that Windows Server 2016 and older can read it.",
)
@click.option("--replace", is_flag=True, help="Replace the file if it exists.")
@passphrase_option
def create(
    server: tuple[str, ...],
    path: Path,
    key: str,
    days: int,
    friendly_name: str,
    old_windows: bool,
    replace: bool,
    passphrase_file: Path | None,
) -> None:
    """Make a self-signed certificate for a test environment.

    SERVER is the DNS name of the server on which the Windows service runs;
    further names and IP addresses may follow it.
    """
    spec = CertificateSpec(
        server, KeyKind.parse(key), timedelta(days=days), friendly_name
    )
    if path.suffix.lower() not in {".pfx", ".p12", ".pem"}:
        raise InputError(
            f"{path} would not hold the private key", fix="end the name in .pfx or .pem"
        )
    if path.exists() and not replace:
        raise InputError(
            f"{path} exists already and is left as it is",
            fix="choose another name, or add --replace",
        )
    needed = path.suffix.lower() != ".pem"
    passphrase = _passphrase(passphrase_file, needed=needed, new=True)
    bundle = creating.create(spec, at=clock.now())
    protection = PfxProtection.TRIPLE_DES if old_windows else PfxProtection.AES_256
    bundle.write(path, passphrase=passphrase, protection=protection, replace=replace)
    out.print(f"[green]✓[/] {escape(str(path))}: {escape(bundle.subject)}")
    out.print(f"  thumbprint {bundle.thumbprint}")
    out.print(f"  valid until {bundle.leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")


@commands.command(
    epilog=_example(
        "certlib inspect todd.pfx --server todd.example.com\n"
        "certlib inspect request.csr --json"
    )
)
@click.argument("file", type=a_file)
@click.option("--server", default="", help="Whether it names this server.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@passphrase_option
def inspect(
    file: Path, server: str, as_json: bool, passphrase_file: Path | None
) -> None:
    """Show what a certificate, signing request or private key says."""
    thing = _unlocked(lambda p: inspecting.read(file, passphrase=p), passphrase_file)
    summary = inspecting.summarize(thing)
    if as_json:
        click.echo(json.dumps(summary.to_json(), indent=2, ensure_ascii=False))
    else:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for field in inspecting.view(thing, at=clock.now()).details:
            table.add_row(escape(field.name), escape(field.value))
        out.print(table)
    if server:
        findings = inspecting.check_names(
            summary, names.server_name(server), at=clock.now()
        )
        for finding in findings:
            err.print(f"[red]✗[/] {escape(finding.text)} {escape(finding.detail)}")
        sys.exit(1 if findings else 0)


@commands.command(
    "import",
    epilog=_example(
        "certlib import todd.pfx\n"
        r"certlib import todd.pfx --to 'Cert:\LocalMachine\My' --yes"
    ),
)
@click.argument("file", type=a_file)
@click.option("--to", default=str(PERSONAL), show_default=True, help="The store.")
@click.option("--exportable", is_flag=True, help="The key may be exported again.")
@click.option("--include-root", is_flag=True, help="Trust the chain's root here, too.")
@click.option("--renewal", is_flag=True, help="Another one with its subject is there.")
@click.option("--yes", is_flag=True, help="Do not ask before it is done.")
@passphrase_option
def import_(
    file: Path,
    to: str,
    exportable: bool,
    include_root: bool,
    renewal: bool,
    yes: bool,
    passphrase_file: Path | None,
) -> None:
    """Put a certificate with its private key into this machine's store."""
    plan = importing.plan(
        _unlocked(lambda p: Bundle.read(file, passphrase=p), passphrase_file),
        stores.this_machine(),
        to=StoreAddress.parse(to),
        exportable=exportable,
        include_root=include_root,
        renewal=renewal,
        file_name=str(file),
    )
    out.print(escape(str(plan)))
    if not yes:
        if not sys.stdin.isatty():
            raise InputError("nobody is there to ask", fix="add --yes to carry it out")
        click.confirm("Carry it out?", abort=True)
    entry = importing.carry_out(plan)
    out.print(f"[green]✓[/] {entry.thumbprint} is in {entry.address.display_name}")


@commands.command(
    "stores",
    epilog=_example("certlib stores\ncertlib stores 'Cert:\\LocalMachine\\CA'"),
)
@click.argument("address", required=False)
def stores_(address: str | None) -> None:
    """List the certificates in this machine's stores."""
    machine = stores.this_machine()
    wanted = [StoreAddress.parse(address)] if address else machine.addresses()
    shown = 0
    for store in map(machine.open, wanted):
        entries = list(store)
        if not entries:
            continue
        shown += len(entries)
        out.print(f"[bold]{store.address.display_name}[/]  ({store.address})")
        table = Table(box=None, padding=(0, 2, 0, 0))
        for column in ("thumbprint", "subject", "expires", "private key", "name"):
            table.add_column(column)
        for entry in entries:
            table.add_row(
                entry.thumbprint,
                escape(names.x500(entry.certificate.subject)),
                f"{entry.certificate.not_valid_after_utc:%Y-%m-%d}",
                "yes" if entry.has_private_key else "no",
                escape(entry.friendly_name),
            )
        out.print(table)
    if not shown:
        out.print(f"No certificates in the {escape(machine.display_name)}.")


@commands.command(
    epilog=_example(
        "certlib audit C:\\certificates --server todd.example.com\n"
        r"certlib audit 'Cert:\LocalMachine\My' --format html --out audit.html"
    )
)
@click.argument("path", nargs=-1, required=True)
@click.option("--server", default="", help="The DNS name that they are to be good for.")
@click.option("--product", type=click.Choice(list(products.PRODUCTS)))
@click.option(
    "--environment",
    type=click.Choice([e.value for e in Environment]),
    default=Environment.PRODUCTION.value,
    show_default=True,
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "csv", "html", "xlsx"]),
    default="table",
    show_default=True,
)
@click.option("--out", "path_out", type=a_file, help="Write here, not to the screen.")
@click.option("--replace", is_flag=True, help="Replace that file if it exists.")
@click.option(
    "--fail-on",
    type=click.Choice([Severity.ERROR.value, Severity.WARNING.value]),
    default=Severity.ERROR.value,
    show_default=True,
    help="Exit with 1 from this severity on.",
)
@passphrase_option
def audit(
    path: tuple[str, ...],
    server: str,
    product: str | None,
    environment: str,
    format_: str,
    path_out: Path | None,
    replace: bool,
    fail_on: str,
    passphrase_file: Path | None,
) -> None:
    r"""Judge certificates by the documented requirements.

    PATH is a file, a folder or a store such as Cert:\LocalMachine\My.
    """
    context = Context(
        clock.now(),
        names.server_name(server) if server else "",
        products.product(product) if product else None,
        Environment(environment),
    )
    given = _passphrase(passphrase_file, needed=False)
    machine = stores.this_machine()
    sources = [
        auditing.source(text, machine, passphrases=(given,) if given else ())
        for text in path
    ]
    results = list(auditing.audit(sources, context))
    if format_ == "table":
        _show(results)
    else:
        _deliver(results, format_, path_out, replace=replace)
    sys.exit(1 if auditing.reaches(results, Severity(fail_on)) else 0)


_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: "blue"}


def _show(results: Iterable[Audited]) -> None:
    counts = dict.fromkeys([*Severity, None], 0)
    for result in results:
        counts[result.worst] += 1
        mark = "[green]✓[/]" if result.worst is None else "[red]✗[/]"
        if result.worst not in (None, Severity.ERROR):
            mark = "[yellow]![/]"
        end = result.summary.not_after
        until = f"  until {end:%Y-%m-%d}" if end else ""
        out.print(
            f"{mark} {escape(result.place)}  {escape(result.summary.subject)}{until}"
        )
        for f in result.findings:
            style = _STYLES[f.severity]
            out.print(
                f"    [{style}]{f.severity}[/]  {escape(f.text)}  [dim]{f.rule}[/]"
            )
            out.print(f"           {escape(f.detail)}")
            out.print(f"           [bold]do:[/] {escape(f.remedy)}")
    total = sum(counts.values())
    out.print(
        f"{total} certificates: {counts[Severity.ERROR]} with errors, "
        f"{counts[Severity.WARNING]} with warnings, {counts[None]} fine"
    )


def _deliver(
    results: list[Audited], format_: str, path: Path | None, *, replace: bool
) -> None:
    from certlib import reports

    data = reports.render(results, format_)
    if path is not None:
        files.write(path, data, replace=replace)
        err.print(f"Written: {escape(str(path))}")
    elif format_ == "xlsx":
        raise InputError("an Excel file cannot go to the screen", fix="add --out FILE")
    else:
        click.echo(data.decode(), nl=False)


def _passphrase(file: Path | None, *, needed: bool, new: bool = False) -> str | None:
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


def _unlocked(read: Any, passphrase_file: Path | None) -> Any:
    """Read a file, and ask for a passphrase only if it wants one."""
    given = _passphrase(passphrase_file, needed=False)
    try:
        return read(given)
    except PassphraseError:
        if given is not None or not sys.stdin.isatty():
            raise
    return read(_passphrase(None, needed=True))
