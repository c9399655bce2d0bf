"""Purposes: what may the certificate be used for?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from certlib.rules.citations import (
    APPLE,
    CHROME_ROOTS,
    OWN_MEASUREMENT,
    baseline,
    rfc_5280,
)
from certlib.rules.model import (
    Context,
    is_ca,
    is_public,
    is_server_certificate,
    is_wanted_or_there,
    rule,
)
from certlib.rules.remedies import NEXT_TIME, Doer
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits
from certlib.summaries import ANY_EXTENDED_KEY_USAGE, SERVER_AUTHENTICATION, Kind, Role
from certlib.summaries.purposes import named

WEB_SERVER = (
    "Ask for a certificate for server authentication (on AD CS: template Web Server)."
)


def _named(usage: Iterable[str]) -> str:
    return ", ".join(map(named, usage)) or "none"


def _known(traits: Traits, context: Context) -> bool:
    return is_server_certificate(traits, context) and traits.extensions_known


@rule(
    Severity.ERROR,
    **rfc_5280("4.2.1.12"),
    remedy=WEB_SERVER,
    applies=is_wanted_or_there,
)
def not_for_server_authentication(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate is not meant for server authentication."""
    usage = traits.extended_key_usage
    if usage is not None and not {SERVER_AUTHENTICATION, ANY_EXTENDED_KEY_USAGE} & set(
        usage
    ):
        yield f"extended key usage: {_named(usage)}"


@rule(
    Severity.NOTICE,
    **rfc_5280("4.2.1.12"),
    remedy="Nothing, unless a server is to use it: then get one for server "
    "authentication.",
    applies=lambda traits, context: (
        traits.kind is Kind.CERTIFICATE and traits.role not in (Role.SERVER, Role.CA)
    ),
)
def not_a_server_certificate(traits: Traits, context: Context) -> Iterator[str]:
    """It is not a server certificate, so it was not judged as one."""
    usage = _named(traits.extended_key_usage or ())
    yield f"kind: {traits.role}; extended key usage: {usage}"


