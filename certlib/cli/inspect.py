"""The command that shows what a certificate, request or key says."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from certlib import bundles, clock, files, inspecting, names, x500
from certlib.bundles import Bundle
from certlib.cli import trusted
from certlib.cli.common import A_FILE, CERTIFICATE, KEY, PASSPHRASE, example, unlocked
from certlib.cli.console import answer, bold, err, mark, out, safe, safe_lines, table
from certlib.cli.console import write as write_out
from certlib.cli.trusted import trusting
from certlib.errors import CertlibError
from certlib.inspecting import Opened, fetching
from certlib.inspecting.odd import Odd
from certlib.summaries import Summary

if TYPE_CHECKING:
    from certlib.trust.roots import Trust

SCHEMA = "certlib/inspect/1"


@dataclass(frozen=True)
class _Wanted:
    """What is asked of each of them."""

    server: str
    at: datetime
    trust: Trust | None
    as_json: bool
    full: bool


@click.command(
    epilog=example(
        "certlib inspect todd.pfx --server todd.example.com\n"
        "certlib inspect *.cer --json -o all.json\n"
        "certlib inspect tls://todd.example.com:8165 "
        r"'Cert:\LocalMachine\My\2F3C...'"
        "\nopenssl x509 -in todd.cer | certlib inspect -"
    )
)
@click.argument("what", nargs=-1, required=True)
@click.option("--server", default="", help="Whether it is good for this server.")
@trusting
@click.option("--json", "as_json", is_flag=True, help="As JSON; a list for several.")
@click.option("-o", "--out", "path", type=A_FILE, help="Write here, not to the screen.")
@click.option("-q", "--quiet", is_flag=True, help="Show nothing; the exit code tells.")
@click.option("-v", "--verbose", is_flag=True, help="Show the bits of keys, too.")
@KEY
@CERTIFICATE
@PASSPHRASE
def inspect(
    what: tuple[str, ...],
    server: str,
    root_files: tuple[Path, ...],
    list_files: tuple[Path, ...],
    online: bool,
    as_json: bool,
    path: Path | None,
    quiet: bool,
    verbose: bool,
    key: Path | None,
    certificate: str,
    passphrase_file: Path | None,
) -> None:
    r"""Show what a certificate, signing request or private key says.

    WHAT is a file, - for standard input, Cert:\LocalMachine\My\THUMBPRINT, or
    tls://HOST:PORT; there may be several. With --server each is judged as a server's
    certificate, and who trusts it is said.
    """
    if path is not None:
        files.check_free(path)
    out.quiet = err.quiet = quiet
    host = names.host(server) if server else ""
    trust = None
    if host or as_json or root_files or list_files:  # otherwise nothing is judged
        from certlib import stores

        trust = trusted.trust(stores.this_machine(), root_files, list_files, online)
    wanted = _Wanted(host, clock.now(), trust, as_json, verbose)
    shown, good = [], True
    for text in what:
        try:
            opened = opened_by(text, key, certificate, passphrase_file)
        except CertlibError as error:
            if len(what) == 1:
                raise
            err.print(f"{mark('bad')} {safe(text)}: {safe_lines(error)}")
            good = False
            continue
        one, fine = _said(opened, wanted)
        shown.append(one if as_json or len(what) == 1 else f"{bold(safe(text))}\n{one}")
        good &= fine
    _deliver(shown, path, several=len(what) > 1, as_json=as_json, quiet=quiet)
    sys.exit(0 if good else 1)


def _said(opened: Opened, wanted: _Wanted) -> tuple[str, bool]:
    """Return what one of them says, and whether it is as it should be."""
    thing, at = opened.thing, wanted.at
    good = not opened.told and not isinstance(thing, Odd)
    if wanted.trust is not None:
        summary = inspecting.judged(thing, wanted.server, at=at, trust=wanted.trust)
        if wanted.server:
            good &= _names(summary, wanted.server, at)
        if wanted.as_json:
            document = {"schema": SCHEMA, **summary.to_json()}
            return json.dumps(document, indent=2, ensure_ascii=True), good
    rows = []
    for field in inspecting.fields(thing):
        # The bits of a key tell a person nothing; its kind does.
        short = field.name == "Public key" and not wanted.full
        value = field.short if short else field.value
        rows.append((safe(field.name), safe_lines(value)))
    return table(rows), good


def _deliver(
    shown: list[str], path: Path | None, *, several: bool, as_json: bool, quiet: bool
) -> None:
    text = "\n\n".join(shown)
    if as_json:
        text = f"[{','.join(shown)}]" if several else text
    if path is not None:
        files.write(path, f"{click.unstyle(text)}\n".encode())
        err.print(f"Written: {safe(path)}")
    elif as_json and not quiet:
        write_out(f"{text}\n")
    else:
        out.print(text)


def _names(summary: Summary, wanted: str, at: datetime) -> bool:
    """Say what keeps a certificate from being good for a server."""
    from certlib.rules import Severity  # loaded only where something is judged

    wrong_names = inspecting.check_names(summary, wanted, at=at)
    findings = inspecting.check(summary, wanted, at=at)
    if not wrong_names:
        err.print(f"{mark('good')} SAN and CN name {safe(wanted)}")
    for finding in findings:
        sign = mark(finding.severity.tone)
        err.print(f"{sign} {safe(finding.text)} {safe(finding.detail)}")
    if (around := summary.surroundings) is not None:
        err.print(f"{answer(around.trusted)} trust: {safe(around.trust)}")
    errors = [f for f in findings if f.severity is Severity.ERROR]
    trusted = around is None or around.trusted is not False
    return trusted and not wrong_names and not errors


def opened_by(
    text: str, key: Path | None, certificate: str, passphrase_file: Path | None
) -> Opened:
    """Open what a text names, and say what of it is left out."""
    opened = unlocked(
        lambda p: fetching.fetch(text, passphrase=p, key=key, thumbprint=certificate),
        passphrase_file,
    )
    for error in opened.told:
        err.print(f"{mark('bad')} {safe(error.message)}\n    do: {safe(error.fix)}")
    thing = opened.thing
    for other in thing.beside if isinstance(thing, Bundle) else ():
        called = f"{x500.x500(other.subject)} ({bundles.thumbprint(other)})"
        err.print(f"{mark('plain')} The file also holds {safe(called)}")
    return opened
