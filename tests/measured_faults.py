"""What clients and the audit say to each fault of the lab that can be served.

    uv run python tests/measured_faults.py [FAULT ...]      (all without a name)

asks the clients of this computer, and writes what they say into the package.
"""

from __future__ import annotations

import json
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measured_cases import versions

import certlib
from certlib import auditing, clock
from certlib.auditing.sources import EndpointSource
from certlib.endpoints import clients
from certlib.endpoints.clients import Client, Verdict
from certlib.practice.faults import FAULTS, broken
from certlib.practice.faults.measured import measured
from certlib.practice.service import Service
from certlib.rules import Context

RESULT = Path(certlib.__file__).parent / "practice" / "faults" / "measured.json"
DEADLINE = 20.0


@contextmanager
def serving(fault: str) -> Iterator[Service]:
    """Serve a fault while the block runs."""
    with tempfile.TemporaryDirectory() as folder:
        service = broken(fault, "measured", Path(folder))
        try:
            yield service
        finally:
            service.stop()


def answers(service: Service, asked: Iterable[Client]) -> list[Verdict]:
    """Return what those clients say that could be asked."""
    said = clients.verdicts(
        service.endpoint, roots=service.trusted, clients=asked, deadline=DEADLINE
    )
    return [one for one in said if one.accepted is not None]


def audited(service: Service) -> str:
    """Return the worst that an audit says of what is served."""
    source = EndpointSource((service.endpoint,), service.trust())
    (found,) = auditing.audit([source], Context(clock.now(), service.called))
    worst = min(found.findings, key=lambda one: one.severity.rank, default=None)
    return str(worst.severity) if worst else "nothing"


NOT_ASKED = ("hanging",)
"""Nobody refuses; everybody waits."""


def measure(faults: Iterable[str]) -> dict[str, Any]:
    """Return what is said of those faults whose service answers."""
    found = {}
    for fault in faults:
        with serving(fault) as service:
            said = answers(service, clients.CLIENTS.values())
            if said and fault not in NOT_ASKED:
                found[fault] = {
                    "audit": audited(service),
                    "clients": {one.client: one.accepted for one in said},
                    "page": "".join(
                        one.words
                        for one in said
                        if one.client == "Chromium" and not one.accepted
                    ),
                }
    return found


if __name__ == "__main__":
    known = measured()["answers"] if sys.argv[1:] else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = known | measure(sys.argv[1:] or FAULTS)
    result = {"versions": dict(versions()), "answers": found}
    text = json.dumps(result, indent=1, sort_keys=True)
    RESULT.write_text(f"{text}\n", encoding="utf-8")
