"""Judging: what is wrong with each certificate of a path, as clients see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from certlib import clock
from certlib.summaries import ANY_EXTENDED_KEY_USAGE, SERVER_AUTHENTICATION
from certlib.trust import constraints, keys
from certlib.trust.credentials import Credential
from certlib.trust.extensions import Extensions
from certlib.trust.faults import Fault
from certlib.trust.paths import Route
from certlib.trust.signatures import Link, weak_digest

PROCESSED = {
    "2.5.29.15": "KeyUsage",
    "2.5.29.17": "SubjectAlternativeName",
    "2.5.29.19": "BasicConstraints",
    "2.5.29.30": "NameConstraints",
    "2.5.29.32": "CertificatePolicies",
    "2.5.29.33": "PolicyMappings",
    "2.5.29.36": "PolicyConstraints",
    "2.5.29.37": "ExtendedKeyUsage",
    "2.5.29.54": "InhibitAnyPolicy",
}
"""Extensions that clients process, so that they may be critical.

That a library knows an extension is not enough: the poison of a
precertificate is well known, too, and CRLDistributionPoints that are critical
are refused by Chromium, Java and NSS.
"""


def issuers(route: Route, *, at: datetime, server: bool) -> tuple[Fault, ...]:
    """Return the faults of a route from an issuer upwards, the leaf at depth 0."""
    found: list[Fault] = []
    chain = route.certificates
    lengths = _certificates_below(chain)
    for index, certificate in enumerate(chain):
        depth = index + 1
        top = index == len(chain) - 1
        found += dates(certificate, at, depth)
        if (fault := keys.fault(certificate, depth)) is not None:
            found.append(fault)
        found += _as_authority(certificate, lengths[index], depth, top=top)
        found += _extension_faults(certificate, depth)
        if server:
            found += _purpose_fault(certificate, depth, top=top)
        found += _algorithms(certificate, depth)
        if not (top and (route.end is None or certificate.is_self_issued)):
            found += _digest(certificate, depth)
        if not top:
            found += identifiers(certificate, chain[index + 1], depth)
        if not certificate.is_self_issued:
            limits = limiting(chain[index + 1 :])
            found += constraints.faults(certificate, limits, depth)
    found += [
        not_checked(chain[index], index + 1)
        for index, link in enumerate(route.links)
        if link is Link.NOT_CHECKED
    ]
    return tuple(found)


def leaf(certificate: Credential, *, at: datetime, server: bool) -> tuple[Fault, ...]:
    """Return the faults of a leaf that do not depend on who issued it."""
    found = [*dates(certificate, at, 0)]
    if (fault := keys.fault(certificate, 0)) is not None:
        found.append(fault)
    found += _extension_faults(certificate, 0)
    if server:
        found += _purpose_fault(certificate, 0, top=False)
        if certificate.extensions.serves_tls is False:
            detail = "KeyUsage permits neither signatures nor key exchange"
            found.append(Fault("usage-missing", 0, detail))
    return tuple(found)


def limiting(issuers: Sequence[Credential]) -> tuple[Extensions, ...]:
    """Return the extensions of those issuers that have name constraints."""
    return tuple(
        issuer.extensions
        for issuer in issuers
        if issuer.extensions.permitted or issuer.extensions.excluded
    )


def dates(certificate: Credential, at: datetime, depth: int) -> Iterator[Fault]:
    """Yield that a moment lies outside the validity; both ends belong to it."""
    who = "issuer-" if depth else ""
    if certificate.validity is None:
        detail = "the validity cannot be read"
        yield Fault(f"{who}date-unreadable", depth, detail, wrong=False)
        return
    first, last = certificate.validity
    if at < first:
        yield Fault(
            f"{who}not-yet-valid", depth, f"is not valid before {clock.day(first)} UTC"
        )
    if at > last:
        yield Fault(f"{who}expired", depth, f"has expired on {clock.minute(last)}")


def signature(certificate: Credential, depth: int) -> Iterator[Fault]:
    """Yield what is wrong with how a certificate is signed."""
    yield from _algorithms(certificate, depth)
    yield from _digest(certificate, depth)


def _algorithms(certificate: Credential, depth: int) -> Iterator[Fault]:
    if not certificate.algorithms_agree:
        detail = "the signature algorithm inside and outside is not the same"
        yield Fault("signature-algorithms-differ", depth, detail)


def _digest(certificate: Credential, depth: int) -> Iterator[Fault]:
    if (digest := weak_digest(certificate)) is not None:
        yield Fault("signature-weak", depth, f"it is signed with {digest.upper()}")


def identifiers(
    certificate: Credential, issuer: Credential, depth: int
) -> Iterator[Fault]:
    """Yield that a certificate names its issuer by another key or serial number.

    RFC 5280 has that for ordering; OpenSSL and what is built on it, GnuTLS and
    NSS refuse.
    """
    said, given = certificate.extensions, issuer.extensions
    rule = "identifier-of-another-issuer"
    if said.issuer_key_id and given.key_id and said.issuer_key_id != given.key_id:
        yield Fault(rule, depth, "its issuer bears another key identifier than it says")
    elif (
        said.issuer_serial is not None
        and said.issuer_serial != issuer.certificate.serial_number
    ):
        yield Fault(rule, depth, "its issuer bears another serial number than it says")


def not_checked(certificate: Credential, depth: int) -> Fault:
    """Return that the signature of a certificate cannot be checked."""
    oid = certificate.certificate.signature_algorithm_oid.dotted_string
    detail = f"its signature ({oid}) or its issuer's key is not one that is known here"
    return Fault("algorithm-not-checked", depth, detail, wrong=False)


def _certificates_below(chain: Sequence[Credential]) -> list[int]:
    """Return how many certificates count for the path length of each issuer.

    Self-issued ones do not, nor does the leaf (RFC 5280 section 4.2.1.9).
    """
    counts, below = [], 0
    for certificate in chain:
        counts.append(below)
        below += not certificate.is_self_issued
    return counts


def _as_authority(
    certificate: Credential, below: int, depth: int, *, top: bool
) -> Iterator[Fault]:
    says = certificate.extensions
    unread = (
        "BasicConstraints" in says.unreadable or "all extensions" in says.unreadable
    )
    old_root = top and certificate.is_version_1 and certificate.is_self_issued
    if says.ca is not True and not old_root and not unread:
        yield Fault("issuer-not-ca", depth, "is no certification authority (CA:TRUE)")
    if says.signs_certificates is False:
        yield Fault(
            "issuer-may-not-sign", depth, "may not sign certificates (keyCertSign)"
        )
    if says.ca and says.path_length is not None and below > says.path_length:
        detail = (
            f"allows {says.path_length} CAs below it, and there are {below} "
            "(pathLenConstraint)"
        )
        yield Fault("path-length-exceeded", depth, detail)
    if not certificate.subject:
        yield Fault("ca-without-subject", depth, "the subject of the CA is empty")


def _extension_faults(certificate: Credential, depth: int) -> Iterator[Fault]:
    says = certificate.extensions
    if certificate.is_version_1 and certificate.has_extensions:
        detail = "it has extensions, and says that it is of version 1"
        yield Fault("version-without-extensions", depth, detail)
    for oid in says.critical:
        if oid not in PROCESSED:
            detail = f"{oid} is critical, and clients do not process it"
            yield Fault("critical-extension", depth, detail, extension=oid)
    for oid in says.duplicates:
        yield Fault("extension-twice", depth, f"{oid} is there more than once")
    for name in says.unreadable:
        detail = f"{name} cannot be read"
        yield Fault("extension-unreadable", depth, detail, wrong=False)


def _purpose_fault(
    certificate: Credential, depth: int, *, top: bool
) -> Iterator[Fault]:
    """Yield that a certificate is not for servers, as most clients see it.

    "Any purpose" is not enough for OpenSSL and NSS; of a root few ask.
    """
    purposes = certificate.extensions.purposes
    if purposes is None or SERVER_AUTHENTICATION in purposes:
        return
    rule = "purpose-of-issuer" if depth else "purpose-missing"
    if ANY_EXTENDED_KEY_USAGE not in purposes:
        yield Fault(rule, depth, "ExtendedKeyUsage lacks server authentication")
    elif not top:
        detail = "ExtendedKeyUsage has any purpose, and not server authentication"
        yield Fault(rule, depth, detail)
