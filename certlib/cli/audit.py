"""The command that judges certificates."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from certlib import auditing, clock, files, reports, stores
from certlib.auditing import Audited, comparing
from certlib.auditing import suppressions as suppressions_
from certlib.auditing.evidence import Evidence, sums
from certlib.auditing.found import Found
from certlib.auditing.gate import Gate, not_read
from certlib.auditing.history import History
from certlib.auditing.sources import Source, expected
from certlib.auditing.suppressions import Suppressions
from certlib.cli import trusted
from certlib.cli.common import A_FILE, PASSPHRASES, example, passphrases
from certlib.cli.console import Screen, bold, coloured, dim, err, mark, out, safe, write
from certlib.cli.judged import (
    APPROACH,
    CLIENT_CERT,
    ENVIRONMENT,
    EXPIRING_WITHIN,
    PRODUCT,
    PROXY,
    TIMEOUT,
    client_from,
)
from certlib.cli.trusted import trusting
from certlib.endpoints import Proxy
from certlib.errors import InputError
from certlib.rules import Context, Severity
from certlib.summaries import Kind, Role, Summary


@click.command(
    epilog=example(
        "certlib audit C:\\certificates --server todd.example.com\n"
        "certlib audit tls://todd.example.com:8165 servers.csv\n"
        "certlib audit 'Cert:\\LocalMachine\\My' --format html --out audit.html"
    )
    + "\n\n\b\nThe file of --suppressions, an entry for each:\n"
    + "".join(f"  {line}\n" for line in suppressions_.EXAMPLE.splitlines())
)
@click.argument("path", nargs=-1)
@click.option(
    "--host", "hosts", multiple=True, metavar="HOST[:PORT]", help="A server to ask."
)
@click.option(
    "--server",
    default="",
    help="The DNS name that they are to be good for, and by which servers are called "
    "(SNI) unless a list says another.",
)
@CLIENT_CERT
@TIMEOUT
@PROXY
@trusting
@PRODUCT
@ENVIRONMENT
@APPROACH
@EXPIRING_WITHIN
@click.option(
    "--suppressions",
    type=A_FILE,
    help="Findings that somebody has accepted: a TOML file, see the documentation.",
)
@click.option("--compare", type=A_FILE, help="Say what changed since this JSON report.")
@click.option(
    "--history",
    type=A_FILE,
    help="Keep this run in an SQLite file, for `certlib history`.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", *reports.FORMATS]),
    default="table",
    show_default=True,
)
@click.option(
    "-o", "--out", "path_out", type=A_FILE, help="Write here, not to the screen."
)
@click.option("--replace", is_flag=True, help="Replace that file if it exists.")
@click.option(
    "--fail-on",
    type=click.Choice([*map(str, Severity), "never"]),
    default=Severity.ERROR.value,
    show_default=True,
    help="Exit with 1 from this severity on, or never because of a finding; where "
    "nothing could be judged, it is 1 all the same.",
)
@click.option(
    "--at-least",
    type=click.IntRange(min=0),
    metavar="N",
    help="Exit with 1 when fewer certificates were found.",
)
@PASSPHRASES
def audit(
    path: tuple[str, ...],
    hosts: tuple[str, ...],
    server: str,
    client_cert: Path | None,
    timeout: float,
    proxy: Proxy | None,
    root_files: tuple[Path, ...],
    list_files: tuple[Path, ...],
    online: bool,
    product: str | None,
    environment: str,
    approach: str | None,
    expiring_within: str,
    suppressions: Path | None,
    compare: Path | None,
    history: Path | None,
    format_: str,
    path_out: Path | None,
    replace: bool,
    fail_on: str,
    at_least: int | None,
    passphrase_file: Path | None,
) -> None:
    r"""Judge certificates by the documented requirements.

    PATH is a file, a folder, a store such as Cert:\LocalMachine\My, a server as
    tls://HOST:PORT (smtp, imap, pop3, ldap and rdp go over to TLS first), a list of
    servers (.csv, .tsv, .txt, .xlsx), or - for standard input.
    """
    asked = [*path, *(one if "://" in one else f"tls://{one}" for one in hosts)]
    if not asked:
        raise click.UsageError("Missing argument 'PATH...'.")
    if path_out is not None:
        files.check_free(path_out, replace=replace)
    context = Context.of(
        clock.now(),
        server=server,
        product=product or "",
        environment=environment,
        approach=approach or "",
        expiring_within=expiring_within,
    )
    accepted = Suppressions.read(suppressions) if suppressions else None
    earlier = comparing.read(compare) if compare else None
    if history is not None:
        History(history, make=True).close()  # said now, and not after the audit
    machine = stores.this_machine()
    tried = passphrases(passphrase_file)
    trust = trusted.trust(machine, root_files, list_files, online)
    client = client_from(client_cert, tried)
    sources = [
        auditing.source(
            text,
            machine,
            passphrases=tried,
            trust=trust,
            server_name=context.server_name,
            client=client,
            deadline=timeout,
            proxy=proxy,
        )
        for text in asked
    ]
    began = time.monotonic()
    with _watched(sources) as progress:
        results = list(
            auditing.audit(sources, context, suppressions=accepted, progress=progress)
        )
    gate = Gate(None if fail_on == "never" else Severity(fail_on), at_least)
    about = Evidence(
        *(tuple(map(_said, asked)), context, trust, machine.display_name, accepted),
        suppressed_in=str(suppressions or ""),
        gate=gate,
        not_read=not_read(sources),
        changes=None if earlier is None else comparing.compare(earlier, results),
        compared_with=str(compare or ""),
        seconds=time.monotonic() - began,
    )
    if history is not None:
        with History(history, make=True) as kept:
            kept.keep(results, at=context.at, scope="; ".join(about.asked))
    _deliver(results, format_, path_out, about, replace=replace)
    _say_what_is_missing(about.not_read, gate.too_few(results))
    for changed in about.changes or ():
        err.print(
            f"{bold(changed.change)}  {safe(changed.place)}  "
            f"{safe(changed.subject)}  {safe(changed.detail)}"
        )
    if not results and at_least is None and format_ != "nagios":
        raise InputError(
            f"nothing to audit was found in {', '.join(asked)}",
            fix="name the files, folders, stores or servers with certificates",
        )
    sys.exit(reports.exit_code(results, format_, gate))


def _said(asked: str) -> str:
    """Return what was asked for; a key that somebody pasted gets into no report."""
    return "pasted text" if "-----BEGIN" in asked else asked


@contextmanager
def _watched(sources: Sequence[Source]) -> Iterator[Callable[[Found], None]]:
    """Show how far it is, how fast and for how long still, if somebody is watching."""
    seen = sys.stderr.isatty()
    counted = [expected(one) for one in sources] if seen else []
    known = [number for number in counted if number is not None]
    none: tuple[Found, ...] = ()

    def rate(found: Found | None) -> str | None:
        if found is None:
            return None
        return f"{1 / (bar.time_per_iteration or 1):.0f}/s  {safe(found.place)}"

    with click.progressbar(
        (found for found in none),
        length=sum(known) if known and len(known) == len(counted) else None,
        label="reading",
        file=sys.stderr,
        hidden=not seen,
        show_pos=True,
        item_show_func=rate,
    ) as bar:
        yield lambda found: bar.update(1, found)


def _deliver(
    results: Sequence[Audited],
    format_: str,
    path: Path | None,
    about: Evidence,
    *,
    replace: bool,
) -> None:
    if format_ == "table" and path is None:
        _show(results, out)
        _show_accepted(results)
        out.print(sums(results))
        return
    if path is not None:
        chosen = None if format_ == "table" else format_
        reports.write(results, path, format_=chosen, replace=replace, about=about)
        failing = [one for one in results if about.gate.fails(one.worst)]
        failing.sort(key=lambda one: one.worst.rank if one.worst else len(Severity))
        _show(failing[:_WORST], err)
        if len(failing) > _WORST:
            err.print(f"and {len(failing) - _WORST} more")
        err.print(sums(results))
        err.print(f"Written: {safe(path)}")
    else:
        write(reports.printed(results, format_, about=about))


_WORST = 20
"""Certificates that are shown beside a report in a file."""


def _say_what_is_missing(skipped: Sequence[Path], too_few: str) -> None:
    if skipped:
        names = ", ".join(safe(path.name) for path in skipped[:_WORST])
        more = f" and {len(skipped) - _WORST} more" if len(skipped) > _WORST else ""
        err.print(
            f"Not read, as the ending is none of a certificate's: {names}{more}. "
            "Name such a file itself to have it read."
        )
    if too_few:
        err.print(f"{mark('bad')} {too_few}")


def _show(results: Sequence[Audited], console: Screen) -> None:
    for result in results:
        sign = mark(result.worst.tone if result.worst else "good")
        end = result.summary.not_after
        until = f"  until {clock.day(end)}" if end else ""
        console.print(
            f"{sign} {safe(result.place)}  {safe(result.summary.subject)}{until}"
            f"{_what(result.summary)}"
        )
        for f, places in result.told:
            severity = coloured(f.severity, f.severity.tone)
            console.print(f"    {severity}  {safe(f.text)}  {dim(f.rule)}")
            console.print(f"           {safe(f.detail)}")
            if places:
                console.print(
                    f"           {bold('only at:')} {safe(', '.join(places))}"
                )
            console.print(f"           {bold('do')} ({f.by}): {safe(f.remedy)}")


def _show_accepted(results: Sequence[Audited]) -> None:
    for result in results:
        for one, _ in result.accepted:
            out.print(
                f"{dim('accepted')}  {safe(result.place)}  {safe(one.finding.rule)}  "
                f"{safe(one.why)}"
            )


def _what(summary: Summary) -> str:
    """Return what it is if it is no server certificate, and who trusts it."""
    if summary.kind is not Kind.CERTIFICATE:
        return "" if summary.kind is Kind.UNREADABLE else f"  ({summary.kind})"
    kind = "" if summary.role is Role.SERVER else f"  ({summary.role})"
    trust = summary.surroundings.trust
    return kind + (f"\n    {dim(safe(trust))}" if trust else "")
