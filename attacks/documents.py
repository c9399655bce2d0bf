"""Documents: JSON and TOML with odd values, too deep, too large; pipes and devices.

What comes out is an answer or a `CertlibError`, and soon.
"""

from __future__ import annotations

import copy
import json
import os
import random
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import forge
from cryptography.hazmat.primitives.asymmetric import rsa

from attacks import Outcome
from certlib import auditing, files, keys, requesting, stores
from certlib.auditing import comparing
from certlib.auditing.suppressions import Suppressions
from certlib.bundles import Bundle
from certlib.clock import PRACTICE_TIME
from certlib.endpoints import lists
from certlib.errors import CertlibError
from certlib.integrating import tls_settings
from certlib.issuers import training
from certlib.requesting import signing_requests
from certlib.specs import CertificateSpec
from certlib.stores.folder import FolderMachine
from certlib.trust import weak_keys

MUTANTS = {False: 60, True: 5000}
SOON = 15.0
"""Seconds in which each has to end: pipes are waited for, derivations take some."""

ODD = (
    *(None, True, -1, 1.5, 10**400, "", "\0", "\ud800", "x" * 100_000, [], {}, [[]]),
    *("2026-01-01", "9999-12-31T23:59:59", "00" * 20, {"a": None}, [1, None, "a"]),
)

Reader = Callable[[Path], object]


def documents(folder: Path) -> Iterator[tuple[str, Path, Any, Reader]]:
    """Yield what is read: its name, its place, an example, and who reads it."""
    leaf = forge.leaf()
    at = PRACTICE_TIME
    yield (
        "an earlier audit",
        folder / "audit.json",
        [_audited()],
        lambda path: comparing.compare(comparing.read(path), ()),
    )
    settings = folder / "tls.json"
    tls_settings.write(settings, leaf.leaf)
    yield "tls.json", settings, json.loads(settings.read_bytes()), tls_settings.read
    ca = training.found(folder / "ca", at=at)
    spec = CertificateSpec(("server.example.com",))
    request = requesting.prepare(spec, folder / "requests", at=at)
    facts = request.folder / "request.json"
    yield (
        "the facts of a request",
        facts,
        json.loads(facts.read_bytes()),
        lambda path: signing_requests.load(path.parent),
    )
    yield (
        "a list of revocations",
        ca.folder / "revoked.json",
        {"1f": at.isoformat(), "2f": at.isoformat()},
        lambda _: ca.revocation_list(at=at),
    )
    store = FolderMachine(folder / "stores").open(stores.PERSONAL)
    thumbprint = store.add(leaf).thumbprint
    for properties in sorted((folder / "stores").rglob("*.json")):

        def use(_: Path) -> object:
            store.may_read(thumbprint, "EXAMPLE\\somebody")
            return store.find(thumbprint), store.key_users(thumbprint), list(store)

        example = json.loads(properties.read_bytes())
        yield f"properties of a {properties.parent.name}", properties, example, use


def _audited() -> dict[str, Any]:
    summary = auditing.summary_with_trust(forge.leaf(), anchors=[])
    finding = {"rule": "expired", "severity": "error"}
    return {"summary": summary.to_json(), "place": "a.cer", "findings": [finding]}


def mutated(document: Any, chance: random.Random) -> Any:
    """Return a document with an odd value at one of its places."""
    document = copy.deepcopy(document)
    node, places = document, list(_places(document))
    if not places or chance.random() < 0.05:
        return chance.choice(ODD)
    node, key = chance.choice(places)
    if isinstance(node, dict) and chance.random() < 0.2:
        del node[key]
    else:
        node[key] = chance.choice(ODD)
    return document


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, dict | list):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield node, key
            yield from _places(node[key])


