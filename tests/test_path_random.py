"""The path judge against cryptography's verifier, over random PKIs."""

from __future__ import annotations

import random
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from engines import relaxed
from pki import (
    AT,
    DNS,
    HOST,
    NET6,
    Chain,
    leaf,
    party,
    raw,
    tampered,
)

from certlib.trust.faults import Standing
from certlib.trust.pool import Pool, Verdict, judge

YES = Standing.YES


def verdict(chain: Chain) -> Verdict:
    return judge(*chain, at=AT)


LIMITS = [
    x509.NameConstraints([DNS("example.com")], None),
    x509.NameConstraints([DNS("a.test")], None),
    x509.NameConstraints(None, [DNS(HOST)]),
    x509.NameConstraints(None, [DNS("a.test")]),
    x509.NameConstraints([NET6], None),
]
DEFECTS: list[dict[str, Any]] = [
    {"first": 1},
    {"last": -1},
    {"ca": False, "bits": ("digital_signature",)},
    {"ca": None},
    {"bits": ("crl_sign",)},
    {"purposes": [Purpose.CLIENT_AUTH]},
    {"purposes": [Purpose.SERVER_AUTH]},
    {"length": 0},
    {"length": 1},
    {"exts": ((raw("1.2.3.4"), True),)},
    {"ids": False},
    *({"exts": ((limit, True),)} for limit in LIMITS),
]
ROOT_DEFECTS = [
    defect
    for defect in DEFECTS
    if not {"purposes", "exts"} & defect.keys()
    or any(isinstance(e, x509.NameConstraints) for e, _ in defect.get("exts", ()))
]
"""Those that the oracle looks at in a trust anchor, too."""


def random_pki(seed: int) -> Chain:
    """Return authorities that sign each other at random, some with a defect."""
    r = random.Random(seed)
    names = [f"CA {i}" for i in range(r.randint(2, 5))]
    parties = [party(n, f"pki {i}") for i, n in enumerate(names)]
    if r.random() < 0.3:  # another authority of the same name
        parties.append(party(names[-1], "pki twin"))
    roots = r.sample(parties, r.randint(1, 2))

    def defect(kinds: list[dict[str, Any]], chance: float) -> dict[str, Any]:
        return dict(r.choice(kinds)) if r.random() < chance else {}

    anchors = [p.by(p, **defect(ROOT_DEFECTS, 0.15)) for p in roots]
    sent = []
    for _ in range(r.randint(2, 9)):
        subject, issuer = r.sample(parties, 2)
        if subject.name != issuer.name:  # self-issued ones count differently
            cert = subject.by(issuer, **defect(DEFECTS, 0.35))
            sent.append(tampered(cert) if r.random() < 0.05 else cert)
    kinds: list[dict[str, Any]] = [
        {"first": 1},
        {"last": -1},
        {"purposes": [Purpose.CLIENT_AUTH]},
        {"san": [DNS(HOST), DNS("b.test")]},
        {"ids": False},
        {"exts": ((raw("1.2.3.4"), True),)},
    ]
    cert = leaf(r.choice(parties), **defect(kinds, 0.15))
    return tampered(cert) if r.random() < 0.05 else cert, sent, anchors


@pytest.mark.parametrize("block", range(10))
def test_random_pkis_against_the_oracle(block: int) -> None:
    accepted = 0
    for seed in range(block * 60, block * 60 + 60):
        chain = random_pki(seed)
        found = verdict(chain)
        accepted += found.standing is YES
        says = relaxed(chain, HOST)
        if found.standing is YES and not says:  # in circles it gives up early
            short = chain[0], list(found.path[1:-1]), [found.path[-1]]
            says = relaxed(short, HOST)
        assert (found.standing is YES) is says, (seed, found.faults)
        assert (found.standing is YES) is not bool(found.faults), seed
        assert found.path[0] == chain[0], seed
        turned = chain[0], chain[1][::-1], chain[2][::-1]
        assert verdict(turned).faults == found.faults, seed
    assert 5 < accepted < 55  # so that both answers are tried


def test_a_cached_pool_says_the_same() -> None:
    for seed in range(60):
        leaf, sent, anchors = random_pki(seed)
        pool = Pool(sent, anchors)
        first = pool.judge(leaf, at=AT)
        assert first == pool.judge(leaf, at=AT)
        assert first == Pool((), anchors).including(sent).judge(leaf, at=AT)
        assert pool.including(sent) is pool
