"""Keys: the kinds a server certificate may have, made, read and described."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from enum import StrEnum
from functools import cache

from asn1crypto import keys as asn1_keys
from asn1crypto import pem
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificatePublicKeyTypes,
    PrivateKeyTypes,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from certlib.errors import EncodingError, InputError, PassphraseError
from certlib.keys import passphrases
from certlib.parsers import ASN1_ERRORS, attempt, panics_as_errors

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
"""A key that a Windows server can use for TLS."""

PublicKey = CertificatePublicKeyTypes
"""Whatever key a certificate may hold."""

# Windows' names in the certificate viewer: Public key parameters.
_CURVES = {
    "secp256r1": "ECDSA_P256",
    "secp384r1": "ECDSA_P384",
    "secp521r1": "ECDSA_P521",
}


_DER, _SPKI = Encoding.DER, PublicFormat.SubjectPublicKeyInfo


class KeyKind(StrEnum):
    """The kinds of key that are offered, each good for a Windows server."""

    RSA_2048 = "RSA-2048"
    RSA_3072 = "RSA-3072"
    RSA_4096 = "RSA-4096"
    ECDSA_P256 = "ECDSA-P256"
    ECDSA_P384 = "ECDSA-P384"

    @property
    def is_rsa(self) -> bool:
        """Whether it is RSA; otherwise it is ECDSA."""
        return self.startswith("RSA-")

    @property
    def bits(self) -> int:
        """The size of the key."""
        return int(self.rpartition("-")[2].removeprefix("P"))

    @property
    def digest(self) -> str:
        """The digest that is as strong as the key: ``sha256`` or ``sha384``."""
        return digest(is_rsa=self.is_rsa, bits=self.bits)

    @classmethod
    def parse(cls, text: str) -> KeyKind:
        """Return the kind that a text names, without regard to case.

        Raises:
            InputError: no such kind, or one that a Windows server cannot use.
        """
        wanted = text.strip().upper().replace("_", "-").replace(" ", "-")
        for kind in cls:
            if wanted in (kind.value, kind.value.replace("-", "")):
                return kind
        offered = ", ".join(cls)
        if wanted.startswith("ED"):
            raise InputError(
                f"{text} keys do not work for a Windows server: Schannel, which "
                "answers its TLS connections, knows RSA and ECDSA only",
                fix=f"take one of {offered}",
            )
        raise InputError(f"there is no key kind {text!r}", fix=f"take one of {offered}")


def digest(*, is_rsa: bool, bits: int) -> str:
    """Return the digest to sign with: ``sha384`` for wide curves, else ``sha256``."""
    return "sha256" if is_rsa or bits < 384 else "sha384"


def kind_of(key: PublicKey | None) -> KeyKind | None:
    """Return the kind of a public key, or None if it is not one that is offered."""
    match key:
        case rsa.RSAPublicKey():
            name = f"RSA-{key.key_size}"
        case ec.EllipticCurvePublicKey():
            name = curve_name(key).replace("_", "-")
        case _:
            return None
    return KeyKind(name) if name in set(KeyKind) else None


def generate(kind: KeyKind) -> PrivateKey:
    """Return a fresh private key from the system's random generator."""
    match kind:
        case KeyKind.ECDSA_P256:
            return ec.generate_private_key(ec.SECP256R1())
        case KeyKind.ECDSA_P384:
            return ec.generate_private_key(ec.SECP384R1())
        case _:
            return rsa.generate_private_key(65537, kind.bits)


def read_private_key(
    data: bytes, passphrase: str | None = None, *, origin: str = "the key"
) -> PrivateKey:
    """Return the private key that a PEM or DER text holds.

    Args:
        data: PKCS#8 or the older PKCS#1 / SEC 1 form.
        passphrase: for an encrypted key; ignored for a plain one.
        origin: what to call the input in an error, a file name for example.

    Raises:
        PassphraseError: the key is encrypted and the passphrase is missing or
            wrong.
        EncodingError: there is no private key in the data.
        InputError: the key is of a kind that a Windows server cannot use.
    """
    is_pem = b"-----BEGIN" in data
    derived = rounds(data, origin)
    load = load_pem_private_key if is_pem else load_der_private_key
    secrets: tuple[bytes | None, ...] = (None,)
    locked = False
    if passphrase:
        tried = passphrases.of_key(passphrase)
        secrets = passphrases.bearable(tried, derived or 0)
    for secret in secrets:
        try:
            return usable(_load(load, data, secret), origin=origin)
        except TypeError:  # encrypted, and no passphrase was given
            raise PassphraseError(
                f"the private key in {origin} is encrypted",
                fix="give the passphrase that it was written with",
            ) from None
        except (ValueError, UnsupportedAlgorithm) as error:
            # One wrong passphrase in some hundreds opens the file, to noise.
            locked = derived is not None or "password" in str(error).lower()
            if locked and _in_unknown_way(error):
                raise EncodingError(
                    f"the private key in {origin} is encrypted in a way that is not "
                    "read here, such as DES",
                    fix="encrypt it anew: openssl pkcs8 -topk8 -in FILE -out new.key",
                ) from None
    if passphrase and locked:
        raise PassphraseError(
            f"the passphrase does not open the private key in {origin}",
            fix="check the passphrase; that of a private key cannot be recovered"
            + passphrases.doubt(passphrase),
        )
    raise EncodingError(
        f"{origin} holds no private key that can be read",
        fix="give the key as PEM (-----BEGIN PRIVATE KEY-----) or PKCS#8 DER",
    )


