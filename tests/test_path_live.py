"""The path judge against client programs, each asked live on loopback."""

from __future__ import annotations

import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from components import require, require_all
from live import served
from path_cases import CASES, Case

from certlib.endpoints import clients
from certlib.endpoints.clients import Client, Question
from certlib.trust.faults import Standing

PROBE = Path(clients.__file__).parent / "probes" / "TlsProbe.java"
QUICK = [
    clients.CLIENTS[name]
    for name in (
        "Python",
        "openssl s_client",
        "curl",
        "gnutls-cli",
        "tstclnt",
        "Node.js",
    )
]
"""Those that answer at once. Java is compiled beforehand; a browser takes seconds."""


@pytest.fixture(scope="module")
def java() -> Iterator[Client]:
    """Java as it is asked elsewhere, with its program compiled once for all."""
    for program in ("java", "javac"):
        require(program)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["javac", "-d", folder, str(PROBE)], check=True)
        program = ["java", "-XX:TieredStopAtLevel=1", "-cp", folder, PROBE.stem]

        def ask(question: Question) -> tuple[bool, str]:
            return clients._run(question, [*program, *clients._arguments(question)])

        yield replace(clients.CLIENTS["Java"], ask=ask)


def answers(case: Case, asked: list[Client]) -> dict[str, bool | None]:
    """Return what each client says; nothing if the chain cannot be served."""
    chain = case.make()
    if not chain[2]:  # clients would ask their own roots then
        return {}
    try:
        with served(chain, case.host) as endpoint:
            said = clients.verdicts(endpoint, roots=chain[2], clients=asked)
            return {one.client: one.accepted for one in said}
    except ssl.SSLError:
        return {}


def test_no_majority_of_clients_says_otherwise_without_a_reason(java: Client) -> None:
    every = [*QUICK, java]
    require_all(sorted({need for one in every for need in one.needs}))
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda case: answers(case, every), CASES.values())
        said = dict(zip(CASES, found, strict=True))
    asked = {name: votes for name, votes in said.items() if votes}
    assert len(asked) >= 80
    unexplained = []
    for name, votes in asked.items():
        fine = CASES[name].standing is Standing.YES
        against = [client for client, vote in votes.items() if vote is not fine]
        if len(against) > len(votes) / 2 and not CASES[name].reason:
            unexplained.append((name, against))
    assert [] == unexplained
