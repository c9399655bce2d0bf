"""Chains: which certificate issued which, from a leaf to its trust anchor."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from certlib.errors import panics_as_errors


def issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Tell whether one certificate issued another: by name and by signature."""
    try:
        with panics_as_errors():
            certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is its own issuer."""
    return issued(certificate, certificate)


def order(
    leaf: x509.Certificate, candidates: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Return the issuers of a leaf, the nearest first.

    Candidates in any order are looked through; those that do not belong to
    the chain are left out. The chain ends with a self-signed certificate or
    where the next issuer is missing.
    """
    pool = [other for other in dict.fromkeys(candidates) if other != leaf]
    chain: list[x509.Certificate] = []
    last = leaf
    while not is_self_signed(last):
        issuer = next((other for other in pool if issued(other, last)), None)
        if issuer is None:
            break
        pool.remove(issuer)
        chain.append(issuer)
        last = issuer
    return tuple(chain)


def leaves(certificates: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificates that issued none of the others, in their order."""
    known = list(dict.fromkeys(certificates))
    # Self-signed ones have no issuer, though a renewal with the same name and
    # key carries a signature that its predecessor might have made.
    released = [other for other in known if not is_self_signed(other)]
    return [
        one
        for one in known
        if not any(other is not one and issued(one, other) for other in released)
    ]


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
    path = (leaf, *order(leaf, chain))
    trusted = set(anchors)
    for certificate in path:
        if certificate in trusted:
            return certificate
    top = path[-1]
    return next(
        (a for a in anchors if a.subject == top.issuer and issued(a, top)), None
    )


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
