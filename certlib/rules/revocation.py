"""Revocation: did the issuer take the certificate back, and can clients find out?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from certlib import names
from certlib.parsers import attempt
from certlib.rules.citations import baseline, rfc_5280
from certlib.rules.model import Context, public_and_known, rule, told
from certlib.rules.remedies import NEXT_TIME, Doer
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits
from certlib.summaries import Kind, Summary


@rule(
    Severity.ERROR,
    **rfc_5280("6.3"),
    remedy="Get another certificate with a new key, import it, and select it; if "
    "nobody asked for the revocation, ask the certification authority why.",
    by=Doer.SERVER,
    applies=told("path_faults"),
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
    applies=told("path_faults"),
)
def revocation_not_checked(summary: Summary, context: Context) -> Iterator[str]:
    """It was asked whether it was revoked, and nobody could tell."""
    for fault in summary.surroundings.path_faults:
        if fault.rule == "revocation-not-checked":
            yield str(fault)


@rule(
    Severity.NOTICE,
    **rfc_5280("5.2"),
    remedy="Nothing, unless a strict client looks there; tell the certification "
    "authority.",
    by=Doer.AUTHORITY,
    applies=told("revocation"),
)
def revocation_list_irregular(summary: Summary, context: Context) -> Iterator[str]:
    """A revocation list is not as the standard wants it."""
    for one in summary.surroundings.revocation:
        if one.remark:
            yield f"{one.detail} {one.remark}"


SHORT_LIVED = timedelta(days=7)
"""How long one may live that needs no address (CA/Browser Forum BR 1.6.1)."""


@rule(Severity.WARNING, **baseline("7.1.2.11.2"), **NEXT_TIME, applies=public_and_known)
def revocation_not_findable(summary: Summary, context: Context) -> Iterator[str]:
    """A public certificate does not say where its revocation can be looked up."""
    begin, end = summary.not_before, summary.not_after
    if begin is None or end is None or end - begin <= SHORT_LIVED:
        return
    if not any(one.startswith(("CRL=", "OCSP=")) for one in summary.addresses):
        yield "addresses of CRL and OCSP: none"


@rule(Severity.WARNING, **baseline("7.1.2.7.7"), **NEXT_TIME, applies=public_and_known)
def issuer_not_findable(summary: Summary, context: Context) -> Iterator[str]:
    """A public certificate does not say where its issuer's can be fetched."""
    if not any(one.startswith("Issuer=") for one in summary.addresses):
        yield "address of the issuer: none"


def _has_addresses(traits: Traits, context: Context) -> bool:
    return traits.kind is Kind.CERTIFICATE and not _ADDRESSES.isdisjoint(
        traits.extensions
    )


_ADDRESSES = frozenset({"cRLDistributionPoints", "authorityInfoAccess"})


@rule(
    Severity.NOTICE,
    **rfc_5280("4.2.1.13"),
    remedy="Have the certification authority publish by http as well: computers "
    "outside its domain cannot read LDAP, and https needs what is asked for.",
    by=Doer.AUTHORITY,
    applies=_has_addresses,
)
def address_not_by_http(summary: Summary, context: Context) -> Iterator[str]:
    """Its revocation or its issuer is told at no address by http."""
    said: dict[str, list[str]] = {}
    for one in summary.addresses:
        what, _, address = one.partition("=")
        said.setdefault(what, []).append(address)
    for what, addresses in said.items():
        if not any(address.lower().startswith("http://") for address in addresses):
            yield f"{what}: {names.quoted(addresses[0])}"


@rule(Severity.WARNING, **baseline("7.1.2.11.2"), **NEXT_TIME, applies=public_and_known)
def address_internal(summary: Summary, context: Context) -> Iterator[str]:
    """A public certificate names an address that exists only inside a network."""
    for one in summary.addresses:
        host = None
        with attempt():
            host = urlsplit(one.partition("=")[2]).hostname
        if host and names.is_internal(host) and not names.is_public_suffix(host):
            yield f"address: {names.quoted(one)}"
