"""Commands that change what lies in a store: remove, export and revoke-read."""

from __future__ import annotations

from pathlib import Path

import click

from certlib import bundles, importing, stores
from certlib.bundles import PfxProtection, endings
from certlib.cli.common import (
    A_FILE,
    DRY_RUN,
    OLD_WINDOWS,
    PASSPHRASE,
    STORE,
    YES,
    confirm,
    example,
    passphrase_from,
    stop_if,
)
from certlib.cli.console import mark, out, safe, safe_lines
from certlib.files import check_free
from certlib.stores import StoreAddress


@click.command(
    epilog=example(
        "certlib remove 2F3C... --dry-run\n"
        r"certlib remove 2F3C... --store 'Cert:\CurrentUser\My' --yes"
    )
)
@click.argument("thumbprint")
@STORE
@DRY_RUN
@YES
def remove(thumbprint: str, store: str, dry_run: bool, yes: bool) -> None:
    """Remove a certificate from a store, and its private key with it.

    The key stays if another certificate there uses it. Export it first if you
    may need it again.
    """
    plan = importing.plan_removal(
        bundles.parse_thumbprint(thumbprint),
        stores.this_machine(),
        address=StoreAddress.parse(store),
    )
    out.print(safe_lines(plan))
    confirm(yes=yes, dry_run=dry_run)
    importing.remove(plan)
    where = plan.entry.address.display_name
    out.print(f"{mark('good')} {plan.entry.thumbprint} is no longer in {where}")


@click.command(
    epilog=example(
        "certlib export 2F3C... --out todd.cer\n"
        "certlib export 2F3C... --out todd.pfx --passphrase-file secret.txt"
    )
)
@click.argument("thumbprint")
@click.option(
    "-o", "--out", "path", type=A_FILE, required=True, help="Its ending decides."
)
@STORE
@OLD_WINDOWS
@DRY_RUN
@PASSPHRASE
def export(
    thumbprint: str,
    path: Path,
    store: str,
    old_windows: bool,
    dry_run: bool,
    passphrase_file: Path | None,
) -> None:
    """Write a certificate of a store to a file.

    .pfx and .pem take the private key along, if it may leave; .cer and .p7b do
    not. Nothing is replaced, and the store stays as it is.
    """
    check_free(path)
    needed = endings.holds_key(path)
    machine, address = stores.this_machine(), StoreAddress.parse(store)
    thumbprint = bundles.parse_thumbprint(thumbprint)
    machine.open(address).find(thumbprint)
    key = "with its private key" if needed else "without its private key"
    stop_if(dry_run, f"Write {thumbprint} to {path}, {key}")
    importing.export(
        thumbprint,
        machine,
        path,
        address=address,
        passphrase=(
            passphrase_from(passphrase_file, needed=True, new=True) if needed else None
        ),
        protection=PfxProtection.fit_for(old_windows=old_windows),
    )
    out.print(f"{mark('good')} {safe(path)}: {key}")


@click.command(
    "revoke-read",
    epilog=example(r"certlib revoke-read 2F3C... 'EXAMPLE\former-service' --dry-run"),
)
@click.argument("thumbprint")
@click.argument("account")
@STORE
@DRY_RUN
@YES
def revoke_read(
    thumbprint: str, account: str, store: str, dry_run: bool, yes: bool
) -> None:
    """Take the right to read a certificate's private key from an account."""
    plan = importing.plan_revocation(
        bundles.parse_thumbprint(thumbprint),
        account,
        stores.this_machine(),
        address=StoreAddress.parse(store),
    )
    out.print(safe_lines(plan))
    confirm(yes=yes, dry_run=dry_run)
    for reader in importing.revoke(plan):
        out.print(f"{mark('good')} may still read it: {safe(reader)}")
