"""The command that audits a fleet by one file, every night."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from certlib import clock, stores
from certlib.auditing import settings
from certlib.auditing.evidence import sums
from certlib.auditing.settings import Settings
from certlib.cli.common import A_FILE, DRY_RUN, example
from certlib.cli.console import bold, err, mark, out, safe, safe_lines, write
from certlib.files import schedules


@click.command(
    epilog=example("certlib nightly fleet.toml\ncertlib nightly --schema")
    + "\n\n\b\nThe file:\n"
    + "".join(f"  {line}\n" for line in settings.EXAMPLE.splitlines())
)
@click.argument("file", type=A_FILE, required=False)
@click.option("--schedule", is_flag=True, help="Show how it runs every night.")
@click.option(
    "--account", default="", help="The account that runs it then: DOMAIN\\service$."
)
@click.option("--schema", is_flag=True, help="Print the JSON schema of the file.")
@DRY_RUN
def nightly(
    file: Path | None, schedule: bool, account: str, schema: bool, dry_run: bool
) -> None:
    """Audit by a file: judge, remember, tell who has to know what is new.

    FILE says sources and for what they are judged, thresholds, suppressions, reports,
    history and notifications. Exit codes are those of `certlib audit`; somebody who
    could not be told counts as a finding, and is told the next time. With --dry-run it
    judges, and keeps, tells and writes nothing.
    """
    if schema:
        write(json.dumps(settings.schema(), indent=2) + "\n")
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    asked = settings.read(file)
    if schedule:
        _show_schedules(file, asked, account)
        return
    from certlib.reports import nightly as night

    run = night.look if dry_run else night.run
    done = run(asked, stores.this_machine(), at=clock.now())
    for changed in done.changes:
        words = (changed.place, changed.subject, changed.detail)
        out.print(f"{bold(changed.change)}  {'  '.join(map(safe, words))}")
    out.print(sums(done.results))
    if few := done.about.gate.too_few(done.results):
        err.print(f"{mark('bad')} {few}")
    for name in done.undelivered:
        err.print(
            f"{mark('bad')} {safe(name)} could not be told: check its address; the "
            "next run tries again"
        )
    sys.exit(0 if done.passes else 1)


def _show_schedules(file: Path, asked: Settings, account: str) -> None:
    command = [sys.executable, "-m", "certlib", "nightly"]
    at_home = schedules.schedules(
        [*command, str(file.absolute())],
        name=f"certlib-nightly-{asked.name}",
        purpose="Audit certificates",
        account=stores.account_meant(account),
    )
    in_ci = schedules.pipelines(
        ["python", *command[1:], file.name], install="certlib[nightly]"
    )
    for one in (*at_home, *in_ci):
        out.print(bold(one.system))
        out.print(safe_lines(one.text))
