"""Extensions: are the other ones there, and as they should be?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from certlib.rules.citations import CHROME_TRANSPARENCY, baseline, rfc, rfc_5280
from certlib.rules.model import Context, is_ca, is_certificate, public_and_known, rule
from certlib.rules.remedies import NEXT_TIME, Doer
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits
from certlib.summaries import Summary


@rule(
    Severity.WARNING,
    **rfc_5280("4.2.1.2"),
    **NEXT_TIME,
    applies=lambda traits, context: is_ca(traits, context) and traits.extensions_known,
)
def subject_key_identifier_missing(traits: Traits, context: Context) -> Iterator[str]:
    """A CA does not name its key, so that chains are hard to find."""
    if not traits.has_subject_key_identifier:
        yield "SubjectKeyIdentifier: none"


@rule(
    Severity.NOTICE,
    **rfc_5280("4.2.1.1"),
    **NEXT_TIME,
    applies=lambda traits, context: (
        is_certificate(traits, context)
        and traits.extensions_known
        and not traits.self_signed
        and traits.version == 3
    ),
)
def authority_key_identifier_missing(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate does not name the key that signed it."""
    if traits.has_authority_key_identifier:
        return
    said = "authorityKeyIdentifier" in traits.extensions
    how = "only issuer and serial number" if said else "none"
    yield f"AuthorityKeyIdentifier: {how}"


@rule(Severity.NOTICE, **rfc_5280("4.2.1.6"), **NEXT_TIME)
def san_critical(traits: Traits, context: Context) -> Iterator[str]:
    """The SAN is critical although there is a subject."""
    if traits.san_critical and traits.has_subject:
        yield "SubjectAlternativeName: critical"


@rule(
    Severity.ERROR,
    **rfc_5280("4.2"),
    remedy="Ask the CA what it is for; clients that do not know it must refuse.",
    by=Doer.AUTHORITY,
)
def unknown_critical_extension(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate has a critical extension that is not generally known."""
    for oid in traits.unknown_critical_extensions:
        yield f"extension: {oid}"


@rule(
    Severity.WARNING,
    **CHROME_TRANSPARENCY,
    remedy="Ask the public CA for a certificate with timestamps of at least two logs; "
    "a server may also send them by itself.",
    by=Doer.AUTHORITY,
    applies=public_and_known,
    since=date(2018, 5, 1),
)
def timestamps_missing(summary: Summary, context: Context) -> Iterator[str]:
    """Too few logs have signed it: Chrome and Safari refuse public ones like it."""
    if summary.not_before is None or summary.not_after is None:
        return
    needed = 2 if summary.not_after - summary.not_before <= _SHORT else 3
    if (summary.timestamps or 0) < needed and "precertPoison" not in summary.extensions:
        yield f"has {summary.timestamps or 'none'}; wanted {needed}"


_SHORT = timedelta(days=180)
"""How long one may live for which two timestamps are enough."""


@rule(Severity.WARNING, **rfc(6962, "3.3"), **NEXT_TIME)
def timestamps_empty(traits: Traits, context: Context) -> Iterator[str]:
    """The list of signed timestamps is there and empty."""
    if traits.timestamps == 0:
        yield "timestamps: 0"


@rule(Severity.WARNING, **baseline("7.1.2.7.6"), **NEXT_TIME, applies=public_and_known)
def policies_missing(traits: Traits, context: Context) -> Iterator[str]:
    """A public certificate does not say by which policy it was issued."""
    if "certificatePolicies" not in traits.extensions:
        yield "CertificatePolicies: none"
