"""Rules: each documented requirement once.

A rule is a function whose name is the fault and whose first docstring line is
the published text. It looks at a `Summary` and yields a detail for each time
the requirement is broken: the values that differ, not a sentence about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from certlib import names
from certlib.products import Environment, Product
from certlib.summaries import (
    ANY_EXTENDED_KEY_USAGE,
    SERVER_AUTHENTICATION,
    Kind,
    Summary,
)


class Severity(StrEnum):
    """How bad a finding is, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"

    @cached_property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Context:
    """What a certificate is judged for.

    Attributes:
        at: the moment, with a time zone.
        server_name: canonical name of the server on which the service runs
            (`names.server_name`), or empty when it is not known.
        product: the product that will use it, or None.
        environment: what the server is for.
        expiring_within: how long before its end a certificate is mentioned.
    """

    at: datetime
    server_name: str = ""
    product: Product | None = None
    environment: Environment = Environment.PRODUCTION
    expiring_within: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """A requirement that a certificate breaks."""

    rule: str
    severity: Severity
    text: str
    detail: str
    remedy: str
    source: str
    url: str


Judgement = Callable[[Summary, Context], Iterable[str]]


@dataclass(frozen=True)
class Rule:
    """A documented requirement.

    Attributes:
        id: the fault, in words with hyphens.
        text: the fault in one sentence.
        severity: how bad it is.
        source: document and section that the requirement comes from.
        url: where that can be read.
        remedy: what to do next.
        applies: what it is a requirement for.
        breaches: yields a detail for each breach.
    """

    id: str
    text: str
    severity: Severity
    source: str
    url: str
    remedy: str
    applies: Callable[[Summary, Context], bool]
    breaches: Judgement


RULES: dict[str, Rule] = {}
"""All rules by id, in the order in which they are written here."""


def is_certificate(summary: Summary, context: Context) -> bool:
    """Every certificate that could be read."""
    return summary.kind is Kind.CERTIFICATE


def is_wanted_or_there(summary: Summary, context: Context) -> bool:
    """Certificates, and requests for them."""
    return summary.kind in (Kind.CERTIFICATE, Kind.REQUEST)


def rule(
    severity: Severity,
    *,
    source: str,
    url: str,
    remedy: str,
    applies: Callable[[Summary, Context], bool] = is_certificate,
) -> Callable[[Judgement], Judgement]:
    """Publish a function as a rule; see `Rule` for what is given."""

    def publish(breaches: Judgement) -> Judgement:
        name = breaches.__name__.replace("_", "-")
        text = (breaches.__doc__ or "").strip().partition("\n")[0]
        RULES[name] = Rule(name, text, severity, source, url, remedy, applies, breaches)
        return breaches

    return publish


def judge(
    summary: Summary, context: Context, *, rules: Iterable[Rule] | None = None
) -> tuple[Finding, ...]:
    """Return what a certificate, request or unreadable thing breaks, worst first."""
    found = [
        Finding(r.id, r.severity, r.text, detail, r.remedy, r.source, r.url)
        for r in (RULES.values() if rules is None else rules)
        if r.applies(summary, context)
        for detail in r.breaches(summary, context)
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity.rank))


_DOCUMENT = "Theobald Software: Install an X.509 certificate"
_DOCUMENT_URL = (
    "https://helpcenter.theobald-software.com/xtract-universal/documentation/"
    "access-restrictions/install-x.509-certificate/"
)
_RFC_5280 = "https://www.rfc-editor.org/rfc/rfc5280#section-"
_RFC_9525 = "https://www.rfc-editor.org/rfc/rfc9525#section-"


@rule(
    Severity.ERROR,
    source="RFC 5280, section 4.1",
    url=_RFC_5280 + "4.1",
    remedy="Ask whoever made the file for a new one; nobody can rely on this one.",
    applies=lambda summary, context: bool(summary.problems),
)
def cannot_be_read(summary: Summary, context: Context) -> Iterator[str]:
    """The file, or a part of the certificate, cannot be read."""
    for problem in summary.problems:
        yield f"{problem.part}: {problem.reason}"


