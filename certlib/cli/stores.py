"""Commands for this machine's certificate stores."""

from __future__ import annotations

from pathlib import Path

import click

from certlib import bundles, clock, importing, stores, x500
from certlib.bundles import Bundle
from certlib.cli import trusted
from certlib.cli.common import (
    A_FILE,
    AS_JSON,
    CERTIFICATE,
    DRY_RUN,
    KEY,
    PASSPHRASE,
    STORE,
    YES,
    confirm,
    example,
    print_json,
    unlocked,
)
from certlib.cli.console import bold, mark, out, safe, safe_lines, table
from certlib.rules import Context
from certlib.stores import PERSONAL, StoreAddress, StoreEntry

_COLUMNS = ("thumbprint", "subject", "expires", "private key", "name")


@click.command(
    "import",
    epilog=example(
        "certlib import todd.pfx\n"
        r"certlib import todd.pfx --to 'Cert:\LocalMachine\My' --yes"
    ),
)
@click.argument("file", type=A_FILE)
@click.option("--to", default=str(PERSONAL), show_default=True, help="The store.")
@click.option("--exportable", is_flag=True, help="The key may be exported again.")
@click.option("--include-root", is_flag=True, help="Trust the chain's root here, too.")
@click.option("--renewal", is_flag=True, help="Another one with its subject is there.")
@click.option(
    "--service-account",
    default="",
    help=r"Let this account read the key: 'NT Service\BOARD Connector Service'.",
)
@KEY
@CERTIFICATE
@click.option(
    "--ca-key", is_flag=True, help="The key of a certification authority is meant."
)
@click.option("--anyway", is_flag=True, help="Although it belongs into another store.")
@trusted.looking_up
@DRY_RUN
@YES
@PASSPHRASE
def import_(
    file: Path,
    to: str,
    exportable: bool,
    include_root: bool,
    renewal: bool,
    service_account: str,
    key: Path | None,
    certificate: str,
    ca_key: bool,
    anyway: bool,
    list_files: tuple[Path, ...],
    online: bool,
    dry_run: bool,
    yes: bool,
    passphrase_file: Path | None,
) -> None:
    """Put a certificate with its private key into this machine's store."""
    plan = importing.plan(
        unlocked(
            lambda p: Bundle.read(file, passphrase=p, key=key, thumbprint=certificate),
            passphrase_file,
        ),
        stores.this_machine(),
        importing.Wish(
            to=StoreAddress.parse(to),
            exportable=exportable,
            include_root=include_root,
            renewal=renewal,
            service_account=service_account,
            file_name=str(file),
            ca_key=ca_key,
            anyway=anyway,
        ),
        context=Context(clock.now()),
        revocation=trusted.lookup(list_files, online),
    )
    out.print(safe_lines(plan))
    confirm(yes=yes, dry_run=dry_run)
    entry = importing.carry_out(plan)
    out.print(f"{mark('good')} {entry.thumbprint} is in {entry.address.display_name}")


@click.command(
    "stores",
    epilog=example("certlib stores\ncertlib stores 'Cert:\\LocalMachine\\CA'"),
)
@click.argument("address", required=False)
@AS_JSON
def list_(address: str | None, as_json: bool) -> None:
    """List the certificates in this machine's stores."""
    machine = stores.this_machine()
    wanted = [StoreAddress.parse(address)] if address else machine.addresses()
    found = [(store.address, list(store)) for store in map(machine.open, wanted)]
    if as_json:
        print_json(
            "stores", [_row(at, one) for at, entries in found for one in entries]
        )
        return
    for at, entries in found:
        if entries:
            out.print(f"{bold(at.display_name)}  ({at})")
            out.print(table(map(_cells, entries), _COLUMNS))
    if not any(entries for _, entries in found):
        out.print(f"No certificates in the {safe(machine.display_name)}.")


def _cells(entry: StoreEntry) -> tuple[str, ...]:
    return (
        entry.thumbprint,
        safe(x500.x500(entry.certificate.subject)),
        clock.day(entry.certificate.not_valid_after_utc),
        "yes" if entry.has_private_key else "no",
        safe(entry.friendly_name),
    )


def _row(address: StoreAddress, entry: StoreEntry) -> dict[str, object]:
    return {
        "store": str(address),
        "thumbprint": entry.thumbprint,
        "subject": x500.x500(entry.certificate.subject),
        "not_before": entry.certificate.not_valid_before_utc.isoformat(),
        "not_after": entry.certificate.not_valid_after_utc.isoformat(),
        "has_private_key": entry.has_private_key,
        "friendly_name": entry.friendly_name,
    }


@click.command(
    epilog=example(r"certlib grant 2F3C... 'NT Service\BOARD Connector Service'")
)
@click.argument("thumbprint")
@click.argument("account")
@STORE
@click.option(
    "--anyone", is_flag=True, help="A group that is nearly everybody is meant."
)
@DRY_RUN
@YES
def grant(
    thumbprint: str, account: str, store: str, anyone: bool, dry_run: bool, yes: bool
) -> None:
    """Let an account read a certificate's private key.

    The service cannot answer on HTTPS before its account may. After a renewal
    with a new key this has to be done again.
    """
    address, thumbprint = stores.entry_address(thumbprint)
    plan = importing.plan_grant(
        bundles.parse_thumbprint(thumbprint),
        account,
        stores.this_machine(),
        address=address or StoreAddress.parse(store),
        anyone=anyone,
    )
    out.print(safe_lines(plan))
    confirm(yes=yes, dry_run=dry_run)
    for reader in importing.grant(plan):
        out.print(f"{mark('good')} may read it: {safe(reader)}")
