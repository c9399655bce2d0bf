"""Identity: does the certificate name the server?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from email.errors import HeaderParseError
from email.headerregistry import Address
from urllib.parse import urlsplit

from certlib import names
from certlib.parsers import attempt
from certlib.rules.citations import (
    CHROME_CN,
    INSTALL,
    SERVICE_IDENTITY,
    YUNIO_SETTINGS,
    baseline,
    rfc_5280,
)
from certlib.rules.model import (
    Context,
    is_public,
    is_wanted_or_there,
    rule,
    told,
    wanted_name,
)
from certlib.rules.remedies import Doer
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits, odd_countries
from certlib.summaries import Summary, names_a_host

NEW_NAME = "Get a certificate whose names are the DNS names that clients type."


def _listed(found: Iterable[str]) -> str:
    return ", ".join(map(names.quoted, found))


_asked_for = told("server_name", "wanted_for")


@rule(
    Severity.ERROR,
    **INSTALL,
    remedy="Get a certificate whose SubjectAlternativeName has the server's DNS name.",
    applies=lambda traits, context: (
        is_wanted_or_there(traits, context) and traits.extensions_known
    ),
)
def san_missing(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate names no server in its SubjectAlternativeName."""
    if not traits.has_names:
        yield "DNS name and IP address: none"