@rule(
    Severity.WARNING,
    **APPLE,
    remedy=WEB_SERVER,
    applies=_known,
    since=date(2019, 7, 1),
)
def extended_key_usage_missing(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate does not say that it is for servers, which Apple demands."""
    if traits.extended_key_usage is None:
        yield "extended key usage: none"


@rule(
    Severity.ERROR,
    **OWN_MEASUREMENT,
    remedy=WEB_SERVER,
    applies=is_server_certificate,
)
def for_any_purpose(traits: Traits, context: Context) -> Iterator[str]:
    """It is for any purpose and not for servers: OpenSSL, curl and Firefox refuse."""
    usage = traits.extended_key_usage or ()
    if ANY_EXTENDED_KEY_USAGE in usage and SERVER_AUTHENTICATION not in usage:
        yield f"extended key usage: {_named(usage)}"


@rule(
    Severity.WARNING,
    **baseline("7.1.2.7.10"),
    remedy=WEB_SERVER,
    applies=is_server_certificate,
)
def for_any_purpose_too(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate is for servers and for any purpose besides."""
    usage = traits.extended_key_usage or ()
    if {ANY_EXTENDED_KEY_USAGE, SERVER_AUTHENTICATION} <= set(usage):
        yield f"extended key usage: {_named(usage)}"


@rule(
    Severity.ERROR,
    **CHROME_ROOTS,
    remedy="Ask the public CA for server authentication only; take another "
    "certificate for clients.",
    by=Doer.AUTHORITY,
    applies=is_public,
    since=date(2027, 3, 15),
)
def for_more_than_servers(traits: Traits, context: Context) -> Iterator[str]:
    """A public certificate is for more than server authentication."""
    more = [u for u in traits.extended_key_usage or () if u != SERVER_AUTHENTICATION]
    if more:
        yield f"extended key usage: {_named(more)}"


@rule(
    Severity.ERROR,
    **baseline("7.1.2.7.10"),
    remedy=WEB_SERVER,
    applies=is_public,
)
def for_forbidden_purposes(traits: Traits, context: Context) -> Iterator[str]:
    """A public server certificate is also for code, mail, time stamps or OCSP."""
    forbidden = {f"1.3.6.1.5.5.7.3.{n}" for n in (3, 4, 8, 9)}
    found = [usage for usage in traits.extended_key_usage or () if usage in forbidden]
    if found:
        yield f"extended key usage: {_named(found)}"


@rule(Severity.NOTICE, **baseline("7.1.2.7.11"), **NEXT_TIME, applies=_known)
def key_usage_missing(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate does not say what its key may do."""
    if traits.key_usage is None and traits.version == 3:
        yield "key usage: none"


@rule(
    Severity.WARNING,
    **OWN_MEASUREMENT,
    remedy="Ask for a certificate whose key may make digital signatures.",
    applies=is_server_certificate,
)
def key_may_not_sign(traits: Traits, context: Context) -> Iterator[str]:
    """The key may not make digital signatures, so Chromium, Java and GnuTLS refuse."""
    usage = traits.key_usage
    if usage and "digitalSignature" not in usage and _SERVING & set(usage):
        yield f"key usage: {_named(usage)}"


_SERVING = {"digitalSignature", "keyEncipherment", "keyAgreement"}


@rule(
    Severity.ERROR,
    **OWN_MEASUREMENT,
    remedy="Ask for a certificate whose key may make digital signatures.",
    applies=is_server_certificate,
)
def key_may_not_serve(traits: Traits, context: Context) -> Iterator[str]:
    """The key may neither sign nor agree on keys, so nearly all clients refuse."""
    usage = traits.key_usage
    if usage is not None and not _SERVING & set(usage):
        yield f"key usage: {', '.join(usage) or 'nothing'}"


@rule(
    Severity.WARNING,
    **baseline("7.1.2.7.11"),
    **NEXT_TIME,
    applies=is_wanted_or_there,
)
def key_usage_not_of_this_key(traits: Traits, context: Context) -> Iterator[str]:
    """The key usage does not fit the kind of key."""
    wrong = {"ECC": {"keyEncipherment", "dataEncipherment"}, "RSA": {"keyAgreement"}}
    for usage in traits.key_usage or ():
        if usage in wrong.get(traits.key_algorithm, ()):
            yield f"{traits.key_algorithm} key: {usage}"


@rule(Severity.NOTICE, **rfc_5280("4.2.1.3"), **NEXT_TIME)
def key_usage_not_critical(traits: Traits, context: Context) -> Iterator[str]:
    """The key usage is not marked as critical."""
    if traits.key_usage_critical is False:
        yield "key usage: not critical"


@rule(
    Severity.WARNING,
    **baseline("7.1.2.7.8"),
    remedy="Take a certificate for the server; a CA's own belongs to the CA.",
    applies=is_server_certificate,
)
def ca_as_server(traits: Traits, context: Context) -> Iterator[str]:
    """The server's certificate is that of a CA, which Firefox does not accept."""
    if traits.is_ca:
        yield "Subject Type=CA"


@rule(Severity.ERROR, **rfc_5280("4.2.1.3"), **NEXT_TIME)
def signs_without_being_a_ca(traits: Traits, context: Context) -> Iterator[str]:
    """The key may sign certificates, but the certificate is not that of a CA."""
    if "keyCertSign" in (traits.key_usage or ()) and not traits.is_ca:
        yield f"key usage: {', '.join(traits.key_usage or ())}"


@rule(Severity.WARNING, **rfc_5280("4.2.1.9"), **NEXT_TIME)
def path_length_without_ca(traits: Traits, context: Context) -> Iterator[str]:
    """A length of the path is given, but the certificate is not that of a CA."""
    if traits.path_length is not None and not traits.is_ca:
        yield f"path length: {traits.path_length}"


@rule(Severity.WARNING, **rfc_5280("4.2.1.10"), **NEXT_TIME)
def limits_without_ca(traits: Traits, context: Context) -> Iterator[str]:
    """It limits others as only a CA may, but the certificate is not that of a CA."""
    if not traits.is_ca:
        for name in _LIMITS.intersection(traits.extensions):
            yield f"extension: {name}"


_LIMITS = frozenset(
    ["nameConstraints", "policyConstraints", "inhibitAnyPolicy", "2.5.29.33"]
)


@rule(Severity.WARNING, **rfc_5280("4.2.1.9"), **NEXT_TIME, applies=is_ca)
def ca_not_critical(traits: Traits, context: Context) -> Iterator[str]:
    """A CA does not mark its BasicConstraints as critical."""
    if traits.basic_constraints_critical is False:
        yield "BasicConstraints: not critical"


@rule(
    Severity.ERROR,
    **rfc_5280("4.2.1.3"),
    remedy="Ask for a CA certificate whose key may sign certificates.",
    by=Doer.AUTHORITY,
    applies=lambda traits, context: (
        is_ca(traits, context) and traits.role is Role.CA and traits.version == 3
    ),
)
def ca_may_not_sign(traits: Traits, context: Context) -> Iterator[str]:
    """The key of a CA may not sign certificates."""
    if traits.key_usage is not None and "keyCertSign" not in traits.key_usage:
        yield f"key usage: {', '.join(traits.key_usage) or 'nothing'}"