@rule(
    Severity.ERROR,
    source=_DOCUMENT,
    url=_DOCUMENT_URL,
    remedy="Get a certificate whose SubjectAlternativeName has the server's DNS name.",
    applies=is_wanted_or_there,
)
def san_missing(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate names no server in its SubjectAlternativeName."""
    if not summary.server_names:
        yield "DNS name and IP address: none"


@rule(
    Severity.ERROR,
    source=_DOCUMENT + "; RFC 9525, section 6.3",
    url=_RFC_9525 + "6.3",
    remedy="Get a certificate with this name, or call the server by one that it has.",
    applies=lambda summary, context: bool(context.server_name and summary.server_names),
)
def san_without_server_name(summary: Summary, context: Context) -> Iterator[str]:
    """The SubjectAlternativeName does not contain the server's DNS name."""
    if not any(names.matches(n, context.server_name) for n in summary.server_names):
        yield f"has {', '.join(summary.server_names)}; wanted {context.server_name}"


@rule(
    Severity.WARNING,
    source=_DOCUMENT,
    url=_DOCUMENT_URL,
    remedy="Ask for the server's DNS name as common name (CN) at the next renewal.",
    applies=is_wanted_or_there,
)
def common_name_without_server_name(
    summary: Summary, context: Context
) -> Iterator[str]:
    """The common name (CN) does not contain the server's DNS name."""
    wanted = (context.server_name,) if context.server_name else summary.server_names
    if names.is_ip_address(context.server_name) or not wanted:
        return
    present = [name.lower() for name in summary.common_names]
    if not any(names.matches(cn, name) for cn in present for name in wanted):
        yield f"has {', '.join(summary.common_names) or 'none'}; wanted {wanted[0]}"


@rule(
    Severity.ERROR,
    source=_DOCUMENT,
    url=_DOCUMENT_URL,
    remedy="Import the PFX file, or run `certreq -accept` where the request was made.",
    applies=lambda summary, context: summary.private_key is False,
)
def private_key_missing(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate has no private key with it, so no server can use it."""
    yield "private key: none"


@rule(
    Severity.ERROR,
    source=_DOCUMENT,
    url=_DOCUMENT_URL,
    remedy="For production, get a certificate released by a certification authority.",
    applies=lambda summary, context: (
        context.environment is Environment.PRODUCTION
        and summary.kind is Kind.CERTIFICATE
    ),
)
def self_signed_in_production(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate is self-signed, which is for test environments only."""
    if summary.self_signed:
        yield f"issuer: {summary.issuer}"


@rule(
    Severity.ERROR,
    source=_DOCUMENT,
    url=_DOCUMENT_URL.replace("xtract-universal", "board-connector"),
    remedy="Get a certificate from a public CA, and keep its chain in the file.",
    applies=lambda summary, context: (
        context.product is not None
        and context.product.public_ca_only
        and summary.kind is Kind.CERTIFICATE
    ),
)
def not_from_a_public_ca(summary: Summary, context: Context) -> Iterator[str]:
    """The product demands a public certification authority, and this is none."""
    if not summary.publicly_trusted:
        yield f"issuer: {summary.issuer}"


@rule(
    Severity.ERROR,
    source="RFC 5280, section 4.1.2.5",
    url=_RFC_5280 + "4.1.2.5",
    remedy="Renew it, import the new one, select it in the Designer and restart.",
)
def expired(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate has expired."""
    if summary.not_after is not None and summary.not_after < context.at:
        yield f"ended {summary.not_after:%Y-%m-%d %H:%M} UTC"


@rule(
    Severity.ERROR,
    source="RFC 5280, section 4.1.2.5",
    url=_RFC_5280 + "4.1.2.5",
    remedy="Check the clock of this computer; otherwise wait, or ask for another.",
)
def not_yet_valid(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate is not valid yet."""
    if summary.not_before is not None and summary.not_before > context.at:
        yield f"begins {summary.not_before:%Y-%m-%d %H:%M} UTC"


@rule(
    Severity.WARNING,
    source="RFC 5280, section 4.1.2.5",
    url=_RFC_5280 + "4.1.2.5",
    remedy="Renew it now: after its end the Designer itself may be locked out.",
)
def expiring(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate expires soon."""
    if summary.not_after is None:
        return
    if timedelta(0) <= summary.not_after - context.at < context.expiring_within:
        yield f"ends {summary.not_after:%Y-%m-%d %H:%M} UTC"


@rule(
    Severity.ERROR,
    source="RFC 5280, section 4.2.1.12",
    url=_RFC_5280 + "4.2.1.12",
    remedy="Ask for a certificate for server authentication (template Web Server).",
    applies=is_wanted_or_there,
)
def not_for_server_authentication(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate is not meant for server authentication."""
    usage = summary.extended_key_usage
    if usage is not None and not {SERVER_AUTHENTICATION, ANY_EXTENDED_KEY_USAGE} & set(
        usage
    ):
        yield f"extended key usage: {', '.join(usage)}"