@rule(
    Severity.WARNING,
    **INSTALL,
    remedy="Get a certificate with the server's DNS name, and call the server by it.",
    applies=lambda traits, context: (
        is_wanted_or_there(traits, context) and traits.has_names
    ),
)
def addresses_only(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate names the server by its address only, and not by its name."""
    if summary.ip_addresses and not summary.dns_names:
        yield f"has {_listed(summary.ip_addresses)}; DNS name: none"


@rule(
    Severity.WARNING,
    **CHROME_CN,
    remedy="Get a certificate with the same name in the SubjectAlternativeName, too.",
    applies=lambda traits, context: (
        is_wanted_or_there(traits, context)
        and traits.extensions_known
        and not traits.has_names
    ),
)
def common_name_only(summary: Summary, context: Context) -> Iterator[str]:
    """Only the common name names the server, and browsers do not look there."""
    for name in filter(names_a_host, summary.common_names):
        yield f"common name: {name}"


@rule(
    Severity.ERROR,
    source=f"{INSTALL['source']}; {SERVICE_IDENTITY['source']}",
    url=SERVICE_IDENTITY["url"],
    remedy="Get a certificate with this name, or call the server by one that it has.",
    applies=lambda traits, context: (
        traits.has_names and (bool(context.server_name) or _asked_for(traits, context))
    ),
)
def san_without_server_name(summary: Summary, context: Context) -> Iterator[str]:
    """The SubjectAlternativeName does not contain the server's DNS name."""
    wanted = wanted_name(summary, context)
    # Clients look for an address among the addresses only.
    by_address = names.is_ip_address(wanted)
    there = summary.ip_addresses if by_address else summary.dns_names
    if wanted and not any(names.matches(name, wanted) for name in there):
        yield f"has {_listed(summary.server_names)}; wanted {wanted}"


@rule(
    Severity.WARNING,
    **INSTALL,
    remedy="Ask for the server's DNS name as common name (CN) at the next renewal.",
    applies=lambda traits, context: (
        is_wanted_or_there(traits, context)
        and (
            traits.odd_common_name
            or bool(context.server_name)
            or _asked_for(traits, context)
        )
    ),
)
def common_name_without_server_name(
    summary: Summary, context: Context
) -> Iterator[str]:
    """The common name (CN) does not contain the server's DNS name."""
    wanted_one = wanted_name(summary, context)
    present = summary.common_names
    wanted = (wanted_one,) if wanted_one else summary.server_names
    if not wanted or names.is_ip_address(wanted_one):
        return
    if not any(names.agree(cn, name) for cn in present for name in wanted):
        yield f"has {_listed(present) or 'none'}; wanted {names.quoted(wanted[0])}"


@rule(
    Severity.WARNING,
    **baseline("7.1.4.3"),
    remedy="Ask for all names in the SubjectAlternativeName, the CN among them.",
    applies=lambda traits, context: traits.has_names and traits.odd_common_name,
)
def common_name_not_in_san(summary: Summary, context: Context) -> Iterator[str]:
    """The common name is a server's name that is missing in the SAN."""
    for name in filter(names_a_host, summary.common_names):
        if not any(names.agree(name, one) for one in summary.server_names):
            yield f"common name: {name}; SAN: {_listed(summary.server_names)}"


@rule(
    Severity.WARNING,
    **rfc_5280("A.1"),
    remedy="Ask for a shorter first name; long names belong into the SAN only.",
    applies=lambda traits, context: traits.odd_common_name,
)
def common_name_too_long(summary: Summary, context: Context) -> Iterator[str]:
    """The common name is longer than 64 characters."""
    for name in summary.common_names:
        if len(name) > names.MAX_COMMON_NAME:
            yield f"characters: {len(name)}"


@rule(
    Severity.NOTICE,
    **baseline("7.1.4.3"),
    remedy="Ask for one common name, the first DNS name of the server.",
    applies=lambda traits, context: (
        traits.odd_common_name and is_wanted_or_there(traits, context)
    ),
)
def common_name_repeated(summary: Summary, context: Context) -> Iterator[str]:
    """The subject has more than one common name; without a SAN clients differ."""
    if len(summary.common_names) > 1:
        yield f"common names: {_listed(summary.common_names)}"


@rule(
    Severity.WARNING,
    **YUNIO_SETTINGS,
    remedy="Set a custom host name in yunIO, or put the server's own name first.",
    by=Doer.SERVER,
    applies=lambda traits, context: (
        traits.odd_names
        and context.product is not None
        and context.product.slug == "yunio"
    ),
)
def wildcard_as_host_name(summary: Summary, context: Context) -> Iterator[str]:
    """The first name is a wildcard, and yunIO takes the first for its own."""
    if summary.dns_names and summary.dns_names[0].startswith("*."):
        yield f"first DNS name: {summary.dns_names[0]}"


@rule(
    Severity.WARNING,
    **YUNIO_SETTINGS,
    remedy="Put the server's DNS name first, or set a custom host name in yunIO.",
    by=Doer.SERVER,
    applies=lambda traits, context: (
        traits.has_names
        and context.product is not None
        and context.product.slug == "yunio"
        and bool(context.server_name)
    ),
)
def server_name_not_first(summary: Summary, context: Context) -> Iterator[str]:
    """The server's name is not the first one, which yunIO takes for its own."""
    found = summary.dns_names
    if context.server_name in found[1:] and context.server_name != found[0]:
        yield f"first DNS name: {found[0]}; wanted {context.server_name}"


@rule(
    Severity.ERROR,
    **baseline("4.2.2"),
    remedy="Use names under a public domain, or a certificate of an internal CA.",
    applies=lambda traits, context: traits.has_names and is_public(traits, context),
)
def internal_name(summary: Summary, context: Context) -> Iterator[str]:
    """A public CA must not confirm a name that exists only inside a network."""
    for name in summary.server_names:
        if names.is_internal(name) and not names.is_public_suffix(name):
            yield f"name: {names.quoted(name)}"


@rule(
    Severity.NOTICE,
    **rfc_5280("A.1"),
    remedy="Ask for the two letters of ISO 3166, DE for Germany.",
    applies=lambda traits, context: traits.odd_country,
)
def country_not_two_letters(summary: Summary, context: Context) -> Iterator[str]:
    """The country (C) of the subject is not written in two letters."""
    for country in odd_countries(summary.subject):
        yield f"country: {country!r}"


@rule(
    Severity.NOTICE,
    **rfc_5280("4.2.1.6"),
    remedy="Leave it out, or ask for it as it stands in a mail program or a browser.",
    applies=lambda traits, context: traits.has_other_names,
)
def alternative_name_malformed(summary: Summary, context: Context) -> Iterator[str]:
    """A mail address or a URL in the SAN is none."""
    for name in summary.other_names:
        form, _, text = name.partition("=")
        if form in _FORMS and not _FORMS[form](text):
            yield f"{form}: {text!r}"


def _is_mail_address(text: str) -> bool:
    """Tell whether a text is a mailbox alone (RFC 2821), without a name or brackets."""
    try:
        address = Address(addr_spec=text)
    except (HeaderParseError, ValueError, IndexError):
        return False
    return bool(text.isascii() and address.username and address.domain)


def _is_url(text: str) -> bool:
    """Tell whether a text is an absolute URI, whose host is one if it has any."""
    with attempt():
        parts = urlsplit(text)
        host = not parts.netloc or bool(parts.hostname)
        plain = text.isascii() and text.isprintable() and " " not in text
        return bool(parts.scheme and (parts.netloc or parts.path) and host and plain)
    return False


_FORMS = {"RFC822 Name": _is_mail_address, "URL": _is_url}


@rule(
    Severity.WARNING,
    **baseline("7.1.2.7.12"),
    remedy="Ask for DNS names and IP addresses only.",
    applies=lambda traits, context: (
        traits.has_other_names and is_public(traits, context)
    ),
)
def name_of_another_kind(summary: Summary, context: Context) -> Iterator[str]:
    """The SAN has names that are neither DNS names nor IP addresses."""
    yield from summary.other_names


@rule(
    Severity.WARNING,
    **rfc_5280("4.1.2.6"),
    remedy="Ask for a subject of letters, digits and signs that can be seen.",
    applies=lambda traits, context: traits.unprintable,
)
def unprintable_subject(summary: Summary, context: Context) -> Iterator[str]:
    """Subject or issuer have characters that do not show, or hide what is there."""
    for part, text in (("subject", summary.subject), ("issuer", summary.issuer)):
        if not text.isprintable():
            yield f"{part}: {text!r}"


@rule(
    Severity.ERROR,
    **rfc_5280("4.2.1.6"),
    remedy=NEW_NAME,
)
def nobody_named(traits: Traits, context: Context) -> Iterator[str]:
    """The subject is empty, and there is no critical SAN in its place."""
    if traits.has_subject or traits.problems:
        return
    if traits.san_critical is None:
        yield "subject: empty; SAN: none"
    elif not traits.san_critical:
        yield "subject: empty; SAN: not critical"
