"""Commands for signing requests: make one, see what waits, join an answer."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from certlib import clock, files, requesting
from certlib.bundles import Bundle, PfxProtection
from certlib.cli.common import (
    A_FILE,
    AS_JSON,
    DRY_RUN,
    OLD_WINDOWS,
    PASSPHRASE,
    example,
    passphrase_from,
    print_json,
    stop_if,
    unlocked,
)
from certlib.cli.console import bold, err, mark, out, safe, safe_lines, tell_plain_key
from certlib.cli.issuing import FOLDER, AtOnce, Wish, issuer_options
from certlib.errors import CertlibError
from certlib.issuers import Issuer, adcs
from certlib.issuers.adcs import EnterpriseCA
from certlib.keys import KeyKind
from certlib.requesting.signing_requests import SigningRequest
from certlib.specs import CertificateSpec


@click.command(
    epilog=example(
        "certlib request todd.example.com todd\n"
        "certlib request todd.example.com --inf todd.inf "
        r"--ca 'ca01\Example Issuing CA'"
        "\ncertlib request todd.example.com --submit practice\n"
        "certlib request www.example.org --submit letsencrypt --agree-terms "
        "--plain-key"
    )
)
@click.argument("server", nargs=-1, required=True)
@click.option("--key", default=KeyKind.RSA_3072.value, show_default=True)
@click.option(
    "--days",
    type=click.IntRange(1, 36500),
    default=365,
    show_default=True,
    help="How long it shall hold; the CA may decide otherwise.",
)
@click.option("--friendly-name", default="", help="What Windows' lists call it.")
@click.option(
    "--inf",
    type=A_FILE,
    help="Write the file from which Windows (certreq) makes key and request.",
)
@click.option("--ca", default=EnterpriseCA.config, help=r"AD CS: host\name of the CA.")
@click.option("--template", default=adcs.WEB_SERVER, help="AD CS: the template.")
@click.option("--again", is_flag=True, help="Another one for this server is there.")
@click.option("--plain-key", is_flag=True, help="Leave the private key unprotected.")
@FOLDER
@issuer_options
@DRY_RUN
@PASSPHRASE
def request(
    server: tuple[str, ...],
    key: str,
    days: int,
    friendly_name: str,
    inf: Path | None,
    ca: str,
    template: str,
    again: bool,
    plain_key: bool,
    folder: Path,
    dry_run: bool,
    passphrase_file: Path | None,
    **issuing: Any,
) -> None:
    """Make a signing request for a certification authority, and keep its key.

    The first SERVER is the DNS name of the server on which the Windows service
    runs. The private key never leaves this machine. With --submit the request is
    handed in, and the answer is joined with its key when it comes at once.
    """
    spec = CertificateSpec(
        server, KeyKind.parse(key), timedelta(days=days), friendly_name
    )
    enterprise = EnterpriseCA(ca, template)
    names = ", ".join(spec.server_names)
    where = inf or f"{folder}, with its key" + f", and ask {issuing['submit']}" * bool(
        issuing["submit"]
    )
    stop_if(dry_run, f"Lay a request ({spec.key_kind}) for {names} in {where}")
    if inf is not None:
        _write_inf(inf, spec, enterprise)
        return
    wish = Wish(**issuing)
    issuer = wish.issuer(clock.now()) if wish.submit else None
    passphrase = passphrase_from(passphrase_file, needed=not plain_key, new=True)
    made = requesting.prepare(
        spec,
        folder,
        at=clock.now(),
        passphrase=None if plain_key else passphrase,
        again=again,
        issuer=issuer,
    )
    out.print(f"{mark('good')} {safe(made.path)}: the request, for the CA")
    out.print(f"  {safe(made.key_path)}: its private key, for nobody else")
    if plain_key:
        tell_plain_key(made.key_path)
    if issuer is not None:
        _hand_in(made, issuer, passphrase)
        return
    out.print("To an AD CS, on Windows:")
    for step in adcs.answer_steps(enterprise, request=str(made.path)):
        out.print(f"  {safe(step.command)}")
    out.print("Then: certlib join FILE, with what came back")


def _write_inf(path: Path, spec: CertificateSpec, ca: EnterpriseCA) -> None:
    files.check_free(path)
    adcs.write_inf(path, spec, ca)
    out.print(f"{mark('good')} {safe(path)}; on the server, in its folder:")
    for step in adcs.certreq_steps(ca, name=path.stem):
        out.print(f"  {safe(step.command)}")


def _hand_in(made: SigningRequest, issuer: Issuer, passphrase: str | None) -> None:
    made = requesting.submit(made, issuer, at=clock.now())
    if isinstance(issuer, AtOnce):
        out.print(f"{mark('plain')} The practice CA releases it at once.")
    bundle = requesting.collect(made, issuer, at=clock.now(), passphrase=passphrase)
    if bundle is None:
        out.print(f"{mark('plain')} {safe(made.state)}")
        out.print("Later: certlib requests --collect, with the same --submit")
    else:
        _keep(made, bundle, passphrase, None)


@click.command(
    epilog=example(
        "certlib requests\n"
        "certlib requests --json\n"
        "certlib requests --collect --submit /srv/exchange"
    )
)
@click.option("--all", "everything", is_flag=True, help="The answered ones, too.")
@click.option("--collect", is_flag=True, help="Ask the CA of --submit for answers.")
@AS_JSON
@FOLDER
@issuer_options
@PASSPHRASE
def requests(
    everything: bool,
    collect: bool,
    as_json: bool,
    folder: Path,
    passphrase_file: Path | None,
    **issuing: Any,
) -> None:
    """List the signing requests that wait for their answer."""
    fine = True
    if collect:
        issuer = Wish(**issuing).issuer(clock.now())
        for one in requesting.pending(folder):
            if one.submission and one.submission.issuer == issuer.name:
                fine &= _collect(one, issuer, passphrase_file)
    found = requesting.every(folder) if everything else requesting.pending(folder)
    if as_json:
        print_json("requests", [_row(one) for one in found])
        sys.exit(0 if fine else 1)
    for one in found:
        made = clock.minute(one.made)
        out.print(f"{bold(safe(one.name))}  {made}  {safe(one.state)}")
        out.print(f"  {safe(', '.join(one.spec.server_names))}  {safe(one.path)}")
    if not found:
        none = "" if folder.is_dir() else ", which is not there"
        out.print(f"No request waits in {safe(folder)}{none}.")
    sys.exit(0 if fine else 1)


def _collect(one: SigningRequest, issuer: Issuer, passphrase_file: Path | None) -> bool:
    passphrase = passphrase_from(passphrase_file, needed=False)
    try:
        bundle = requesting.collect(one, issuer, at=clock.now(), passphrase=passphrase)
    except CertlibError as error:  # the others wait, too
        err.print(f"{mark('bad')} {safe(one.name)}: {safe_lines(error)}")
        return False
    if bundle is not None:
        _keep(one, bundle, passphrase, None)
    return True


def _row(request: SigningRequest) -> dict[str, object]:
    return {
        "name": request.name,
        "server_names": request.spec.server_names,
        "made": request.made.isoformat(),
        "state": request.state,
        "issuer": request.submission and request.submission.issuer,
        "request": str(request.path),
    }


@click.command(
    epilog=example(
        "certlib join todd.cer\ncertlib join todd.cer chain.p7b --out todd.pfx"
    )
)
@click.argument("answer", nargs=-1, required=True, type=A_FILE)
@click.option(
    "-o", "--out", "path", type=A_FILE, help="FILE.pfx; otherwise beside the key."
)
@FOLDER
@OLD_WINDOWS
@DRY_RUN
@PASSPHRASE
def join(
    answer: tuple[Path, ...],
    path: Path | None,
    folder: Path,
    old_windows: bool,
    dry_run: bool,
    passphrase_file: Path | None,
) -> None:
    """Join what a certification authority sent with its private key, as PFX.

    The request is found by its key. ANSWER is one or more files, the server's
    certificate and its chain in any order.
    """
    if path is not None:
        files.check_free(path)
    data = [files.read(one) for one in answer]
    found = requesting.for_answer(folder, *data)
    stop_if(dry_run, f"Join it with the key of {found.name}: {path or found.folder}")
    bundle = unlocked(
        lambda p: requesting.join(found, *data, at=clock.now(), passphrase=p),
        passphrase_file,
    )
    _keep(
        found,
        bundle,
        passphrase_from(passphrase_file, needed=True, new=True),
        path,
        PfxProtection.fit_for(old_windows=old_windows),
    )


def _keep(
    request: SigningRequest,
    bundle: Bundle,
    passphrase: str | None,
    path: Path | None,
    protection: PfxProtection = PfxProtection.AES_256,
) -> None:
    """Write the bundle, as PEM where there is no passphrase for a PFX."""
    ending = "pfx" if passphrase else "pem"
    path = path or request.folder / f"{request.name}.{ending}"
    bundle.write(path, passphrase=passphrase, protection=protection)
    out.print(f"{mark('good')} {safe(path)}: {safe(bundle.subject)}")
    if passphrase is None:
        tell_plain_key(path)
    out.print(f"  thumbprint {bundle.thumbprint}")
    out.print(f"  valid until {clock.minute(bundle.leaf.not_valid_after_utc)}")
    out.print(f"Next: certlib import {safe(path)}")
