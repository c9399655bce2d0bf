"""Signatures: whether a key made one, looked at once for each pair.

The key is asked directly: the library's own comparison of certificates takes
names byte by byte and refuses SHA-1, which is another fault than a forgery.
"""

from __future__ import annotations

from enum import Enum

from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import (
    dsa,
    ec,
    ed448,
    ed25519,
    padding,
    rsa,
)
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certlib.parsers import attempt
from certlib.trust.credentials import Credential

WEAK = {"md2", "md4", "md5", "sha1"}
"""Digests for which two texts with the same value can be made."""

WEAK_ALGORITHMS = {
    "1.2.840.113549.1.1.2": "md2",
    "1.2.840.113549.1.1.3": "md4",
    "1.2.840.113549.1.1.4": "md5",
    "1.2.840.113549.1.1.5": "sha1",
    "1.3.14.3.2.29": "sha1",
    "1.2.840.10040.4.3": "sha1",
    "1.2.840.10045.4.1": "sha1",
}


class Link(Enum):
    """Whether the key of one certificate signed another one."""

    CONFIRMED = "confirmed"
    DENIED = "denied"
    NOT_CHECKED = "not checked"


class SignatureCache:
    """What was found out about signatures, bounded in size.

    Args:
        limit: pairs to remember; beyond, all are forgotten.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._links: dict[tuple[bytes, bytes], Link] = {}
        self._makers: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._links)

    def settled(self, certificate: Credential) -> bool:
        """Tell whether the key that made the signature is known."""
        return certificate.digest in self._makers

    def link(self, issuer: Credential, certificate: Credential) -> Link:
        """Tell whether the issuer's key signed the certificate.

        Once the key that made it is found, no other is tried: of thousands with the
        same name, one did.
        """
        pair = issuer.spki, certificate.digest
        if (known := self._links.get(pair)) is not None:
            return known
        maker = self._makers.get(certificate.digest)
        if maker is not None and maker != issuer.key_bits:
            return Link.DENIED
        if len(self._links) >= self._limit:
            self._links.clear()
            self._makers.clear()
        known = self._links[pair] = verify(issuer, certificate)
        if known is Link.CONFIRMED:
            self._makers[certificate.digest] = issuer.key_bits
        return known


def verify(issuer: Credential, certificate: Credential) -> Link:
    """Tell whether the issuer's key signed the certificate, without a cache."""
    if certificate.has_odd_trailer:  # which the library passes over
        return Link.NOT_CHECKED
    with attempt():
        signed = certificate.certificate
        return made_with(issuer, signed, signed.tbs_certificate_bytes)
    return Link.NOT_CHECKED


Signed = x509.Certificate | x509.CertificateRevocationList | ocsp.OCSPResponse


def made_with(issuer: Credential, signed: Signed, content: bytes) -> Link:
    """Tell whether the issuer's key signed something, of which this is the content."""
    if issuer.public_key is None:
        return Link.NOT_CHECKED
    with attempt() as reading:
        return _verify(issuer.public_key, signed, content)
    denied = isinstance(reading.error, InvalidSignature)
    return Link.DENIED if denied else Link.NOT_CHECKED


def _verify(key: CertificatePublicKeyTypes, signed: Signed, content: bytes) -> Link:
    signature, oid = signed.signature, signed.signature_algorithm_oid.dotted_string
    scheme, digest = _scheme(signed)
    match key:
        case ec.EllipticCurvePublicKey() if digest and oid.startswith(_ECDSA):
            # Of SHA-1, the library does not say that it is ECDSA.
            key.verify(signature, content, ec.ECDSA(digest))
        case rsa.RSAPublicKey() if digest is not None and oid.startswith(_RSA):
            # Of MD5, the library does not say how it is padded.
            scheme = padding.PKCS1v15() if scheme is None else scheme
            assert not isinstance(scheme, ec.ECDSA)  # noqa: S101
            key.verify(signature, content, scheme, digest)
        case dsa.DSAPublicKey() if scheme is None and digest is not None:
            key.verify(signature, content, digest)
        case ed25519.Ed25519PublicKey() if oid == "1.3.101.112":
            key.verify(signature, content)
        case ed448.Ed448PublicKey() if oid == "1.3.101.113":
            key.verify(signature, content)
        case (
            ec.EllipticCurvePublicKey()
            | rsa.RSAPublicKey()
            | dsa.DSAPublicKey()
            | ed25519.Ed25519PublicKey()
            | ed448.Ed448PublicKey()
        ):
            return Link.DENIED  # the algorithm is one of another kind of key
        case _:
            return Link.NOT_CHECKED  # of ML-DSA, for example
    return Link.CONFIRMED


