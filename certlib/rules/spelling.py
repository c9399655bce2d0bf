"""Spelling: are the names written so that clients can find them?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import idna

from certlib import names
from certlib.rules.citations import SERVICE_IDENTITY, baseline, rfc, rfc_5280
from certlib.rules.identity import NEW_NAME
from certlib.rules.model import Context, is_public, rule, told, wanted_name
from certlib.rules.remedies import Doer
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits
from certlib.summaries import Summary

_asked = told("server_name", "wanted_for")


def _odd_names(traits: Traits, context: Context) -> bool:
    return traits.odd_names


@rule(
    Severity.ERROR,
    **SERVICE_IDENTITY,
    remedy="Put the wildcard for the whole left-most label: *.example.com.",
    applies=_odd_names,
)
def wildcard_misplaced(summary: Summary, context: Context) -> Iterator[str]:
    """A wildcard is not the complete left-most label."""
    for name in summary.dns_names:
        if "*" in name.removeprefix("*.") or name == "*.":
            yield f"DNS name: {names.quoted(name)}"


@rule(
    Severity.ERROR,
    **baseline("3.2.2.6"),
    remedy="Get a certificate for names in your own domain.",
    applies=_odd_names,
)
def wildcard_too_wide(summary: Summary, context: Context) -> Iterator[str]:
    """A wildcard stands for everything under a public suffix."""
    for name in summary.dns_names:
        domain = name.removeprefix("*.").removesuffix(".")
        if domain == name or not domain:
            continue
        # One label that no registry has is a suffix, too (publicsuffix.org).
        if names.is_short(domain) or names.is_public_suffix(domain):
            yield f"DNS name: {names.quoted(name)}"


@rule(
    Severity.WARNING,
    **baseline("3.2.2.6"),
    remedy="Get a certificate for the server's own name in your domain.",
    applies=lambda traits, context: traits.has_names,
)
def public_suffix_as_name(summary: Summary, context: Context) -> Iterator[str]:
    """A name is that of a registry, under which others have their domains."""
    for name in summary.dns_names:
        if names.is_public_suffix(name):
            yield f"DNS name: {names.quoted(name)}"


@rule(
    Severity.WARNING,
    **baseline("4.2.2"),
    remedy="Get a certificate for the server's name; for an address, ask for it as "
    "IP address.",
    applies=lambda traits, context: traits.has_names,
)
def reverse_zone_name(summary: Summary, context: Context) -> Iterator[str]:
    """A name is one by which addresses are looked up, and no server's."""
    for name in summary.dns_names:
        if name.removesuffix(".").endswith(("in-addr.arpa", "ip6.arpa")):
            yield f"DNS name: {names.quoted(name)}"


@rule(
    Severity.ERROR,
    **rfc_5280("4.2.1.6"),
    remedy="Ask for it as IP address; New-SelfSignedCertificate needs "
    "-TextExtension '2.5.29.17={text}IPAddress=...' for that.",
    applies=_odd_names,
)
def address_as_dns_name(summary: Summary, context: Context) -> Iterator[str]:
    """An IP address stands in the SAN as a DNS name, where no client looks."""
    for name in summary.dns_names:
        if names.is_ip_address(name):
            yield f"DNS name: {names.quoted(name)}"


@rule(
    Severity.ERROR,
    **rfc_5280("4.2.1.6"),
    remedy="Ask for each address of the server by itself.",
    applies=lambda traits, context: traits.has_names,
)
def network_as_address(summary: Summary, context: Context) -> Iterator[str]:
    """A whole network stands in the SAN, where only addresses count."""
    for address in summary.ip_addresses:
        if "/" in address:
            yield f"address: {address}"


@rule(
    Severity.NOTICE,
    **baseline("4.2.2"),
    remedy="Clients should call the server by its full name; a short one means "
    "another server in another network.",
    by=Doer.CLIENT,
    applies=lambda traits, context: traits.odd_names and not is_public(traits, context),
)
def short_name(summary: Summary, context: Context) -> Iterator[str]:
    """A name has no domain."""
    for name in summary.dns_names:
        if name and names.is_short(name) and "*" not in name:
            yield f"DNS name: {names.quoted(name)}"


