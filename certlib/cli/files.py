"""Commands for files: create, inspect and convert."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from certlib import clock, creating
from certlib.bundles import PfxProtection, converting, endings
from certlib.cli.common import (
    A_FILE,
    CERTIFICATE,
    DRY_RUN,
    KEY,
    OLD_WINDOWS,
    PASSPHRASE,
    example,
    passphrase_from,
    stop_if,
)
from certlib.cli.console import mark, out, safe, tell_plain_key
from certlib.cli.inspect import opened_by
from certlib.errors import InputError
from certlib.files import check_free
from certlib.inspecting.odd import Odd
from certlib.keys import KeyKind
from certlib.specs import CertificateSpec


@click.command(
    epilog=example(
        "certlib create todd.example.com todd --out todd.pfx\n"
        "certlib create todd.example.com --out todd.pem --days 30 --key ECDSA-P256"
    )
)
@click.argument("server", nargs=-1, required=True)
@click.option(
    "-o", "--out", "path", type=A_FILE, required=True, help="FILE.pfx or FILE.pem"
)
@click.option("--key", default=KeyKind.RSA_3072.value, show_default=True)
@click.option(
    "--days",
    type=click.IntRange(1, 36500),
    default=365,
    show_default=True,
    help="How long it is valid.",
)
@click.option("--friendly-name", default="", help="What Windows' lists call it.")
@OLD_WINDOWS
@click.option("--replace", is_flag=True, help="Replace the file if it exists.")
@DRY_RUN
@PASSPHRASE
def create(
    server: tuple[str, ...],
    path: Path,
    key: str,
    days: int,
    friendly_name: str,
    old_windows: bool,
    replace: bool,
    dry_run: bool,
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
    if not endings.holds_key(path):
        raise InputError(
            f"{path} would not hold the private key", fix="end the name in .pfx or .pem"
        )
    names = ", ".join(spec.server_names)
    stop_if(dry_run, f"Write {path}: {spec.key_kind}, {days} days, for {names}")
    needed = endings.format_of(path) == endings.PFX
    passphrase = passphrase_from(passphrase_file, needed=needed, new=True)
    bundle = creating.create(spec, at=clock.now())
    protection = PfxProtection.fit_for(old_windows=old_windows)
    bundle.write(path, passphrase=passphrase, protection=protection, replace=replace)
    out.print(f"{mark('good')} {safe(path)}: {safe(bundle.subject)}")
    if passphrase is None:
        tell_plain_key(path)
    out.print(f"  thumbprint {bundle.thumbprint}")
    out.print(f"  valid until {clock.minute(bundle.leaf.not_valid_after_utc)}")


@click.command(
    epilog=example(
        "certlib convert server.pfx --out server.pem --plain-key\n"
        "certlib convert server.cer --key server.key --out server.pfx\n"
        "certlib convert chain.p7b --out chain.pem"
    )
)
@click.argument("file", type=A_FILE)
@click.option(
    "-o", "--out", "path", type=A_FILE, required=True, help="Its ending decides."
)
@KEY
@CERTIFICATE
@click.option("--chain/--no-chain", default=True, help="With its issuers, or alone.")
@click.option("--pem", "as_text", is_flag=True, help="Write .cer, .crt, .p7b as PEM.")
@OLD_WINDOWS
@click.option("--plain-key", is_flag=True, help="Leave the private key unprotected.")
@click.option(
    "--new-passphrase-file",
    type=A_FILE,
    help="The new file's passphrase; otherwise it is that of the old one.",
)
@click.option("--replace", is_flag=True, help="Replace the file if it exists.")
@DRY_RUN
@PASSPHRASE
def convert(
    file: Path,
    path: Path,
    key: Path | None,
    certificate: str,
    chain: bool,
    as_text: bool,
    old_windows: bool,
    plain_key: bool,
    new_passphrase_file: Path | None,
    replace: bool,
    dry_run: bool,
    passphrase_file: Path | None,
) -> None:
    """Write a certificate, request or key in another format: PFX, PEM, DER, P7B.

    The ending of the new file decides: .pfx and .pem hold everything, .cer and
    .crt the certificate, .p7b the certificates, .key the private key, .csr a request.
    """
    check_free(path, replace=replace)
    opened = opened_by(str(file), key, certificate, passphrase_file)
    thing = opened.thing
    if isinstance(thing, Odd):
        raise thing.error
    for error in opened.told:
        raise error
    stop_if(dry_run, f"Write {path} from {file}")
    passphrase = None
    if converting.takes_key(thing, path) and not plain_key:
        given = new_passphrase_file or passphrase_file
        passphrase = passphrase_from(given, needed=True, new=True)
    protection = PfxProtection.fit_for(old_windows=old_windows)
    converting.write(
        thing, path, passphrase, converting.Wish(chain, as_text, protection, replace)
    )
    out.print(f"{mark('good')} {safe(path)}")
    if plain_key and converting.takes_key(thing, path):
        tell_plain_key(path)