def tried(outcome: Outcome, name: str, work: Callable[[], object]) -> None:
    """Do a work, and note what comes out but an answer or a `CertlibError`."""
    begin = time.monotonic()
    outcome.tried += 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            work()
    except CertlibError:
        pass
    except BaseException as error:  # a panic is no Exception
        outcome.bad.append(f"{name}: {type(error).__name__}: {str(error)[:100]}")
    if (took := time.monotonic() - begin) > SOON:
        outcome.bad.append(f"{name} took {took:.0f} s")


def of_odd_values(thorough: bool) -> Outcome:
    outcome = Outcome("documents with an odd value")
    chance = random.Random(16)
    with tempfile.TemporaryDirectory() as folder:
        for name, path, example, read in documents(Path(folder)):
            before = path.read_bytes() if path.exists() else None
            for _ in range(MUTANTS[thorough]):
                text = json.dumps(mutated(example, chance))
                path.write_text(text)
                tried(outcome, f"{name}: {text[:200]}", lambda: read(path))  # noqa: B023
            for what, data in _bombs():
                path.write_bytes(data)
                tried(outcome, f"{name}, {what}", lambda: read(path))  # noqa: B023
            path.unlink() if before is None else path.write_bytes(before)
    return outcome


def _bombs() -> Iterable[tuple[str, bytes]]:
    return {
        "nested": b"[" * 200_000 + b"]" * 200_000,
        "nested objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "a long number": b"[" + b"9" * 1_000_000 + b"]",
        "not UTF-8": b'{"a": "\xff"}',
        "no JSON": b"\0" * 100,
        "large": b" " * (files.MAX_SIZE + 1),
    }.items()


def of_bombs() -> Outcome:
    outcome = Outcome("work bombs")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, work in _works(folder):
            tried(outcome, what, work)
    return outcome


def _works(folder: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    def file(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    entry = b'[[suppress]]\nrule="expired"\nreason="x"\nuntil=2027-01-01\n'
    for what, data in {
        "nested TOML": b"a=" + b"[" * 100_000 + b"]" * 100_000,
        "nested tables": b"a=" + b"{a=" * 50_000 + b"1" + b"}" * 50_000,
        "no tables": b"suppress=[1, 2]",
        "many entries": entry * 20_000,
        "a pattern": entry + b'certificate="' + b"*a" * 100_000 + b'"\n',
        "a moment": entry.replace(b"2027-01-01", b"2027-01-01T00:00:00"),
        "a long key": b"a." * 50_000 + b"a=1",
    }.items():
        path = file("suppress.toml", data)
        yield what, lambda path=path: Suppressions.read(path)
    path = file("servers.csv", b"host;port\n" + b'"' + b"a" * 300_000 + b'";443\n')
    yield "a list with a long cell", lambda: lists.read(path.read_bytes())
    large = rsa.RSAPublicNumbers(65537, (1 << 20_000) + 1)
    yield "a modulus of 20,001 bits", lambda: weak_keys.weaknesses(large.public_key())
    for what, derivation in _derivations().items():
        yield what, lambda d=derivation: keys.read_private_key(d, "passphrase")
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    for device in (pipe, Path("/dev/zero"), Path("/dev/tty"), Path("/dev/random")):
        yield str(device), lambda device=device: files.read(device)
        yield f"audit of {device}", lambda device=device: Bundle.read(device)


def _derivations() -> dict[str, bytes]:
    """Return keys that claim to take two thousand million rounds to open."""
    from asn1crypto import keys as asn1
    from asn1crypto import pem

    data = keys.write_private_key(forge.key(1), "passphrase")
    parsed = asn1.EncryptedPrivateKeyInfo.load(pem.unarmor(data)[2])
    kdf = parsed["encryption_algorithm"]["parameters"]["key_derivation_func"]
    kdf["parameters"]["iteration_count"] = 2**31 - 1
    return {"2^31 - 1 rounds": parsed.dump(force=True)}


def attack(thorough: bool = False) -> list[Outcome]:
    """Return what came of odd documents and bombs."""
    return [of_odd_values(thorough), of_bombs()]
