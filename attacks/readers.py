"""Readers: certificate files with bytes changed, cut out, doubled, put together.

What a reader broke down over is kept in `attacks/found`, and tried again each time.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import forge
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from attacks import Outcome
from attacks.documents import tried
from certlib import auditing, inspecting, keys, rules
from certlib.bundles import Bundle
from certlib.clock import PRACTICE_TIME
from certlib.requesting import signing_requests
from certlib.rules import Context
from certlib.specs import CertificateSpec
from certlib.trust.pool import Pool
from certlib.trust.revocation import Lookup

SECONDS = {False: 60.0 if os.environ.get("CI") else 10.0, True: 3600.0}
FOUND = Path(__file__).parent / "found"
PASSPHRASE = "Practice-1"
CONTEXT = Context(PRACTICE_TIME, server_name="server.example.com")


def examples() -> dict[str, bytes]:
    bundle = forge.chain()
    spec = CertificateSpec(("server.example.com", "*.example.com", "192.0.2.1"))
    request = signing_requests.build(spec, forge.key(0))
    plain = keys.write_private_key(forge.key(1))
    return {
        "a certificate": bundle.to_der(),
        "PEM with chain and key": bundle.to_pem(),
        "a PFX": bundle.to_pfx(PASSPHRASE),
        "a P7B": pkcs7.serialize_certificates(bundle.certificates, Encoding.DER),
        "a request": request.public_bytes(Encoding.DER),
        "a request as PEM": request.public_bytes(Encoding.PEM),
        "a key": plain,
        "an encrypted key": keys.write_private_key(forge.key(1), PASSPHRASE),
    }


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return bytes with one to four changes."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(changed) + 1)
        end = min(len(changed), start + chance.choice((0, 1, 1, 2, 8, 100)))
        put = chance.choice(
            (
                b"",
                chance.randbytes(end - start),
                bytes([chance.choice((0, 1, 0x7F, 0x80, 0x84, 0xFF, 0x30, 0x05))]),
                changed[start:end] * 2,
                other[start:end],
            )
        )
        changed[start:end] = put
    return bytes(changed)


def read(data: bytes) -> object:
    """Read bytes as the viewer and an audit do, and judge what is in them."""
    thing = inspecting.read(data, passphrase=PASSPHRASE)
    inspecting.view(thing, at=PRACTICE_TIME)
    if isinstance(thing, Bundle):
        summary = auditing.summary_with_trust(thing, anchors=[])
    else:
        summary = inspecting.summarize(thing)
    return rules.judge(summary, CONTEXT)


def inputs(chance: random.Random, end: float) -> Iterator[tuple[str, bytes]]:
    for path in sorted(FOUND.glob("*.bin")):
        yield path.name, path.read_bytes()
    known = examples()
    while time.monotonic() < end:
        name, other = chance.choice(list(known)), chance.choice(list(known.values()))
        yield name, mutated(known[name], other, chance)


class _Network:
    """What lies at each address: the same bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def fetch(self, url: str, question: bytes = b"") -> bytes:
        return self.data


def of_revocation(thorough: bool) -> Outcome:
    """Lists and answers with changed bytes, as somebody's server sends them."""
    import pki
    import revoking

    outcome = Outcome("revocation lists and answers with changed bytes, judged")
    url = "http://ca.example.com/"
    where = ((revoking.at_address(url), False), (revoking.asked_at(url), False))
    leaf = pki.leaf(pki.INT, exts=where)
    known = [revoking.crl(leaf).public_bytes(Encoding.DER), revoking.answered(leaf)]
    chance = random.Random() if thorough else random.Random(16)
    pool = Pool([pki.issuing], [pki.root])
    end = time.monotonic() + SECONDS[thorough] / 4
    while time.monotonic() < end:
        data = mutated(chance.choice(known), chance.choice(known), chance)

        def work(data: bytes = data) -> object:
            network: Any = _Network(data)
            asked = Lookup.of((), network).asking(pki.AT, data)
            return pool.judge(leaf, at=pki.AT, revocation=asked, server=True)

        tried(outcome, data.hex(), work)
    return outcome


def attack(thorough: bool = False) -> list[Outcome]:
    """Return what came of reading changed files."""
    outcome = Outcome("files with changed bytes, read and judged")
    chance = random.Random() if thorough else random.Random(16)
    for name, data in inputs(chance, time.monotonic() + SECONDS[thorough]):
        before = len(outcome.bad)
        work: Callable[[], object] = lambda data=data: read(data)  # noqa: E731
        tried(outcome, name, work)
        if len(outcome.bad) > before:
            FOUND.mkdir(exist_ok=True)
            (FOUND / f"{hashlib.sha256(data).hexdigest()[:16]}.bin").write_bytes(data)
    return [outcome, of_revocation(thorough)]
