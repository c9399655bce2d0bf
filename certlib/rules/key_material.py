"""Keys and signatures: are they strong enough, and can Windows use them?"""

from __future__ import annotations

from collections.abc import Iterator

from certlib import keys
from certlib.rules.citations import OWN_MEASUREMENT, WINDOWS_KEYS, baseline
from certlib.rules.model import Context, is_wanted_or_there, rule
from certlib.rules.remedies import Doer
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits
from certlib.summaries import Kind, Role

STRONGER = "Make a new key: RSA with 3072 bits, or ECDSA on P-256."


def _has_key(traits: Traits, context: Context) -> bool:
    return traits.kind is not Kind.UNREADABLE


def _signed_by_another(traits: Traits, context: Context) -> bool:
    # Nobody relies on the signature of a root upon itself.
    return traits.kind is Kind.CERTIFICATE and not (
        traits.self_signed and traits.role is Role.CA
    )


@rule(
    Severity.ERROR,
    **baseline("6.1.5"),
    remedy=STRONGER,
    applies=_has_key,
)
def rsa_key_too_small(traits: Traits, context: Context) -> Iterator[str]:
    """The RSA key has fewer than 2048 bits."""
    if 0 < _rsa_bits(traits) < 2048:
        yield f"bits: {traits.key_bits}"


def _rsa_bits(traits: Traits) -> int:
    """Return the size of an RSA key; 0 for another, or one that cannot be read."""
    return (traits.key_bits or 0) if traits.key_algorithm == "RSA" else 0


@rule(
    Severity.ERROR,
    **WINDOWS_KEYS,
    remedy=STRONGER,
    applies=_has_key,
)
def rsa_key_too_large(traits: Traits, context: Context) -> Iterator[str]:
    """The RSA key has more than 16384 bits, which neither Windows nor OpenSSL uses."""
    if _rsa_bits(traits) > keys.MAX_RSA_BITS:
        yield f"bits: {traits.key_bits}; it was not looked at for known weaknesses"


@rule(
    Severity.WARNING,
    **baseline("6.1.5"),
    remedy=STRONGER,
    applies=_has_key,
)
def rsa_key_of_odd_size(traits: Traits, context: Context) -> Iterator[str]:
    """The size of the RSA key is not a multiple of eight bits."""
    if _rsa_bits(traits) % 8:
        yield f"bits: {traits.key_bits}"


@rule(
    Severity.ERROR,
    **baseline("6.1.5"),
    remedy=STRONGER,
    applies=_has_key,
)
def curve_not_allowed(traits: Traits, context: Context) -> Iterator[str]:
    """The key lies on a curve that browsers do not accept."""
    if traits.key_algorithm == "ECC" and not traits.curve.startswith("ECDSA_P"):
        yield f"curve: {traits.curve or 'not a named one'}"


@rule(
    Severity.WARNING,
    **OWN_MEASUREMENT,
    remedy="Take ECDSA on P-256 or P-384, or RSA.",
    applies=is_wanted_or_there,
)
def curve_not_in_browsers(traits: Traits, context: Context) -> Iterator[str]:
    """Chromium does not accept keys on P-521."""
    if traits.curve == "ECDSA_P521":
        yield f"curve: {traits.curve}"


@rule(
    Severity.ERROR,
    **baseline("6.1.5"),
    remedy=STRONGER,
    applies=lambda traits, context: (
        is_wanted_or_there(traits, context) and bool(traits.key_algorithm)
    ),
)
def key_kind_not_for_windows(traits: Traits, context: Context) -> Iterator[str]:
    """Windows' TLS cannot use a key of this kind for a server."""
    if traits.key_algorithm not in ("RSA", "ECC"):
        yield f"kind: {traits.key_algorithm}"


@rule(
    Severity.ERROR,
    **baseline("7.1.3.2.1"),
    # https://blogs.technet.microsoft.com/pki/2013/09/19/upgrade-certification-authority-to-sha256/
    remedy="Ask the CA's administrator for SHA-256; on AD CS that is `certutil -setreg "
    "ca\\csp\\CNGHashAlgorithm SHA256`, and the request's hash does not matter.",
    by=Doer.AUTHORITY,
    applies=_signed_by_another,
)
def signature_weak(traits: Traits, context: Context) -> Iterator[str]:
    """The signature uses a broken digest (SHA-1, MD5 or older)."""
    if traits.signature_algorithm.startswith(("sha1", "md5", "md2", "md4")):
        yield f"signature: {traits.signature_algorithm}"


@rule(
    Severity.WARNING,
    **baseline("7.1.3.2"),
    remedy="Ask the CA to sign with RSA or ECDSA and SHA-2.",
    by=Doer.AUTHORITY,
    applies=_signed_by_another,
)
def signature_kind_unusual(traits: Traits, context: Context) -> Iterator[str]:
    """The signature is of a kind that many clients cannot check."""
    if not traits.signature_algorithm.startswith(("sha", "md", "RSASSA-PSS")):
        yield f"signature: {traits.signature_algorithm}"
    yield from (one.reason for one in traits.remarks if one.part == "Padding")
