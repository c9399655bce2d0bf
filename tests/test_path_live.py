"""The path judge against client programs, each asked live on loopback."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor

from components import require
from live import served
from path_cases import CASES, Case

from certlib.endpoints import clients
from certlib.trust import Standing

QUICK = [
    clients.CLIENTS[name]
    for name in (
        "Python",
        "openssl s_client",
        "curl",
        "gnutls-cli",
        "tstclnt",
    )
]
"""Those that answer at once; Node.js has OpenSSL too, and others take seconds."""


def answers(case: Case) -> dict[str, bool | None]:
    """Return what each client says; nothing if the chain cannot be served."""
    chain = case.make()
    if not chain[2]:  # clients would ask their own roots then
        return {}
    try:
        with served(chain, case.host) as endpoint:
            said = clients.verdicts(endpoint, roots=chain[2], clients=QUICK)
            return {one.client: one.accepted for one in said}
    except ssl.SSLError:
        return {}


def test_no_majority_of_clients_says_otherwise_without_a_reason() -> None:
    for program in sorted({need for one in QUICK for need in one.needs}):
        require(program)
    with ThreadPoolExecutor(4) as pool:
        said = dict(zip(CASES, pool.map(answers, CASES.values()), strict=True))
    asked = {name: votes for name, votes in said.items() if votes}
    assert len(asked) >= 80
    unexplained = []
    for name, votes in asked.items():
        fine = CASES[name].standing is Standing.YES
        against = [client for client, vote in votes.items() if vote is not fine]
        if len(against) > len(votes) / 2 and not CASES[name].reason:
            unexplained.append((name, against))
    assert [] == unexplained
