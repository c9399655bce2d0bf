"""Commands that bring a certificate to its service: integrate and snc."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from certlib import bundles, clock, integrating, products, stores
from certlib.bundles import Bundle
from certlib.cli.common import (
    A_FILE,
    CERTIFICATE,
    DRY_RUN,
    KEY,
    PASSPHRASE,
    YES,
    confirm,
    example,
    passphrase_from,
    print_json,
    stop_if,
    unlocked,
)
from certlib.cli.console import answer, bold, mark, out, safe, safe_lines
from certlib.integrating import Check, Obstacle, instructions
from certlib.integrating import snc as snc_
from certlib.products import Product, Setup
from certlib.stores import Machine


@click.command(
    epilog=example(
        "certlib integrate xtract-core 2F3C... --dry-run\n"
        "certlib integrate xtract-universal 2F3C...\n"
        "certlib integrate board-connector --json"
    )
)
@click.argument("product", type=click.Choice(list(products.PRODUCTS)))
@click.argument("thumbprint", default="")
@click.option(
    "--tls-json",
    type=A_FILE,
    help="The service's file, if it is not in the usual folder.",
)
@click.option("--account", default="", help="Under which the service runs.")
@click.option("--json", "as_json", is_flag=True, help="As JSON; nothing is written.")
@DRY_RUN
@YES
def integrate(
    product: str,
    thumbprint: str,
    tls_json: Path | None,
    account: str,
    as_json: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Have a product's service take a certificate, step by step.

    Says what is in its way, writes tls.json where a product has nothing else,
    compares that file with the store, and shows what is left for a person. Without
    THUMBPRINT it only compares.
    """
    known, machine, now = products.product(product), stores.this_machine(), clock.now()
    wanted = bundles.parse_thumbprint(thumbprint) if thumbprint else ""
    path = tls_json or (Path(known.tls_file) if known.folder else None)
    found: tuple[Obstacle, ...] = ()
    if wanted:
        who = account or known.service_account
        found = integrating.obstacles(machine, wanted, account=who, at=now)
    if not as_json:
        _show(found, wanted)
        if wanted and path and (tls_json or known.setup is Setup.FILE):
            _write(path, wanted, machine, yes=yes, dry_run=dry_run)
    seen: tuple[Check, ...] = ()
    if path is not None and (path.is_file() or (tls_json and not wanted)):
        seen = integrating.compare(path, machine, at=now)
    if as_json:
        print_json("integration", _row(known, path, found, seen))
    else:
        for check in seen:
            out.print(f"{answer(check.passed)} {safe(check.subject)}: "
                      f"{safe(check.detail)}")  # fmt: skip
        _show_by_hand(known)
    sys.exit(1 if found or any(check.passed is not True for check in seen) else 0)


def _show(found: tuple[Obstacle, ...], wanted: str) -> None:
    for obstacle in found:
        out.print(f"{mark('bad')} {safe_lines(obstacle)}")
    if wanted and not found:
        out.print(f"{mark('good')} nothing is in the way of {wanted}")


def _write(
    path: Path, wanted: str, machine: Machine, *, yes: bool, dry_run: bool
) -> None:
    out.print(f"Write {safe(path)}, which then names {wanted}.")
    confirm(yes=yes, dry_run=dry_run)
    choice, backup = integrating.configure(path, wanted, machine)
    kept = f"; the earlier file is {safe(backup)}" if backup else ""
    out.print(f"{mark('good')} {safe(path)} names {choice.thumbprint}{kept}")


def _show_by_hand(product: Product) -> None:
    out.print(bold("By hand"))
    for number, step in enumerate(instructions.steps(product), start=1):
        out.print(f"  {number}. {safe(step.window)}: {safe(step.action)}")
    out.print(bold("In PowerShell, as administrator"))
    for twin in (integrating.restart_twin(product), integrating.firewall_twin(product)):
        out.print("\n".join(f"  {line}" for line in safe_lines(twin).splitlines()))


def _row(
    product: Product,
    path: Path | None,
    found: tuple[Obstacle, ...],
    seen: tuple[Check, ...],
) -> dict[str, object]:
    return {
        "product": product.slug,
        "tls_json": str(path) if path else None,
        "obstacles": [{"text": one.text, "fix": one.fix} for one in found],
        "checks": [
            {"subject": c.subject, "passed": c.passed, "detail": c.detail} for c in seen
        ],
        "steps": [[one.window, one.action] for one in instructions.steps(product)],
        "restart": integrating.restart_twin(product),
    }


@click.command(
    epilog=example(r"certlib snc sap.pfx --account 'EXAMPLE\svc-xtract' --out C:\snc")
)
@click.argument("file", type=A_FILE)
@click.option("--account", required=True, help="Under which the service runs.")
@click.option(
    "-o", "--out", "folder", type=A_FILE, default=Path(), show_default="this folder",
    help="The folder for the files.",
)  # fmt: skip
@click.option("--name", default="snc", show_default=True, help="Of the files.")
@KEY
@CERTIFICATE
@DRY_RUN
@PASSPHRASE
def snc(
    file: Path,
    account: str,
    folder: Path,
    name: str,
    key: Path | None,
    certificate: str,
    dry_run: bool,
    passphrase_file: Path | None,
) -> None:
    """Write what SAP's sapgenpse needs for SNC, and say the commands for it.

    The new PFX has the passphrase of --passphrase-file, in plain ASCII.
    """
    bundle = unlocked(
        lambda p: Bundle.read(file, passphrase=p, key=key, thumbprint=certificate),
        passphrase_file,
    )
    stop_if(dry_run, f"Write {folder / name}.p12 for {bundle.subject} and {account}")
    passphrase = passphrase_from(passphrase_file, needed=True, new=True) or ""
    made = snc_.write(bundle, folder, passphrase=passphrase, account=account, name=name)
    for path in filter(None, (made.pfx, made.issuers)):
        out.print(f"{mark('good')} {safe(path)}")
    out.print(f"SNC name: {safe(made.snc_name)}")
    out.print(bold("In a command prompt of the service's account, in that folder"))
    for command in made.commands:
        out.print(f"  {safe(command)}")
