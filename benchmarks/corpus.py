"""The certificates that are measured: odd ones, public ones, and ours.

cryptography's own test certificates, the roots that certifi brings, and leaves
made here: three RSA keys to one ECDSA key, with one to five names, released by
an internal CA the way AD CS does it.
"""

from __future__ import annotations

import base64
import contextlib
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import cryptography_vectors
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

LEAVES = 5000
AT = datetime(2026, 11, 2, tzinfo=UTC)

_PEM = re.compile(
    rb"-----BEGIN (?:X509 )?CERTIFICATE-----(.*?)-----END (?:X509 )?CERTIFICATE-----",
    re.DOTALL,
)


def corpus(leaves: int = LEAVES) -> list[bytes]:
    """Return all of them in DER, each once."""
    return list(dict.fromkeys([*vectors(), *roots(), *made(leaves)]))


def vectors() -> list[bytes]:
    folder = Path(cryptography_vectors.__file__).parent / "x509"
    found: list[bytes] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not {"ocsp", "requests"} & set(path.parts):
            found += certificates(path.read_bytes())
    return found


def roots() -> list[bytes]:
    return certificates(Path(certifi.where()).read_bytes())


def certificates(data: bytes) -> list[bytes]:
    """Return what claims to be a certificate, whether it can be read or not."""
    if b"-----BEGIN" not in data:
        return [data] if data.startswith(b"\x30") and b".crl" not in data else []
    found = []
    for text in _PEM.findall(data):
        with contextlib.suppress(ValueError):
            found.append(base64.b64decode(text))
    return found


def made(count: int = LEAVES) -> list[bytes]:
    """Return leaves of an internal CA, of the same kinds each time."""
    choose = random.Random(1)
    signer = ec.generate_private_key(ec.SECP256R1())
    pool = [rsa.generate_private_key(65537, 2048).public_key() for _ in range(12)]
    pool += [ec.generate_private_key(ec.SECP256R1()).public_key() for _ in range(4)]
    return [_leaf(n, choose, signer, choose.choice(pool)) for n in range(count)]


def _leaf(
    number: int,
    choose: random.Random,
    signer: ec.EllipticCurvePrivateKey,
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
) -> bytes:
    names = [f"server{number}-{n}.example.com" for n in range(choose.randint(1, 5))]
    begin = AT - timedelta(days=choose.randint(0, 700))
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(CN=names[0], O="Example AG", L="Stuttgart", C="DE"))
        .issuer_name(_name(CN="Example Issuing CA", DC="example"))
        .public_key(key)
        .serial_number(choose.getrandbits(126) | 1 << 126)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=choose.choice([90, 365, 730, 1095])))
    )
    for extension, critical in _extensions(names, key, signer):
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


def _name(**parts: str) -> x509.Name:
    oids = {
        "CN": NameOID.COMMON_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "L": NameOID.LOCALITY_NAME,
        "C": NameOID.COUNTRY_NAME,
        "DC": NameOID.DOMAIN_COMPONENT,
    }
    return x509.Name(
        [x509.NameAttribute(oids[k], v) for k, v in reversed(parts.items())]
    )


def _extensions(names, key, signer):
    is_rsa = isinstance(key, rsa.RSAPublicKey)
    url = x509.UniformResourceIdentifier("http://pki.example.com/issuing.crt")
    usage = x509.KeyUsage(True, False, is_rsa, *[False] * 6)
    access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, url)
    point = x509.DistributionPoint([url], None, None, None)
    own = x509.SubjectKeyIdentifier.from_public_key(key)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return [
        (x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False),
        (usage, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (own, False),
        (authority, False),
        (x509.CRLDistributionPoints([point]), False),
        (x509.AuthorityInformationAccess([access]), False),
    ]
