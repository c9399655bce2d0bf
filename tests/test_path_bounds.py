"""The path judge: which path it tells of, and what bounds its work."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from pki import (
    AT,
    DNS,
    INT,
    OTHER,
    ROOT,
    good,
    issuing,
    leaf,
    limited,
    other,
    party,
    root,
)

from certlib.parsers import UNREADABLE, panics_as_errors
from certlib.trust.faults import Standing
from certlib.trust.pool import Pool, Verdict, judge
from certlib.trust.signatures import SignatureCache

YES, NO, OPEN = Standing.YES, Standing.NO, Standing.NOT_JUDGED


def test_a_path_that_is_tried_first_and_fails_is_told() -> None:
    limited = INT.by(OTHER, purposes=[Purpose.CLIENT_AUTH], last=90)
    found = judge(good, [limited, issuing], [root, other], at=AT)
    assert (YES, True) == (found.standing, found.alternatives)
    assert (good, issuing, root) == found.path
    assert not judge(good, [issuing], [root], at=AT).alternatives


def test_a_path_that_others_may_try_first_is_told_in_any_order() -> None:
    own = INT.by(INT)  # its root by itself, which nobody trusts
    for sent in ([own, issuing], [issuing, own]):
        assert judge(good, sent, [root], at=AT).alternatives
    ended = INT.by(ROOT, last=-1)  # which clients pass over
    assert not judge(good, [ended, issuing], [root], at=AT).alternatives


def test_the_fault_stands_at_its_certificate() -> None:
    ended = INT.by(ROOT, last=-1)
    found = judge(good, [ended], [root], at=AT)
    assert [("issuer-expired", 1)] == [(f.rule, f.depth) for f in found.faults]
    assert (good, ended, root) == found.path
    assert root == found.anchor


def test_the_signature_cache_is_bounded() -> None:
    cache = SignatureCache(limit=2)
    for i in range(5):
        judge(leaf(INT, f"h{i}.test"), [issuing], [root], at=AT, cache=cache)
    assert 0 < len(cache) <= 2


def took(act: Callable[[], Any]) -> float:
    begin = time.process_time()
    act()
    return time.process_time() - begin


def test_a_thousand_issuers_of_one_name_are_bounded() -> None:
    twins = [party("Issuing", f"twin {i}").by(ROOT) for i in range(1000)]
    pool = Pool([*twins, issuing], [root])
    assert YES is pool.judge(good, at=AT).standing  # by the key identifier
    lost = leaf(INT, ids=False, last=20)
    found: list[Verdict] = []
    seconds = took(lambda: found.append(Pool(twins, [root]).judge(lost, at=AT)))
    assert OPEN is found[0].standing
    assert ["chain-too-complex"] == [fault.rule for fault in found[0].faults]
    assert seconds < 2


def test_hundreds_of_one_name_that_sign_themselves_are_judged_fast() -> None:
    kept = SignatureCache()
    twins = [one.by(one) for one in (party("Own", f"own {i}") for i in range(300))]
    pool = Pool(twins, [root], cache=kept)
    found = [pool.judge(one, at=AT) for one in twins]
    assert {("root-unknown",)} == {
        tuple(f.rule for f in one.faults if f.rule == "root-unknown") for one in found
    }
    assert len(twins) == len(kept)  # each was asked of its own key, and of no other


def test_authorities_that_all_sign_each_other_are_bounded() -> None:
    mesh = [party(f"M{i}", f"mesh {i}") for i in range(20)]
    sent = [a.by(b, ids=False) for a in mesh for b in mesh if a is not b]
    lost = leaf(mesh[0])
    found: list[Verdict] = []
    seconds = took(lambda: found.append(judge(lost, sent, [root], at=AT)))
    assert OPEN is found[0].standing
    assert seconds < 2
    over = NO, "expired"
    ended = judge(leaf(mesh[0], last=-1), sent, [root], at=AT)
    assert over == (ended.standing, ended.faults[0].rule)


def test_a_thousand_constraints_are_bounded() -> None:
    trees = [DNS(f"d{i}.test") for i in range(1000)]
    limits = ((x509.NameConstraints(None, trees), True),)
    issuer = INT.by(ROOT, exts=limits)
    few, many = leaf(INT), leaf(INT, san=[DNS(f"h{i}.test") for i in range(1000)])
    pool = Pool([issuer], [root])
    found: list[Verdict] = []
    seconds = took(
        lambda: found.extend(pool.judge(c, at=AT) for c in [*[few] * 50, many])
    )
    assert (YES, OPEN) == (found[0].standing, found[-1].standing)
    assert seconds < 2


def test_speed() -> None:
    parties = [party(f"Issuing {i}", f"i{i}") for i in range(20)]
    pool = Pool([p.by(ROOT) for p in parties], [root])
    leaves = [leaf(parties[i % 20], f"h{i}.test") for i in range(2000)]
    der = [one.public_bytes(serialization.Encoding.DER) for one in leaves]
    fresh = [x509.load_der_x509_certificate(one) for one in der]
    pool.judge(leaves[0], at=AT)
    seconds = took(lambda: [pool.judge(one, at=AT) for one in fresh])
    print(f"{seconds / len(fresh) * 1e6:.0f} µs a leaf")
    assert seconds / len(fresh) < 0.001


def odd_certificates() -> list[x509.Certificate]:
    """Return what can be loaded of the library's own odd certificates."""
    vectors = pytest.importorskip("cryptography_vectors")
    found = []
    for path in sorted((Path(vectors.__file__).parent / "x509").rglob("*")):
        if path.suffix not in {".pem", ".der", ".crt", ".cer"}:
            continue
        data = path.read_bytes()
        try:
            with panics_as_errors():
                if b"-----BEGIN" in data:
                    found += x509.load_pem_x509_certificates(data)
                else:
                    found.append(x509.load_der_x509_certificate(data))
        except UNREADABLE:
            continue
    return found


@pytest.mark.filterwarnings("ignore")
def test_odd_certificates_are_judged_without_breaking_down() -> None:
    odd = odd_certificates()
    assert len(odd) > 100
    pool = Pool(odd, odd[::2])
    for one in odd:
        for found in (pool.judge(one, at=AT), judge(one, [], [one], at=AT)):
            assert (found.standing is YES) is not bool(found.faults)
            assert all(fault.detail for fault in found.faults)


@pytest.mark.filterwarnings("ignore")
def test_torn_certificates_are_judged_without_breaking_down() -> None:
    r = random.Random(7)
    whole = [issuing, leaf(INT), limited([DNS("example.com")])()[1][0], root]
    torn = []
    for _ in range(3000):
        der = bytearray(r.choice(whole).public_bytes(serialization.Encoding.DER))
        der[r.randrange(len(der))] = r.randrange(256)
        try:
            with panics_as_errors():
                torn.append(x509.load_der_x509_certificate(bytes(der)))
        except UNREADABLE:
            continue
    assert len(torn) > 1000
    pool = Pool([*torn[:50], issuing], [root])
    known = {good, issuing, root}
    for one in torn:
        found = pool.judge(one, at=AT)
        judge(good, [one], [root], at=AT)
        judge(good, [issuing], [one], at=AT)
        accepted = found.standing is YES and one not in known
        assert not accepted or one.tbs_certificate_bytes in {
            c.tbs_certificate_bytes for c in whole
        }, found
