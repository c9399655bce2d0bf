"""Keys of a path: which ones clients take."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from certlib.parsers import attempt
from certlib.trust.credentials import Credential
from certlib.trust.faults import Fault

MIN_RSA_BITS = 2048
"""The smallest RSA key that clients with today's settings take."""

_NAMED_CURVES = tuple(
    bytes.fromhex(f"{head}06072a8648ce3d0201{curve}")
    for head, curve in (
        ("30593013", "06082a8648ce3d03010703420004"),
        ("30763010", "06052b8104002203620004"),
        ("30819b3010", "06052b810400230381860004"),
    )
)
"""How keys on P-256, P-384 and P-521 begin when their curve is named.

And the point has both its numbers: RFC 5480 section 2.2 lets clients do without the
shorter form, and forbids the mixed one.
"""

_PSS_KEY = "1.2.840.113549.1.1.10"


def fault(certificate: Credential, depth: int) -> Fault | None:
    """Return what is wrong with the key of a certificate, or None."""
    match certificate.public_key:
        case ec.EllipticCurvePublicKey() as key:
            return _curve_fault(key, certificate, depth)
        case rsa.RSAPublicKey() as key:
            return _rsa_fault(key, certificate, depth)
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            return None
        case dsa.DSAPublicKey():
            return Fault("key-unusual", depth, "the key is a DSA key")
        case None:
            return _odd_key_fault(certificate, depth)
    detail = "the key is of a kind that no TLS client knows"
    return Fault("key-unusual", depth, detail, wrong=False)


def _weak(depth: int, detail: str) -> Fault:
    return Fault("issuer-key-weak" if depth else "key-weak", depth, detail)


def _rsa_fault(
    key: rsa.RSAPublicKey, certificate: Credential, depth: int
) -> Fault | None:
    weak = _weak_rsa(key.key_size, key.public_numbers().e, depth)
    if weak is not None:
        return weak
    oid = certificate.certificate.public_key_algorithm_oid.dotted_string
    if oid == _PSS_KEY:
        detail = "the key is for RSASSA-PSS only, which browsers do not take"
        return Fault("key-unusual", depth, detail, wrong=False)
    return None


def _weak_rsa(bits: int, exponent: int, depth: int) -> Fault | None:
    if bits < MIN_RSA_BITS:
        detail = f"the RSA key has {bits} bits; {MIN_RSA_BITS} are the least"
        return _weak(depth, detail)
    if exponent < 3 or exponent % 2 == 0:
        rule = "issuer-key-weak" if depth else "key-exponent"
        return Fault(rule, depth, f"the exponent of the RSA key is {exponent}")
    return None


def _curve_fault(
    key: ec.EllipticCurvePublicKey, certificate: Credential, depth: int
) -> Fault | None:
    if certificate.spki.startswith(_NAMED_CURVES):
        return None
    if not certificate.names_its_curve:
        return _explicit(depth)
    if key.key_size < 224:
        return _weak(depth, f"the key is on the curve {key.curve.name}, a small one")
    detail = f"the key is on {key.curve.name}, which browsers do not take"
    if key.curve.name in ("secp256r1", "secp384r1", "secp521r1"):
        detail = "the point of the key is written in a form that few clients read"
    return Fault("key-unusual", depth, detail, wrong=False)


def _explicit(depth: int) -> Fault:
    detail = "the curve of the key is written out in numbers instead of named"
    return Fault("curve-explicit", depth, detail)


def _odd_key_fault(certificate: Credential, depth: int) -> Fault:
    with attempt():
        info = certificate.loose_key
        if info.algorithm == "ec" and info.curve[0] == "specified":
            return _explicit(depth)
        if info.algorithm in {"rsa", "rsassa_pss"}:
            numbers = info["public_key"].parsed
            bits = numbers["modulus"].native.bit_length()
            weak = _weak_rsa(bits, numbers["public_exponent"].native, depth)
            if weak is not None:
                return weak
    return Fault("key-unusual", depth, "the key cannot be read here", wrong=False)
