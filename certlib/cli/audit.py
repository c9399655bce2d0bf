"""The command that judges certificates."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from rich.markup import escape

from certlib import auditing, clock, files, names, products, stores
from certlib.auditing import Audited
from certlib.cli.common import A_FILE, PASSPHRASE, err, example, out, passphrase_from
from certlib.errors import InputError
from certlib.products import Environment
from certlib.rules import Context, Severity


@click.command(
    epilog=example(
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
@click.option("--out", "path_out", type=A_FILE, help="Write here, not to the screen.")
@click.option("--replace", is_flag=True, help="Replace that file if it exists.")
@click.option(
    "--fail-on",
    type=click.Choice([Severity.ERROR.value, Severity.WARNING.value]),
    default=Severity.ERROR.value,
    show_default=True,
    help="Exit with 1 from this severity on.",
)
@PASSPHRASE
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
    given = passphrase_from(passphrase_file, needed=False)
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
