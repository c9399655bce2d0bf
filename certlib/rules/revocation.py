"""Revocation: did the issuer take the certificate back, and can clients find out?"""

from __future__ import annotations

from collections.abc import Iterator

from certlib.rules.citations import rfc_5280
from certlib.rules.model import Context, looked_around, rule
from certlib.rules.remedies import Doer
from certlib.rules.severity import Severity
from certlib.summaries import Summary


@rule(
    Severity.ERROR,
    **rfc_5280("6.3"),
    remedy="Get another certificate with a new key, import it, and select it; if "
    "nobody asked for the revocation, ask the certification authority why.",
    by=Doer.SERVER,
    applies=looked_around,
)
def revoked(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate, or one of its issuers, was revoked."""
    for fault in summary.surroundings.path_faults:
        if fault.rule == "revoked":
            yield str(fault)


@rule(
    Severity.ERROR,
    **rfc_5280("6.3"),
    remedy="Have the certification authority publish a present list where this "
    "computer reaches it, or give its list (--crl).",
    by=Doer.AUTHORITY,
    applies=looked_around,
)
def revocation_not_checked(summary: Summary, context: Context) -> Iterator[str]:
    """It was asked whether it was revoked, and nobody could tell."""
    for fault in summary.surroundings.path_faults:
        if fault.rule == "revocation-not-checked":
            yield str(fault)
