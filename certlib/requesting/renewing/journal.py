"""Journal: what the runs of a renewal did, a line of JSON each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from certlib import files
from certlib.requesting.renewing.plans import Plan

NAME = "renewals.jsonl"
"""The file, in the folder of the requests."""

LINES = 1000
"""How many of the newest lines are kept."""


def note(folder: Path, plan: Plan, at: datetime, told: Mapping[str, str]) -> None:
    """Add a line to the log of renewals.

    Raises:
        InputError: it cannot be read or written.
    """
    path = folder / NAME
    line = {
        "at": at.isoformat(),
        "place": plan.job.place.name,
        "old": plan.old.thumbprint,
        "due": plan.due.at.isoformat(),
        **told,
    }
    before = files.read(path, follow=False) if path.exists() else b""
    lines = [*before.splitlines(), json.dumps(line).encode()]
    data = b"\n".join(lines[-LINES:]) + b"\n"
    files.write(path, data, secret=True, replace=True)
