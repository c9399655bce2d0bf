"""The certificates that are measured: odd ones, public ones, and ours.

cryptography's own test vectors, the roots that certifi brings, and leaves
made here: RSA and ECDSA keys, with names, dates and faults of all kinds.
"""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import certifi
import cryptography_vectors
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certlib import bundles

LEAVES = 5000


def corpus(leaves: int = LEAVES) -> list[bytes]:
    """Return all of them in DER, each once."""
    found = [*vectors(), *roots(), *made(leaves)]
    return list(dict.fromkeys(found))


def vectors() -> list[bytes]:
    folder = Path(cryptography_vectors.__file__).parent / "x509"
    return [
        der
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".pem", ".der", ".crt", ".cer"}
        for der in _certificates(path.read_bytes())
    ]


def roots() -> list[bytes]:
    return _certificates(Path(certifi.where()).read_bytes())


def _certificates(data: bytes) -> list[bytes]:
    return [piece.der for piece in bundles.pieces(data)] if data else []


def made(count: int) -> list[bytes]:
    """Return leaves of a CA, the same kinds each time."""
    choose = random.Random(1)
    at = datetime(2026, 11, 2, tzinfo=UTC)
    signer = ec.generate_private_key(ec.SECP256R1())
    pool = [rsa.generate_private_key(65537, 2048).public_key() for _ in range(8)]
    pool += [ec.generate_private_key(ec.SECP256R1()).public_key() for _ in range(200)]
    return [_leaf(n, choose, at, signer, choose.choice(pool)) for n in range(count)]
