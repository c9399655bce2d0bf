"""Paths: random chains with planted defects, judged beside the engines of others.

A chain may not be accepted that most engines refuse. What they accept and the judge
refuses has to be a kind of which the table of cases says the reason.
"""

from __future__ import annotations

import itertools
import random
import tempfile
from pathlib import Path
from typing import Any

from components import require
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from engines import ENGINES, Question
from path_cases import OPEN, YES, Case
from path_grids import ANY_POLICY, EXTENSIONS, KEYS, demands, has, maps, no_any
from pki import DNS, HOST, MAIL, NET4, URI, Chain, damaged_signature, dn, leaf, party
from test_path_table import TABLE, said

from attacks import Outcome

SEEDS = {False: range(40), True: range(3000)}
Given = dict[str, Any]

LIMITS = [
    *(([tree], None) for tree in (DNS("example.com"), DNS("a.test"), NET4)),
    *(([tree], None) for tree in (MAIL("a.test"), URI("a.test"))),
    ([x509.DirectoryName(dn("X"))], None),
    (None, [DNS(HOST)]),
]
EXTRA = [
    (has("1.2.3.1"),),
    (has("1.2.3.1"), demands(0)),
    (has(ANY_POLICY), demands(0)),
    *((demands(after),) for after in range(3)),
    ((x509.PolicyConstraints(None, 0), True),),
    ((x509.PolicyConstraints(0, None), False),),
    (no_any(0),),
    (maps("1.2.3.1", "1.2.3.2"),),
    *(((x509.NameConstraints(*limit), True),) for limit in LIMITS),
    *(
        ((one, critical),)
        for one, _ in EXTENSIONS.values()
        for critical in (True, False)
    ),
]
ANYWHERE: list[Given] = [
    {"first": 1},
    {"last": -1},
    {"ids": False},
    {"aki": b"x" * 20},
    *({"bits": (bit,)} for bit in ("crl_sign", "digital_signature", "key_agreement")),
    {"purposes": [Purpose.CLIENT_AUTH]},
    {"purposes": [Purpose.SERVER_AUTH]},
    {"purposes": [Purpose.ANY_EXTENDED_KEY_USAGE]},
    {"purposes": [Purpose.CLIENT_AUTH, Purpose.ANY_EXTENDED_KEY_USAGE]},
]
OF_ISSUERS: list[Given] = [
    {"ca": False, "bits": ("digital_signature",)},
    {"ca": None},
    {"length": 0},
    {"bits": ()},
]
OF_LEAVES: list[Given] = [
    {"san": None},
    {"san": [DNS("b.test")]},
    {"san": [DNS("*.example.com")]},
    {"ca": True, "bits": ("digital_signature", "key_cert_sign")},
]


def attack(long: bool = False) -> list[Outcome]:
    for need in sorted({need for one in ENGINES.values() for need in one.needs}):
        require(need)
    outcome = Outcome("random chains, judged beside four engines")
    cases = {f"seed-{seed}": _case(seed) for seed in SEEDS[long]}
    with tempfile.TemporaryDirectory() as folder:
        asked = [
            Question.of(Path(folder, name), case.make(), HOST)
            for name, case in cases.items()
        ]
        answers = [engine.judge(asked) for engine in ENGINES.values()]
    for name, case in cases.items():
        outcome.tried += 1
        votes = [answer[name] for answer in answers]
        if bad := _contradiction(case, votes):
            outcome.bad.append(
                f"{name}: {bad}, {dict(zip(ENGINES, votes, strict=True))}"
            )
    return [outcome]


def _case(seed: int) -> Case:
    chain = _chain(random.Random(seed))
    return Case(OPEN, "", lambda: chain)


REASONED = {
    rule for case in TABLE.values() if case.reason for rule in case.rule.split()
}
"""Rules by which the judge refuses what most engines accept, with a reason."""


def _contradiction(case: Case, votes: list[bool]) -> str:
    standing, rules = said(case)
    accepted = sum(votes)
    if standing is YES and accepted < len(votes) / 2:
        return "accepted"
    if standing is not YES and accepted > len(votes) / 2 and not rules & REASONED:
        return f"{standing} for {rules}"
    return ""


def _chain(chance: random.Random) -> Chain:
    """Return up to three authorities, and a leaf; each may have a defect."""
    names = ["Root", *(f"CA {n}" for n in range(chance.choice((0, 1, 1, 1, 2))))]
    parties = [party(name, _kind(chance, 0.4) or f"of {name}") for name in names]
    top = parties[0].by(parties[0], **_defect(chance, 0.2, OF_ISSUERS))
    sent = [
        below.by(above, **_defect(chance, 0.45, OF_ISSUERS), **_signed(chance, above))
        for above, below in itertools.pairwise(parties)
    ]
    issuer = parties[-1]
    given = _defect(chance, 0.4, OF_LEAVES) | _signed(chance, issuer)
    cert = leaf(issuer, kind=_kind(chance, 0.3), **given)
    if chance.random() < 0.05:
        cert = damaged_signature(cert)
    if sent and chance.random() < 0.05:
        sent.pop()
    return cert, sent[::-1], [top]


def _kind(chance: random.Random, share: float) -> str:
    kinds = [kind for kind in KEYS if kind != "dsa"]
    return chance.choice(kinds) if chance.random() < share else ""


def _defect(chance: random.Random, share: float, more: list[Given]) -> Given:
    if chance.random() >= share:
        return {}
    if chance.random() < 0.35:
        return {"exts": chance.choice(EXTRA)}
    return chance.choice([*ANYWHERE, *more])


def _signed(chance: random.Random, issuer: Any) -> Given:
    """Return how RSA signs; most often as usual."""
    is_rsa = isinstance(issuer.key, rsa.RSAPrivateKey)
    ways: list[Given] = [{"pss": True}, {"digest": hashes.SHA1()}]
    return chance.choice(ways) if is_rsa and chance.random() < 0.3 else {}