def _in_unknown_way(error: Exception) -> bool:
    return isinstance(error, UnsupportedAlgorithm) or "unknown cipher" in str(error)


MAX_RSA_BITS = 16_384
"""Bits of the largest RSA key that Windows and OpenSSL use."""

MAX_IN_FILE = 100
"""Private keys that are read in one file: checking one takes a tenth of a second."""


def too_many(origin: str) -> InputError:
    """Return the error for a file with more private keys than are read."""
    return InputError(
        f"{origin} holds more than {MAX_IN_FILE} private keys",
        fix="give a file with the certificates and keys of one server",
    )


def rounds(data: bytes, origin: str) -> int | None:
    """Return the rounds that opening a key takes; None if it is not encrypted.

    Raises:
        EncodingError: they would not end.
    """
    with contextlib.suppress(*ASN1_ERRORS):
        if b"-----BEGIN" in data:
            _, headers, data = pem.unarmor(data)
            if "Proc-Type" in headers:  # OpenSSL's own way: one round of MD5
                return 1
        info = asn1_keys.EncryptedPrivateKeyInfo.load(data)
        return passphrases.check_iterations(info["encryption_algorithm"], origin)
    return None


def _load(
    load: Callable[[bytes, bytes | None], PrivateKeyTypes],
    data: bytes,
    secret: bytes | None,
) -> PrivateKeyTypes:
    with panics_as_errors():
        try:
            return load(data, secret)
        except TypeError:
            if secret is None:
                raise
            return load(data, None)  # a plain key needs no passphrase


def usable(key: PrivateKeyTypes, *, origin: str = "the key") -> PrivateKey:
    """Return a key if a Windows server can use it.

    Raises:
        InputError: it is neither RSA nor ECDSA.
    """
    if isinstance(key, PrivateKey):
        return key
    raise InputError(
        f"the private key in {origin} is {describe(key.public_key())}, which "
        "Windows' TLS (Schannel) cannot use",
        fix="take an RSA or ECDSA key",
    )


def write_private_key(key: PrivateKey, passphrase: str | None = None) -> bytes:
    """Return a private key as PKCS#8 PEM, unprotected only for None.

    Raises:
        PassphraseError: the passphrase is empty, or no file can have it.
    """
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, passphrases.encryption(passphrase)
    )


def describe(key: object) -> str:
    """Return the kind of a public key in Windows' words: ``RSA (2048 Bits)``."""
    match key:
        case rsa.RSAPublicKey():
            return f"RSA ({key.key_size} Bits)"
        case ec.EllipticCurvePublicKey():
            return f"ECC ({key.curve.key_size} Bits)"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
        case dsa.DSAPublicKey():
            return f"DSA ({key.key_size} Bits)"
        case _:
            return type(key).__name__.lstrip("_").removesuffix("PublicKey")


def curve_name(key: object) -> str:
    """Return the curve of an EC key in Windows' words, or an empty text."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return ""
    return windows_curve(key.curve.name)


def windows_curve(name: str) -> str:
    """Return the name of a curve in Windows' words, its own if Windows has none."""
    return _CURVES.get(name, name)


def spki(key: PublicKey) -> bytes:
    """Return the DER of a public key's SubjectPublicKeyInfo (RFC 5280 4.1)."""
    return key.public_bytes(_DER, _SPKI)


def key_sha256(key: PublicKey) -> str:
    """Return the fingerprint of a public key, lower-case hexadecimal."""
    return hashlib.sha256(spki(key)).hexdigest()


def same_key(one: PublicKey, other: PublicKey) -> bool:
    """Tell whether two public keys are the same key."""
    return spki(one) == spki(other)


def public_key(
    holder: x509.Certificate | x509.CertificateSigningRequest,
) -> PublicKey | None:
    """Return the key in a certificate or request, None if it cannot be read."""
    with attempt():  # it may be of an odd kind, or damaged
        return holder.public_key()
    return None


def has_key(certificate: x509.Certificate, key: PublicKey | None) -> bool:
    """Tell whether a certificate, however odd, is for a key."""
    found = public_key(certificate)
    return found is not None and key is not None and same_key(found, key)


def practice_key(name: str = "server") -> PrivateKey:
    """Return a fixed private key for exercises.

    With it a certificate has the same thumbprint on every machine, so that a
    notebook can show it. It is published with certlib: everybody has it. Real
    stores therefore refuse it (see `is_practice_key`).

    Args:
        name: ``server``, ``other``, ``root``, ``issuing`` or ``ecdsa``.

    Raises:
        InputError: there is no practice key of that name.
    """
    if name not in (known := _practice_keys()):
        raise InputError(
            f"there is no practice key {name!r}", fix=f"take one of {', '.join(known)}"
        )
    return known[name]


def is_practice_key(key: PublicKey) -> bool:
    """Tell whether a public key belongs to one of the published practice keys."""
    return key_sha256(key) in practice_digests()


@cache
def _practice_keys() -> dict[str, PrivateKey]:
    import importlib.resources

    folder = importlib.resources.files("certlib") / "practice_keys"
    return {
        entry.name.removesuffix(".pem"): read_private_key(
            entry.read_bytes(), origin=entry.name
        )
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".pem")
    }


@cache
def practice_digests() -> frozenset[str]:
    """Return the fingerprints of the published practice keys."""
    return frozenset(key_sha256(key.public_key()) for key in _practice_keys().values())