@rule(
    Severity.WARNING,
    **rfc_5280("4.2.1.6"),
    remedy="Rename the server, or give it a DNS alias without an underscore.",
    by=Doer.SERVER,
    applies=lambda traits, context: (
        traits.odd_names or "_" in context.server_name or _asked(traits, context)
    ),
)
def underscore_in_name(summary: Summary, context: Context) -> Iterator[str]:
    """A DNS name has an underscore, which host names must not have."""
    for name in summary.dns_names:
        if "_" in name:
            yield f"DNS name: {names.quoted(name)}"
    wanted = wanted_name(summary, context)
    if "_" in wanted.partition(".")[0]:
        # OpenSSL lets a wildcard stand for letters, digits and hyphens only.
        found = [name for name in summary.dns_names if names.matches(name, wanted)]
        if found and all(name.startswith("*.") for name in found):
            yield f"called {wanted}: clients with OpenSSL do not take {found[0]} for it"


@rule(
    Severity.WARNING,
    **rfc_5280("4.2.1.6"),
    remedy="Get a certificate with the name written without its last dot.",
    applies=_odd_names,
)
def trailing_dot_in_name(summary: Summary, context: Context) -> Iterator[str]:
    """A DNS name ends with a dot."""
    for name in summary.dns_names:
        if name.endswith(".") and name != ".":
            yield f"DNS name: {names.quoted(name)}"


@rule(
    Severity.ERROR,
    **rfc_5280("4.2.1.6"),
    remedy=NEW_NAME,
    applies=_odd_names,
)
def not_a_dns_name(summary: Summary, context: Context) -> Iterator[str]:
    """What stands in the SAN as a DNS name is none."""
    for name in summary.dns_names:
        if name != name.strip():
            yield f"{name!r}: it begins or ends with a blank, so no client finds it"
        elif reason := _why_no_dns_name(name):
            yield f"{name!r}: {reason}"


def _why_no_dns_name(name: str) -> str:
    """Return why a name is none, apart from what other rules speak of."""
    plain = name.removeprefix("*.").replace("_", "x").replace("--", "xx")
    if "*" in plain or names.is_ip_address(name) or not name.isascii():
        return ""
    if not (bare := plain.removesuffix(".")):
        return "it is empty"
    try:
        names.dns_name(bare)
    except names.DnsNameError as error:
        return error.reason
    return ""


@rule(
    Severity.ERROR,
    **rfc_5280("7.2"),
    remedy="Ask for the name as A-labels (xn--...), as it stands in the DNS zone.",
    applies=_odd_names,
)
def international_name_not_encoded(summary: Summary, context: Context) -> Iterator[str]:
    """An international name is not written as valid A-labels."""
    for name in summary.dns_names:
        if not name.isascii():
            yield f"DNS name: {names.quoted(name)}"
            continue
        try:
            for label in name.split("."):
                if label.startswith("xn--"):
                    idna.ulabel(label)
        except (idna.IDNAError, UnicodeError) as error:
            yield f"DNS name: {names.quoted(name)} ({error})"


@rule(
    Severity.WARNING,
    **rfc(5890, "2.3.1"),
    remedy="Rename the server; two hyphens in third place are kept for encodings "
    "such as xn--.",
    by=Doer.SERVER,
    applies=_odd_names,
)
def reserved_label_in_name(summary: Summary, context: Context) -> Iterator[str]:
    """A label of a name has hyphens where only international names have them."""
    for name in summary.dns_names:
        for label in name.split("."):
            if label[2:4] == "--" and not label.startswith("xn--"):
                yield f"DNS name: {names.quoted(name)}"


@rule(
    Severity.NOTICE,
    **rfc_5280("4.2.1.6"),
    remedy="Leave the repeated ones out at the next renewal.",
    applies=_odd_names,
)
def name_repeated(summary: Summary, context: Context) -> Iterator[str]:
    """A name stands in the SAN more than once."""
    for name, times in Counter(summary.dns_names).items():
        if times > 1:
            yield f"{names.quoted(name)}: {times} times"
