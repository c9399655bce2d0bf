"""The command that audits a fleet by one file, every night."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from certlib import clock, stores
from certlib.auditing import settings
from certlib.auditing.evidence import sums
from certlib.cli.common import A_FILE, example
from certlib.cli.console import bold, err, mark, out, safe, write


@click.command(
    epilog=example("certlib nightly fleet.toml\ncertlib nightly --schema")
    + "\n\n\b\nThe file:\n"
    + "".join(f"  {line}\n" for line in settings.EXAMPLE.splitlines())
)
@click.argument("file", type=A_FILE, required=False)
@click.option("--schema", is_flag=True, help="Print the JSON schema of the file.")
def nightly(file: Path | None, schema: bool) -> None:
    """Audit by a file: judge, remember, tell who has to know what is new.

    FILE says sources and for what they are judged, thresholds, suppressions, reports,
    history and notifications. Exit codes are those of `certlib audit`; somebody who
    could not be told counts as a finding, and is told the next time.
    """
    if schema:
        write(json.dumps(settings.schema(), indent=2) + "\n")
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    from certlib.reports import nightly as night

    done = night.run(settings.read(file), stores.this_machine(), at=clock.now())
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
