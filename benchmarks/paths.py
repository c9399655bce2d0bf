"""How fast is the judge of paths? `uv run python benchmarks/paths.py [--json]`.

Figures are CPU time on one core. Each leaf has a key and a signature of its own, as
the certificates of a fleet have: nothing but what is above them is met twice.

path     from the bytes to a verdict: read, verify, judge up to the root.
audit    the same with a summary and all rules, as `certlib audit` does it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from collections.abc import Callable, Iterator

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certlib.rules import Context, Judge
from certlib.trust import places
from certlib.trust.roots import Trust

AT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
ISSUERS = 20
Key = ec.EllipticCurvePrivateKey


def key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    name: str, own: Key, issuer: str, signer: Key, *, ca: bool
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    public = own.public_key()
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    build = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - 30 * DAY)
        .not_valid_after(AT + 60 * DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .add_extension(identifier, False)
    )
    if ca:
        build = build.add_extension(x509.BasicConstraints(True, None), True)
    else:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        build = build.add_extension(usage, False).add_extension(names, False)
    return build.sign(signer, hashes.SHA256())


def made(number: int) -> tuple[list[bytes], Callable[[], Trust]]:
    """Return leaves in DER, and what trusts the root above their 20 issuers."""
    top = key()
    root = certificate("Root", top, "Root", top, ca=True)
    signers = [key() for _ in range(ISSUERS)]
    issuers = [
        certificate(f"Issuing {i}", one, "Root", top, ca=True)
        for i, one in enumerate(signers)
    ]
    leaves = [
        certificate(
            f"h{i}.example.com",
            key(),
            f"Issuing {i % ISSUERS}",
            signers[i % ISSUERS],
            ca=False,
        ).public_bytes(Encoding.DER)
        for i in range(number)
    ]
    return leaves, lambda: Trust.of((), [root], issuers)


def read(leaves: list[bytes]) -> Iterator[x509.Certificate]:
    return map(x509.load_der_x509_certificate, leaves)


def path(leaves: list[bytes], trust: Trust) -> None:
    for one in read(leaves):
        assert trust.pool.judge(one, at=AT).anchor is not None


def audit(leaves: list[bytes], trust: Trust) -> None:
    judge = Judge(Context(AT))
    for one in read(leaves):
        summary = places.in_file(one, (), trust).judged(AT)
        assert summary.surroundings.trusted
        judge(summary)


def seconds(act: Callable[[], None]) -> float:
    begin = time.process_time()
    act()
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--leaves", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    leaves, fresh = made(asked.leaves)  # each remembers the signatures it has seen
    took = {
        "path": seconds(lambda: path(leaves, fresh())),
        "audit": seconds(lambda: audit(leaves, fresh())),
    }
    if asked.json:
        print(json.dumps({"leaves": asked.leaves, "seconds": took}))
        return
    for name, figure in took.items():
        each = figure / asked.leaves * 1e6
        print(f"{name:6} {figure:6.1f} s for {asked.leaves:,}, {each:.0f} µs each")


if __name__ == "__main__":
    main()
