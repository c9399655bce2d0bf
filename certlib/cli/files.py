"""Commands for files: create and inspect."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

import click
from rich.table import Table

from certlib import (
    clock,
    creating,
    inspecting,
    names,
)
from certlib.bundles import PfxProtection
from certlib.cli.common import A_FILE, PASSPHRASE, example, passphrase_from, unlocked
from certlib.cli.console import err, mark, out, safe, write
from certlib.errors import InputError
from certlib.files import check_free
from certlib.keys import KeyKind
from certlib.specs import CertificateSpec


@click.command(
    epilog=example(
        "certlib create todd.example.com todd --out todd.pfx\n"
        "certlib create todd.example.com --out todd.pem --days 30 --key ECDSA-P256"
    )
)
@click.argument("server", nargs=-1, required=True)
@click.option("--out", "path", type=A_FILE, required=True, help="FILE.pfx or FILE.pem")
@click.option("--key", default=KeyKind.RSA_3072.value, show_default=True)
@click.option(
    "--days",
    type=click.IntRange(1, 36500),
    default=365,
    show_default=True,
    help="How long it is valid.",
)
@click.option("--friendly-name", default="", help="What Windows' lists call it.")
@click.option(
    "--old-windows",
    is_flag=True,
    help="Protect the PFX so that Windows Server 2016 and older can read it.",
)
@click.option("--replace", is_flag=True, help="Replace the file if it exists.")
@PASSPHRASE
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
    check_free(path, replace=replace)
    if path.suffix.lower() not in {".pfx", ".p12", ".pem"}:
        raise InputError(
            f"{path} would not hold the private key", fix="end the name in .pfx or .pem"
        )
    needed = path.suffix.lower() != ".pem"
    passphrase = passphrase_from(passphrase_file, needed=needed, new=True)
    bundle = creating.create(spec, at=clock.now())
    protection = PfxProtection.TRIPLE_DES if old_windows else PfxProtection.AES_256
    bundle.write(path, passphrase=passphrase, protection=protection, replace=replace)
    out.print(f"{mark('good')} {safe(path)}: {safe(bundle.subject)}")
    out.print(f"  thumbprint {bundle.thumbprint}")
    out.print(f"  valid until {clock.minute(bundle.leaf.not_valid_after_utc)}")


@click.command(
    epilog=example(
        "certlib inspect todd.pfx --server todd.example.com\n"
        "certlib inspect request.csr --json"
    )
)
@click.argument("file", type=A_FILE)
@click.option("--server", default="", help="Whether it names this server.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@PASSPHRASE
def inspect(
    file: Path, server: str, as_json: bool, passphrase_file: Path | None
) -> None:
    """Show what a certificate, signing request or private key says."""
    wanted = names.host(server) if server else ""
    thing = unlocked(lambda p: inspecting.read(file, passphrase=p), passphrase_file)
    summary = inspecting.summarize(thing)
    if as_json:
        write(json.dumps(summary.to_json(), indent=2, ensure_ascii=True) + "\n")
    else:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for field in inspecting.view(thing, at=clock.now()).details:
            # The bits of a key tell a person nothing; its kind does.
            bits = field.name == "Public key"
            table.add_row(safe(field.name), safe(field.short if bits else field.value))
        out.print(table)
    if wanted:
        findings = inspecting.check_names(summary, wanted, at=clock.now())
        for finding in findings:
            sign = mark(finding.severity.tone)
            err.print(f"{sign} {safe(finding.text)} {safe(finding.detail)}")
        if not findings:
            err.print(f"{mark('good')} SAN and CN name {safe(wanted)}")
        sys.exit(1 if findings else 0)
