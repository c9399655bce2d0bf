"""The command that renews a certificate, with somebody there or nobody."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from certlib import clock, endpoints, files, products, requesting, stores
from certlib.bundles import PfxProtection
from certlib.cli.common import (
    A_FILE,
    AS_JSON,
    DRY_RUN,
    OLD_WINDOWS,
    PASSPHRASE,
    YES,
    confirm,
    example,
    passphrase_from,
    print_json,
    together,
)
from certlib.cli.console import answer, bold, err, mark, out, safe, safe_lines
from certlib.cli.issuing import FOLDER, Wish, issuer_options, words
from certlib.cli.judged import PRODUCT
from certlib.errors import InputError
from certlib.files import schedules
from certlib.integrating import instructions
from certlib.products import Product, Setup
from certlib.requesting import RenewalKey, renewing
from certlib.requesting.renewing import Job, Kind, Outcome, Plan, Service

_service_options = together(
    click.option(
        "--tls-json",
        type=A_FILE,
        help="Write this file of the service; with --product it is known.",
    ),
    click.option("--restart", is_flag=True, help="Restart the --product's service."),
    click.option("--before", default="", metavar="COMMAND", help="Run it beforehand."),
    click.option(
        "--after",
        default="",
        metavar="COMMAND",
        help="Run it once the new one is in its place, to restart the service.",
    ),
    click.option(
        "--check",
        "endpoint",
        default="",
        metavar="HOST:PORT",
        help="Where the service has to answer with the new one; otherwise all is "
        "taken back.",
    ),
    click.option(
        "--patience",
        type=click.IntRange(1, 3600),
        default=60,
        show_default=True,
        help="Seconds until it has to answer.",
    ),
)


@dataclass(frozen=True)
class _Told:
    """What the options say of the service."""

    product: str | None
    tls_json: Path | None
    restart: bool
    before: str
    after: str
    endpoint: str
    patience: int

    def service(self) -> Service:
        known = products.product(self.product) if self.product else None
        if self.restart and known is None:
            raise InputError(
                "--restart does not say which service",
                fix="add --product, or restart it by a program (--after)",
            )
        by_hand = _by_hand(known) if known and not self.tls_json else ()
        return Service(
            self._tls_file(known),
            known.service_name if known and self.restart else "",
            words(self.before),
            words(self.after),
            endpoints.parse(self.endpoint) if self.endpoint else None,
            timedelta(seconds=self.patience),
            by_hand,
        )

    def _tls_file(self, known: Product | None) -> Path | None:
        if self.tls_json is None and known is not None and known.folder:
            return None if known.setup is Setup.DESIGNER else Path(known.tls_file)
        return self.tls_json


def _by_hand(product: Product) -> tuple[str, ...]:
    """Return what a person does where no file tells the service its certificate."""
    if product.setup is not Setup.DESIGNER:
        return ()
    return tuple(f"{s.window}: {s.action}" for s in instructions.steps(product))


@click.command(
    epilog=example(
        r"certlib renew 'Cert:\LocalMachine\My' --server www.example.org --if-needed "
        "--submit letsencrypt --agree-terms --product xtract-core --restart "
        "--check www.example.org:1338 --yes"
        "\ncertlib renew server.pem --submit /srv/exchange --after 'systemctl reload "
        "nginx' --check localhost:443 --dry-run"
        "\ncertlib renew 2F3C... --submit letsencrypt --agree-terms --schedule"
    )
)
@click.argument("what")
@click.option("--server", default="", help="Which one of a store: a name of it.")
@click.option("--if-needed", is_flag=True, help="Do nothing before it is due.")
@click.option(
    "--lifetime",
    type=float,
    default=renewing.FRACTION,
    show_default="two thirds",
    help="Part of its lifetime after which it is due, unless the CA says when.",
)
@click.option("--same-key", is_flag=True, help="Keep the private key.")
@click.option("--remove-old", is_flag=True, help="Once the new one has answered.")
@PRODUCT
@_service_options
@FOLDER
@issuer_options
@OLD_WINDOWS
@click.option("--schedule", "scheduled", is_flag=True, help="Show how it runs daily.")
@AS_JSON
@DRY_RUN
@YES
@PASSPHRASE
def renew(
    what: str,
    server: str,
    if_needed: bool,
    lifetime: float,
    same_key: bool,
    remove_old: bool,
    folder: Path,
    old_windows: bool,
    scheduled: bool,
    as_json: bool,
    dry_run: bool,
    yes: bool,
    passphrase_file: Path | None,
    **told: Any,
) -> None:
    r"""Renew a certificate: the same names, with a new key or the same one.

    WHAT is a file (.pfx, .pem), a thumbprint, or a store such as
    Cert:\LocalMachine\My. The new one is laid where the old one lies, the same
    accounts may read its key, and everything is taken back if the service does not
    answer with it. Run again, it goes on where it was cut off.
    """
    issuing = {name: told.pop(name) for name in Wish.__dataclass_fields__}
    wish, service = Wish(**issuing), _Told(**told).service()
    passphrase = passphrase_from(passphrase_file, needed=False)
    machine, now = stores.this_machine(), clock.now()
    protection = PfxProtection.fit_for(old_windows=old_windows)
    place = renewing.place(
        what, machine, server=server, passphrase=passphrase, protection=protection
    )
    job = Job(
        place,
        machine,
        folder,
        issuer=wish.issuer(now) if wish.submit else None,
        key=RenewalKey.SAME if same_key else RenewalKey.NEW,
        passphrase=passphrase,
        service=service,
        fraction=lifetime,
        remove_old=remove_old,
    )
    plan = renewing.plan(job, at=now, if_needed=if_needed)
    if scheduled:
        _show_schedules(plan, what)
        if passphrase is not None and passphrase_file is None:
            err.print("Nobody is there to ask at night: add --passphrase-file FILE.")
        return
    if not as_json:
        out.print(safe_lines(plan))
    if dry_run and as_json:
        print_json("renewal", _row(plan, None))
        return
    if plan.needed:
        confirm(yes=yes, dry_run=dry_run)
    outcome = renewing.carry_out(
        plan, at=now, progress=lambda step: None if as_json else _say(step)
    )
    if as_json:
        print_json("renewal", _row(plan, outcome))
    else:
        _show(outcome)
    sys.exit(0 if outcome.kind in (Kind.RENEWED, Kind.NOT_DUE, Kind.WAITING) else 1)


def _say(step: str) -> None:
    out.print(f"  {safe(step)} …")


def _show(outcome: Outcome) -> None:
    passed = {Kind.RENEWED: True, Kind.TAKEN_BACK: False}.get(outcome.kind)
    if outcome.kind in (Kind.NOT_DUE, Kind.WAITING):
        out.print(f"{mark('plain')} {outcome.kind}: {safe(outcome.detail)}")
        return
    new = f" {outcome.new}" if passed else ""
    out.print(f"{answer(passed)} {outcome.kind}{new}: {safe(outcome.detail)}")
    if passed:
        seen = "presented by the service" if outcome.looked else "nobody looked"
        out.print(f"{answer(True if outcome.looked else None)} HTTPS: {seen}")


def _row(plan: Plan, outcome: Outcome | None) -> dict[str, object]:
    return {
        "place": plan.job.place.name,
        "old": plan.old.thumbprint,
        "expires": plan.old.leaf.not_valid_after_utc.isoformat(),
        "due": plan.due.at.isoformat(),
        "due_by": plan.due.why,
        "is_due": plan.due.reached,
        "steps": plan.steps,
        "notes": plan.notes,
        "outcome": asdict(outcome) if outcome else None,
    }


def _show_schedules(plan: Plan, what: str) -> None:
    server = requesting.renewal_spec(plan.old.leaf).common_name
    command = [sys.executable, "-m", "certlib", *_unattended(plan, what, server)]
    for one in schedules.schedules(
        command,
        name=f"certlib-renew-{server}",
        purpose="Renew a certificate when it is due",
    ):
        out.print(bold(one.system))
        out.print(safe_lines(one.text))


def _unattended(plan: Plan, what: str, server: str) -> list[str]:
    """Return our own words as they hold tomorrow, and from any folder."""
    place, given = plan.job.place, sys.argv[1:]
    if isinstance(place, renewing.StorePlace) and place.thumbprint:
        # Its successor has another one.
        at = given.index(what)
        given[at : at + 1] = [str(place.address), "--server", server]
    folder = ["--folder", str(plan.job.folder.resolve())]
    for word in ("--schedule", "--dry-run", "--yes", "--if-needed"):
        given = [one for one in given if one != word]
    if "--folder" in given:
        folder = []
    absolute = [
        str(Path(one).resolve())
        if not one.startswith("-") and files.is_there(Path(one))
        else one
        for one in given
    ]
    return [*absolute, *folder, "--if-needed", "--yes"]
