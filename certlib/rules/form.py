"""Form: is it a well-formed certificate at all?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from certlib.rules.citations import AUDITED, Citation, baseline, rfc, rfc_5280
from certlib.rules.model import Context, Judgement, is_certificate, is_public, rule
from certlib.rules.remedies import Advice, Doer
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits
from certlib.summaries import ACCESS, Kind, Role, Summary

ANEW = "Ask whoever made the file for a new one; nobody can rely on this one."
FROM_THE_CA = Advice(
    remedy="Ask the CA to issue it again; its software does not follow the standard.",
    by=Doer.AUTHORITY,
)


@rule(
    Severity.ERROR,
    **rfc_5280("4.1"),
    remedy=ANEW,
    applies=lambda traits, context: bool(traits.problems),
)
def cannot_be_read(traits: Traits, context: Context) -> Iterator[str]:
    """The file, or a part of the certificate, cannot be read."""
    for problem in traits.problems:
        if problem.part != ACCESS:
            yield f"{problem.part}: {problem.reason}"


@rule(
    Severity.ERROR,
    **AUDITED,
    remedy="Follow that advice, and audit it again.",
    applies=lambda traits, context: bool(traits.problems),
)
def not_opened(traits: Traits, context: Context) -> Iterator[str]:
    """The file, store or server gave nothing that could be looked at."""
    for problem in traits.problems:
        if problem.part == ACCESS:
            yield problem.reason


def _remark(severity: Severity, citation: Citation) -> Callable[[Judgement], Judgement]:
    """Publish a rule on what was read with indulgence."""
    return rule(
        severity,
        **citation,
        **FROM_THE_CA,
        applies=lambda traits, context: bool(traits.remarks),
    )


def _remarks(traits: Traits, part: str) -> Iterator[str]:
    """Yield what was read with indulgence in one part."""
    return (remark.reason for remark in traits.remarks if remark.part == part)


@_remark(Severity.NOTICE, rfc_5280("4.1"))
def encoding_irregular(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate can be read only with indulgence."""
    yield from _remarks(traits, "Encoding")


@_remark(Severity.WARNING, rfc_5280("4.1.2.5"))
def time_not_in_der(traits: Traits, context: Context) -> Iterator[str]:
    """A time is not encoded as its year demands."""
    yield from _remarks(traits, "Validity")


@_remark(Severity.WARNING, rfc(4055, "1.2"))
def rsa_without_null(traits: Traits, context: Context) -> Iterator[str]:
    """An RSA algorithm is written without its NULL, which some clients refuse."""
    yield from _remarks(traits, "Algorithm")


@_remark(Severity.NOTICE, rfc_5280("4.1.2.8"))
def unique_identifier(traits: Traits, context: Context) -> Iterator[str]:
    """It has a unique identifier, which no certification authority may write today."""
    yield from _remarks(traits, "Unique identifier")


@_remark(Severity.NOTICE, rfc_5280("4.2.1.4"))
def policy_repeated(traits: Traits, context: Context) -> Iterator[str]:
    """The same policy stands in the CertificatePolicies more than once."""
    for policy in _remarks(traits, "Policies"):
        yield f"policy: {policy}"


@rule(
    Severity.ERROR,
    **rfc(6962, "3.1"),
    remedy="Take the certificate that the CA issued after it; this one is for the "
    "logs of certificates only.",
)
def precertificate(traits: Traits, context: Context) -> Iterator[str]:
    """It is a precertificate, which every client refuses."""
    if "precertPoison" in traits.extensions:
        yield "extension: poison"


@rule(
    Severity.ERROR,
    **rfc_5280("4.1.2.1"),
    remedy="Get a version 3 certificate; older ones cannot hold a server's name.",
    applies=lambda traits, context: (
        is_certificate(traits, context)
        and (traits.role is Role.SERVER or not traits.self_signed)
    ),
)
def version_not_3(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate is not of version 3."""
    if traits.version not in (3, None):
        yield f"version: {traits.version}"


def _odd_serial(traits: Traits, context: Context) -> bool:
    return traits.kind is Kind.CERTIFICATE and traits.odd_serial_number


@rule(Severity.WARNING, **rfc_5280("4.1.2.2"), **FROM_THE_CA, applies=_odd_serial)
def serial_number_zero(summary: Summary, context: Context) -> Iterator[str]:
    """The serial number is zero."""
    if summary.serial_number and not summary.serial_number.strip("0"):
        yield f"serial number: {summary.serial_number}"


@rule(Severity.WARNING, **rfc_5280("4.1.2.2"), **FROM_THE_CA, applies=_odd_serial)
def serial_number_negative(summary: Summary, context: Context) -> Iterator[str]:
    """The serial number is negative."""
    if summary.serial_number.startswith("-"):
        yield f"serial number: {summary.serial_number}"


@rule(Severity.WARNING, **rfc_5280("4.1.2.2"), **FROM_THE_CA, applies=_odd_serial)
def serial_number_too_long(summary: Summary, context: Context) -> Iterator[str]:
    """The serial number takes more than 20 bytes."""
    # As an INTEGER it needs one byte more where its first bit is set.
    bits = int(summary.serial_number or "0", 16).bit_length()
    if bits >= 160:
        yield f"bytes: {bits // 8 + 1}"


@rule(
    Severity.WARNING,
    **baseline("7.1.2.7"),
    remedy="Ask the CA; public ones promise 64 random bits in a serial number.",
    by=Doer.AUTHORITY,
    applies=lambda traits, context: (
        traits.odd_serial_number and is_public(traits, context)
    ),
)
def serial_number_too_short(summary: Summary, context: Context) -> Iterator[str]:
    """The serial number is too short to hold 64 random bits."""
    bits = int(summary.serial_number or "0", 16).bit_length()
    # 64 random bits begin with eight zeros in one case of 256.
    if 0 < bits <= 56:
        yield f"serial number: {summary.serial_number}"


@rule(Severity.ERROR, **rfc_5280("4.1.2.4"), **FROM_THE_CA)
def issuer_empty(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate does not say who issued it."""
    if not traits.has_issuer and not _unread(traits, "Issuer"):
        yield "issuer: empty"


def _unread(traits: Traits, part: str) -> bool:
    return any(problem.part in (part, "Certificate") for problem in traits.problems)
