"""The command that looks at what a service presents."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click
from cryptography import x509

from certlib import bundles, clock, endpoints, names, stores
from certlib.bundles import formats
from certlib.cli import trusted
from certlib.cli.common import AS_JSON, PASSPHRASE, example, passphrases, print_json
from certlib.cli.console import answer, bold, dim, mark, out, safe
from certlib.cli.judged import (
    APPROACH,
    CLIENT_CERT,
    ENVIRONMENT,
    PRODUCT,
    PROXY,
    TIMEOUT,
    client_from,
)
from certlib.cli.trusted import trusting
from certlib.endpoints import Proxy, clients
from certlib.endpoints.clients import Verdict
from certlib.errors import InputError
from certlib.integrating import checks
from certlib.rules import Context
from certlib.stores import PERSONAL


@click.command(
    epilog=example(
        "certlib check todd.example.com:8165\n"
        "certlib check localhost:8165 --server todd.example.com --root ca.cer --clients"
    )
)
@click.argument("endpoint")
@click.option("--server", default="", help="The name that clients call it by.")
@CLIENT_CERT
@PASSPHRASE
@TIMEOUT
@PROXY
@trusting
@PRODUCT
@ENVIRONMENT
@APPROACH
@click.option("--selected", default="", help="Thumbprint of the selected certificate.")
@click.option(
    "--clients", "ask", is_flag=True, help="Ask the client programs here, too."
)
@AS_JSON
def check(
    endpoint: str,
    server: str,
    client_cert: Path | None,
    passphrase_file: Path | None,
    timeout: float,
    proxy: Proxy | None,
    root_files: tuple[Path, ...],
    list_files: tuple[Path, ...],
    online: bool,
    product: str | None,
    environment: str,
    approach: str | None,
    selected: str,
    ask: bool,
    as_json: bool,
) -> None:
    """Look at the certificate that a service presents on HOST:PORT.

    ✓ is said only of what was looked at: what could not be judged is marked with
    a question mark, and counts as not passed.
    """
    target = replace(endpoints.parse(endpoint), proxy=proxy)
    if ask and target.before:
        raise InputError(
            f"the client programs speak HTTPS, not {target.before}",
            fix="leave --clients out",
        )
    if server:
        target = replace(target, server_name=names.host(server))
    trust = trusted.trust(stores.this_machine(), root_files, list_files, online)
    client = client_from(client_cert, passphrases(passphrase_file))
    presented, now = (
        endpoints.look(target, deadline=timeout, client=client),
        clock.now(),
    )
    results = checks.check(
        presented,
        context=Context.of(
            now,
            product=product or "",
            environment=environment,
            approach=approach or "",
        ),
        trust=trust,
        selected=_selected(selected),
    )
    passed = all(result.passed is True for result in results)
    other = checks.second_opinion(presented, results, at=now)
    if as_json:
        out.quiet = True  # what else is said goes into the document
    for result in results:
        _show(result)
    if other:
        out.print(f"{mark('plain')} {safe(other)}")
    asked = []
    if ask:
        roots = formats.read_certificates(*root_files)
        asked = list(clients.verdicts(target, roots=roots))
        passed &= _show_clients(asked, good=passed)
    if as_json:
        print_json("check", _row(target, results, other, asked))
    sys.exit(0 if passed else 1)


def _row(
    target: endpoints.Endpoint,
    results: Sequence[checks.Check],
    other: str,
    asked: Sequence[Verdict],
) -> dict[str, object]:
    return {
        "endpoint": str(target),
        "checks": [asdict(one) for one in results],
        "second_opinion": other,
        "clients": [asdict(one) for one in asked],
    }


def _show(result: checks.Check) -> None:
    sign = mark("warn") if result.warned else answer(result.passed)
    out.print(f"{sign} {safe(result.subject)}: {safe(result.detail)}")
    if result.warned or not result.passed:
        out.print(f"    {bold('do:')} {safe(result.fix)}")


def _show_clients(verdicts: Sequence[Verdict], *, good: bool) -> bool:
    """Show what clients say; one that does not say what was found says so."""
    signs = {True: mark("good"), False: mark("bad"), None: dim("not asked")}
    refused, asked = False, 0
    for verdict in verdicts:
        refused |= verdict.accepted is False
        asked += verdict.accepted is not None
        who = f"{verdict.client} ({verdict.library})"
        other = verdict.accepted is not None and verdict.accepted is not good
        words = safe(verdict.words) + f" {dim('(says otherwise)')}" * other
        out.print(f"{signs[verdict.accepted]} {safe(who)}: {words}")
    if not asked:
        out.print(f"{mark('bad')} no client was asked, so none accepts it")
    return asked > 0 and not refused


def _selected(thumbprint: str) -> x509.Certificate | None:
    if not thumbprint:
        return None
    store = stores.this_machine().open(PERSONAL)
    return store.find(bundles.parse_thumbprint(thumbprint)).certificate