Scheme = padding.PKCS1v15 | padding.PSS | ec.ECDSA | None


def _scheme(signed: Signed) -> tuple[Scheme, hashes.HashAlgorithm | None]:
    """Return how the algorithm is used, which the library tells but of answers."""
    if not isinstance(signed, ocsp.OCSPResponse):
        return signed.signature_algorithm_parameters, signed.signature_hash_algorithm
    oid = signed.signature_algorithm_oid.dotted_string
    if oid == _PSS:
        return _pss_of_answer(signed)
    return None, signed.signature_hash_algorithm


def _pss_of_answer(signed: ocsp.OCSPResponse) -> tuple[Scheme, hashes.HashAlgorithm]:
    digest, mask, salt = _pss_parameters(signed)
    scheme = padding.PSS(padding.MGF1(_digest_called(mask)), salt)
    return scheme, _digest_called(digest)


def _pss_parameters(signed: ocsp.OCSPResponse) -> tuple[str, str, int]:
    """Return the digest, that of the mask, and the salt's length (RFC 4055 3.1)."""
    answer = asn1_ocsp.OCSPResponse.load(signed.public_bytes(Encoding.DER))
    said = answer["response_bytes"]["response"].parsed["signature_algorithm"]
    parameters = said["parameters"]
    return (
        parameters["hash_algorithm"]["algorithm"].native,
        parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native,
        parameters["salt_length"].native,
    )


def _digest_called(name: str) -> hashes.HashAlgorithm:
    digest: hashes.HashAlgorithm = getattr(hashes, name.upper())()
    return digest


def weak_digest_of_answer(signed: ocsp.OCSPResponse) -> str | None:
    """Return the weak digest that an answer is signed with, or None."""
    oid = signed.signature_algorithm_oid.dotted_string
    if oid != _PSS:
        return WEAK_ALGORITHMS.get(oid)
    used = _pss_parameters(signed)[:2]
    return next((name for name in used if name in WEAK), None)


def weak_digest(certificate: Credential) -> str | None:
    """Return the weak digest that a signature is made with, or None.

    RSASSA-PSS has two of them, in its parameters.
    """
    signed = certificate.certificate
    with attempt() as reading:
        oid = signed.signature_algorithm_oid.dotted_string
        if oid != _PSS:
            return WEAK_ALGORITHMS.get(oid)
        digest = signed.signature_hash_algorithm
        scheme = signed.signature_algorithm_parameters
    if reading.failed:
        return _weak_in_odd_parameters(certificate)
    used = [digest]
    if isinstance(scheme, padding.PSS) and isinstance(scheme.mgf, padding.MGF1):
        used.append(scheme.mgf._algorithm)
    return next((d.name for d in used if d is not None and d.name in WEAK), None)


_ECDSA, _RSA = "1.2.840.10045.4.", "1.2.840.113549.1.1."
_PSS = f"{_RSA}10"


def _weak_in_odd_parameters(certificate: Credential) -> str | None:
    with attempt():
        algorithm = asn1_x509.Certificate.load(certificate.der)["signature_algorithm"]
        if (name := str(algorithm.hash_algo)) in WEAK:
            return name
    return None
