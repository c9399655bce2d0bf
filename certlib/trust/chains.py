"""Chains: which certificate issued which, from a leaf to its trust anchor."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from certlib.parsers import attempt

BySubject = Mapping[bytes, list[x509.Certificate]]
"""Certificates by the DER of their subject."""


MAX_OF_A_NAME = 16
"""Certificates of one name that are tried as an issuer: work stays linear."""


def issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Tell whether one certificate issued another: by name and by signature."""
    with attempt() as reading:
        certificate.verify_directly_issued_by(issuer)
        return True
    if not isinstance(reading.error, InvalidSignature):
        with attempt():
            digest = certificate.signature_hash_algorithm
            if digest is not None and digest.name in _NOT_COMPARED:
                return _made_with(issuer, certificate)
    return False


_NOT_COMPARED = frozenset(["md5", "sha1"])
"""Old roots and what they issued are signed so; the library compares them no more."""


def _made_with(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    from certlib.trust.credentials import Credential  # few need it
    from certlib.trust.signatures import Link, verify

    if _name(certificate, "issuer") != _name(issuer, "subject"):
        return False
    return verify(Credential(issuer), Credential(certificate)) is Link.CONFIRMED


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is its own issuer."""
    return issued(certificate, certificate)


def order(
    leaf: x509.Certificate, candidates: Iterable[x509.Certificate] | BySubject
) -> tuple[x509.Certificate, ...]:
    """Return the issuers of a leaf, the nearest first.

    Those that do not belong to the chain are left out. The chain ends with a
    self-signed certificate or where the next issuer is missing.

    Args:
        leaf: the certificate in question.
        candidates: in any order; for many leaves, `by_subject` of them.
    """
    known = candidates if isinstance(candidates, Mapping) else by_subject(candidates)
    path = [leaf]
    while known and not is_self_signed(path[-1]):
        same = known.get(_name(path[-1], "issuer"), [])[:MAX_OF_A_NAME]
        found = [one for one in same if one not in path and issued(one, path[-1])]
        if not found:
            break
        path.append(_renewed(found))
    return tuple(path[1:])


def _renewed(issuers: list[x509.Certificate]) -> x509.Certificate:
    """Return the first of certificates with one key, or its renewal that ends last."""
    above = _name(issuers[0], "issuer")
    return max((one for one in issuers if _name(one, "issuer") == above), key=_end)


def _end(certificate: x509.Certificate) -> float:
    with attempt():
        return certificate.not_valid_after_utc.timestamp()
    return 0.0  # a date that the library refuses


def leaves(certificates: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificates that issued none of the others, in their order."""
    known = list(dict.fromkeys(certificates))
    if len(known) < 2:  # as in most files
        return known
    subjects = by_subject(known)
    issuers: set[x509.Certificate] = set()
    for one in known:
        # Self-signed ones have no issuer, though a renewal with the same name and
        # key carries a signature that its predecessor might have made.
        if is_self_signed(one):
            continue
        for other in subjects.get(_name(one, "issuer"), [])[:MAX_OF_A_NAME]:
            if other is not one and other not in issuers and issued(other, one):
                issuers.add(other)
    # In a circle each issued another; one has to be looked at all the same.
    return [one for one in known if one not in issuers] or known[:1]


def by_subject(certificates: Iterable[x509.Certificate]) -> BySubject:
    """Return certificates by their subjects, to find an issuer among many."""
    found: dict[bytes, list[x509.Certificate]] = defaultdict(list)
    for certificate in certificates:
        found[_name(certificate, "subject")].append(certificate)
    return found


def _name(certificate: x509.Certificate, which: str) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of odd values, and reads them
        with attempt():
            name = getattr(certificate, which)
            return bytes(name.public_bytes())
    return b""  # a name that the library refuses


def anchor(
    leaf: x509.Certificate,
    chain: Iterable[x509.Certificate],
    anchors: Collection[x509.Certificate],
) -> x509.Certificate | None:
    """Return the trust anchor at which a leaf's chain ends, or None.

    Args:
        leaf: the certificate in question.
        chain: certificates that came with it, in any order.
        anchors: the trusted ones; the chain need not repeat them.
    """
    path, trusted = (leaf, *order(leaf, chain)), by_subject(anchors)
    for certificate in path:
        if certificate in trusted.get(_name(certificate, "subject"), []):
            return certificate
    candidates = trusted.get(_name(path[-1], "issuer"), [])
    return next((one for one in candidates if issued(one, path[-1])), None)


@cache
def public_anchors() -> tuple[x509.Certificate, ...]:
    """Return the roots of the public certification authorities.

    Those in Mozilla's root program, as the package `certifi` brings them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old root has the serial number zero
        return tuple(
            x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
        )
