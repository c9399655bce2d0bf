"""Weak keys: found by a real library, with its list and without."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import forge
import gmpy2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import auditing, inspecting
from certlib.auditing.sources import DataSource
from certlib.endpoints import Endpoint, Presented
from certlib.integrating import checks
from certlib.keys import KeyKind
from certlib.rules import Context, Severity
from certlib.trust import weak_keys
from certlib.trust.roots import Trust


def key_of(p: int, q: int) -> rsa.RSAPrivateKey:
    """Return the private key that two primes make."""
    e, n = 65537, p * q
    d = pow(e, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(
        p,
        q,
        d,
        rsa.rsa_crt_dmp1(d, p),
        rsa.rsa_crt_dmq1(d, q),
        rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(e, n),
    ).private_key()


@pytest.fixture(scope="module")
def close_primes() -> rsa.RSAPrivateKey:
    q = forge.key().private_numbers().q
    return key_of(int(gmpy2.next_prime(q)), q)


def test_primes_that_are_too_close_are_known(close_primes):
    (said,) = weak_keys.weaknesses(close_primes.public_key())
    assert "Fermat factorization" in said


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.ECDSA_P256])
def test_nothing_is_known_against_a_usual_key(kind):
    assert () == weak_keys.weaknesses(forge.key(kind=kind).public_key())


def test_a_number_over_which_a_check_breaks_down_is_no_end():
    odd = rsa.RSAPublicNumbers(65537, 2**1024).public_key()
    square, small = weak_keys.weaknesses(odd)
    assert "square" in square
    assert "Small prime factors" in small


def test_keys_of_kinds_that_nobody_checks_are_no_error():
    assert () == weak_keys.weaknesses(forge.key(kind="Ed448").public_key())


def test_an_audit_says_it_of_each_certificate_with_the_key(close_primes):
    bundles = [
        forge.leaf(common_name=name, san=[name], issuer=forge.ca(), private_key=key)
        for name, key in (
            ("a.example.com", close_primes),
            ("b.example.com", close_primes),
            ("c.example.com", forge.key(7)),
        )
    ]
    data = b"".join(b.leaf.public_bytes(Encoding.PEM) for b in bundles)
    found = list(
        auditing.audit(
            [DataSource(lambda: data, "three.pem")], Context(forge.AT, practice=True)
        )
    )
    assert [
        [("key-known-weak", Severity.ERROR), ("key-shared", Severity.WARNING)],
        [("key-known-weak", Severity.ERROR), ("key-shared", Severity.WARNING)],
        [],
    ] == [[(f.rule, f.severity) for f in one.findings] for one in found]
    assert "also in three.pem #2" == found[0].findings[1].detail
    assert "also in three.pem #1" == found[1].findings[1].detail


def test_every_face_says_it(close_primes):
    root = forge.ca()
    bundle = forge.leaf(issuer=root, private_key=close_primes)
    trust = Trust.of([root.leaf])
    context = Context(forge.AT, server_name="server.example.com", practice=True)
    endpoint = Endpoint("server.example.com", 443)
    sent = Presented(endpoint, (bundle.leaf, root.leaf), "TLSv1.3", "TLS_AES_256")
    seen = checks.check(sent, context=context, trust=trust)
    assert [["certificate"]] == [
        [one.subject for one in seen if one.passed is False and "Fermat" in one.detail]
    ]
    summary = inspecting.judged(bundle, "", at=forge.AT, trust=trust)
    found = inspecting.check(summary, "", at=forge.AT, practice=True)
    assert "key-known-weak" in {one.rule for one in found}


def test_published_private_keys_are_known_where_the_list_was_fetched(tmp_path):
    """The list has the form that `badkeys --update-bl` gives it."""
    bundle = forge.leaf(issuer=forge.ca())
    modulus = bundle.leaf.public_key().public_numbers().n
    digest = hashlib.sha256(modulus.to_bytes(256, "big")).digest()
    folder = tmp_path / "badkeys"
    folder.mkdir()
    (folder / "blocklist.dat").write_bytes(digest[:15] + b"\x07")
    about = {"blocklists": [{"id": 7, "name": "debian-2008"}]}
    (folder / "badkeysdata.json").write_text(json.dumps(about))
    (tmp_path / "a.cer").write_bytes(forge.der(bundle))

    def audited(cache: Path) -> str:
        return subprocess.run(
            [sys.executable, "-m", "certlib", "audit", "a.cer"],
            cwd=tmp_path,
            env={**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    assert "debian-2008" in audited(tmp_path)
    assert "debian-2008" not in audited(tmp_path / "elsewhere")
