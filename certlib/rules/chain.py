"""Trust: who stands behind the certificate, and does a client find out?"""

from __future__ import annotations

from collections.abc import Iterator

from certlib import clock
from certlib.products import Approach, Environment
from certlib.rules.citations import INSTALL, baseline, install_page, rfc, rfc_5280
from certlib.rules.model import Context, is_server_certificate, rule, told
from certlib.rules.remedies import Doer
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits
from certlib.summaries import PathFault, Summary

_TLS_CHAIN = rfc(8446, "4.4.2")


def _self_signed_is_wrong(traits: Traits, context: Context) -> bool:
    if not traits.self_signed or not is_server_certificate(traits, context):
        return False
    if context.approach is not None and context.approach is not Approach.SELF_SIGNED:
        return True
    return context.environment is Environment.PRODUCTION


@rule(
    Severity.ERROR,
    **INSTALL,
    remedy="For production, get a certificate released by a certification authority.",
    applies=_self_signed_is_wrong,
)
def self_signed_in_production(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate is self-signed, which is for test environments only."""
    yield f"issuer: {summary.issuer}"


@rule(
    Severity.ERROR,
    **install_page("board-connector"),
    remedy="Get a certificate from a public CA, and keep its chain in the file.",
    applies=lambda traits, context: (
        (
            context.approach is Approach.PUBLIC_CA
            or (context.product is not None and context.product.public_ca_only)
        )
        and is_server_certificate(traits, context)
        and traits.publicly_trusted is not True
    ),
)
def not_from_a_public_ca(summary: Summary, context: Context) -> Iterator[str]:
    """A certificate of a public certification authority is demanded; this is none."""
    yield f"issuer: {summary.issuer}"


@rule(
    Severity.ERROR,
    source="certlib's practice keys",
    url="https://github.com/certlib/certlib-notebooks/blob/main/certlib/practice_keys",
    remedy="Create the certificate again with a key of its own.",
    applies=lambda traits, context: traits.key_is_published and not context.practice,
)
def key_is_published(summary: Summary, context: Context) -> Iterator[str]:
    """Everybody has the private key: it is one of the exercises."""
    yield f"key: {summary.key_sha256}"


@rule(
    Severity.ERROR,
    **_TLS_CHAIN,
    remedy="Import the intermediate certificate into Intermediate Certification "
    "Authorities (certlm.msc) and restart the service.",
    by=Doer.SERVER,
    applies=told("chain_complete"),
)
def chain_incomplete(summary: Summary, context: Context) -> Iterator[str]:
    """The chain of issuers has a gap, so clients cannot follow it."""
    around = summary.surroundings
    if around.chain_complete is False:
        top = around.issuer_ends[-1][0] if around.issuer_ends else ""
        yield f"missing: the issuer of {top or summary.subject}"


@rule(
    Severity.ERROR,
    **rfc_5280("6.1.1"),
    remedy="Import the root of your CA into Trusted Root Certification Authorities "
    "on every computer that calls this server; a group policy does that.",
    by=Doer.CLIENT,
    applies=lambda traits, context: (
        told("root_known")(traits, context)
        and not _self_signed_is_wrong(traits, context)
    ),
)
def root_unknown(summary: Summary, context: Context) -> Iterator[str]:
    """The chain ends at a root that is trusted neither here nor publicly."""
    around = summary.surroundings
    if not around.chain_complete or around.root_known is not False:
        return
    # One that signed itself is its own root, which counts once it is presented.
    if not summary.self_signed or around.server_name:
        root = around.issuer_ends[-1][0] if around.issuer_ends else summary.subject
        yield f"root: {root}"


@rule(
    Severity.WARNING,
    **_TLS_CHAIN,
    remedy="Put the server's certificate first and each issuer after what it issued.",
    by=Doer.SERVER,
    applies=told("chain_in_order"),
)
def chain_in_wrong_order(summary: Summary, context: Context) -> Iterator[str]:
    """The server sends its chain in the wrong order."""
    if summary.surroundings.chain_in_order is False:
        yield f"begins with: {summary.subject}"


@rule(
    Severity.NOTICE,
    **_TLS_CHAIN,
    remedy="Leave the root out; a client has it already or does not trust it.",
    by=Doer.SERVER,
    applies=told("root_sent"),
)
def root_sent_along(summary: Summary, context: Context) -> Iterator[str]:
    """The server sends the root certificate, which nobody needs."""
    if summary.surroundings.root_sent:
        yield f"root: {summary.surroundings.root_sent}"


@rule(
    Severity.NOTICE,
    **_TLS_CHAIN,
    remedy="Take them out of what the server sends.",
    by=Doer.SERVER,
    applies=told("strangers"),
)
def stranger_in_chain(summary: Summary, context: Context) -> Iterator[str]:
    """The server sends certificates that do not belong to the chain."""
    for subject in summary.surroundings.strangers:
        yield f"certificate: {subject}"


@rule(
    Severity.ERROR,
    **rfc_5280("6.1.3"),
    remedy="Get the renewed certificate of the issuer and import that.",
    by=Doer.SERVER,
    applies=told("issuer_ends"),
)
def issuer_expired(summary: Summary, context: Context) -> Iterator[str]:
    """A certificate of the chain has expired."""
    for subject, end in summary.surroundings.issuer_ends:
        if end < context.at:
            yield f"{subject} ended {clock.minute(end)}"


def _path_faults(summary: Summary) -> tuple[PathFault, ...]:
    return summary.surroundings.path_faults


def _on_path(
    summary: Summary, *wanted: str, issuers_only: bool = False
) -> Iterator[str]:
    """Yield what the judge of paths says by some of its rules."""
    for fault in _path_faults(summary):
        if fault.wrong and fault.rule in wanted and (fault.subject or not issuers_only):
            yield str(fault)


@rule(
    Severity.ERROR,
    **rfc_5280("6.1.3"),
    remedy="Wait until the issuer is valid, or get its present certificate from the "
    "certification authority; check the clock of this computer, too.",
    by=Doer.SERVER,
    applies=told("path_faults"),
)
def issuer_not_yet_valid(summary: Summary, context: Context) -> Iterator[str]:
    """A certificate of the chain is not yet valid."""
    yield from _on_path(summary, "issuer-not-yet-valid")


@rule(
    Severity.ERROR,
    **rfc_5280("6.1.4"),
    remedy="Get a certificate that was released by a certification authority.",
    applies=told("path_faults"),
)
def issuer_may_not_issue(summary: Summary, context: Context) -> Iterator[str]:
    """A certificate of the chain was not allowed to release the next one."""
    yield from _on_path(
        summary,
        "issuer-not-ca",
        "issuer-may-not-sign",
        "path-length-exceeded",
        "purpose-of-issuer",
        "ca-without-subject",
    )


@rule(
    Severity.ERROR,
    **rfc_5280("4.2.1.10"),
    remedy="Ask the certification authority for a certificate of an issuer that may "
    "release this name.",
    by=Doer.AUTHORITY,
    applies=told("path_faults"),
)
def name_not_permitted(summary: Summary, context: Context) -> Iterator[str]:
    """An issuer of the chain may not release certificates for this name."""
    yield from _on_path(summary, "name-not-permitted")


@rule(
    Severity.ERROR,
    **rfc_5280("6.1.3"),
    remedy="Ask the certification authority for a certificate with a policy that its "
    "issuers demand.",
    by=Doer.AUTHORITY,
    applies=told("path_faults"),
)
def policy_missing(summary: Summary, context: Context) -> Iterator[str]:
    """An issuer of the chain demands a policy that is not there."""
    yield from _on_path(summary, "policy-missing")


@rule(
    Severity.ERROR,
    **baseline("6.1.5"),
    remedy="Ask the certification authority for a certificate of an issuer with a "
    "present key and signature.",
    by=Doer.AUTHORITY,
    applies=told("path_faults"),
)
def issuer_weak(summary: Summary, context: Context) -> Iterator[str]:
    """A key or signature in the chain is one that clients refuse."""
    yield from _on_path(
        summary,
        "issuer-key-weak",
        "signature-weak",
        "key-unusual",
        "curve-explicit",
        "signature-algorithms-differ",
        issuers_only=True,
    )


@rule(
    Severity.ERROR,
    **rfc_5280("4.2"),
    remedy="Ask the certification authority for an issuer without this.",
    by=Doer.AUTHORITY,
    applies=told("path_faults"),
)
def issuer_extension_refused(summary: Summary, context: Context) -> Iterator[str]:
    """An extension of an issuer makes clients refuse the chain."""
    yield from _on_path(
        summary,
        "critical-extension",
        "extension-twice",
        "version-without-extensions",
        issuers_only=True,
    )


_REFUSED = (
    "critical-extension",
    "curve-explicit",
    "extension-twice",
    "key-exponent",
    "signature-algorithms-differ",
    "signature-weak",
    "usage-missing",
)


_POISON = "1.3.6.1.4.1.11129.2.4.3"
"""A precertificate has it, which is a rule of its own."""


def _says_its_hash(summary: Summary) -> bool:
    """Tell whether the name of the algorithm tells the hash, as not with PSS."""
    return summary.signature_algorithm.lower().startswith(("sha1", "md5", "md2", "md4"))


@rule(
    Severity.ERROR,
    **rfc_5280("4.2.1"),
    remedy="Get the certificate again without this; a precertificate with its poison "
    "is never what a server presents.",
    applies=told("path_faults"),
)
def refused_by_clients(summary: Summary, context: Context) -> Iterator[str]:
    """Clients refuse what the certificate says, although libraries can read it."""
    known = (*summary.unknown_critical_extensions, _POISON)
    told = ("signature-weak",) * _says_its_hash(summary)
    for fault in _path_faults(summary):
        if (
            fault.wrong
            and not fault.subject
            and fault.rule in _REFUSED
            and fault.rule not in told
            and fault.extension not in known
        ):
            yield fault.detail


@rule(
    Severity.ERROR,
    **rfc_5280("6.1"),
    remedy="Test it with the clients that call this server, "
    "or get a certificate of a usual kind.",
    applies=told("path_faults"),
)
def path_not_judged(summary: Summary, context: Context) -> Iterator[str]:
    """Something on the path to a root could not be checked here."""
    for fault in _path_faults(summary):
        if not fault.wrong and fault.rule != "revocation-not-checked":
            yield str(fault)


@rule(
    Severity.ERROR,
    **rfc_5280("4.2.1.1"),
    remedy="Ask the certification authority to issue it again with the key identifier "
    "of the issuer (AuthorityKeyIdentifier).",
    by=Doer.AUTHORITY,
    applies=told("path_faults"),
)
def identifier_of_another_issuer(summary: Summary, context: Context) -> Iterator[str]:
    """Its issuer bears another identifier: OpenSSL, curl, Python and NSS refuse it."""
    yield from _on_path(summary, "identifier-of-another-issuer")


@rule(
    Severity.NOTICE,
    **rfc_5280("4.2"),
    remedy="Nothing, unless a strict client calls this server; tell the certification "
    "authority.",
    by=Doer.AUTHORITY,
    applies=told("irregular_issuers"),
)
def issuer_irregular(summary: Summary, context: Context) -> Iterator[str]:
    """An issuer is not as the standard wants it, and strict clients may refuse it."""
    yield from summary.surroundings.irregular_issuers


@rule(
    Severity.NOTICE,
    **rfc_5280("6.1"),
    remedy="Send only the chain that ends at the root which your clients trust.",
    by=Doer.SERVER,
    applies=told("other_path_fails"),
)
def path_depends_on_client(summary: Summary, context: Context) -> Iterator[str]:
    """One path to a root is good, and another fails: some clients try only one."""
    if summary.surroundings.other_path_fails:
        yield f"issuer: {summary.issuer}"


@rule(
    Severity.NOTICE,
    **rfc_5280("6.1.3"),
    remedy="Note the earlier date: the certificate is worth nothing after it.",
    by=Doer.SERVER,
    applies=told("issuer_ends", "issuer_elsewhere"),
)
def outlives_its_issuer(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate ends later than the one that issued it."""
    around = summary.surroundings
    issuer = next(iter(around.issuer_ends), around.issuer_elsewhere)
    if issuer is None or summary.not_after is None:
        return
    subject, end = issuer
    if context.at <= end < summary.not_after:
        own = clock.day(summary.not_after)
        yield f"{subject} ends {clock.day(end)}; this one {own}"


@rule(
    Severity.ERROR,
    **rfc_5280("6.1.3"),
    remedy="Take the file from its sender again; this one was changed or damaged.",
    applies=told("path_faults"),
)
def signature_broken(summary: Summary, context: Context) -> Iterator[str]:
    """The signature was not made with the key of its issuer."""
    yield from _on_path(summary, "signature-invalid")


@rule(
    Severity.WARNING,
    **rfc_5280("6.1.3"),
    remedy="Find the issuer's certificate that signed it; if there is none, take the "
    "file from its sender again.",
    applies=told("path_faults"),
)
def issuer_unconfirmed(summary: Summary, context: Context) -> Iterator[str]:
    """It was not signed with the key of the issuer of that name that is there."""
    yield from _on_path(summary, "issuer-other")


@rule(
    Severity.WARNING,
    **rfc_5280("4.1.2.7"),
    remedy="Make a new key for each server, so that one loss is not the loss of all.",
    by=Doer.SERVER,
    applies=told("same_key"),
)
def key_shared(summary: Summary, context: Context) -> Iterator[str]:
    """Another certificate has the same key."""
    around = summary.surroundings
    if around.same_key:
        more = around.same_key_more
        yield f"also in {around.same_key}" + (f" and {more} more" if more else "")


@rule(
    Severity.ERROR,
    **baseline("6.1.1.3"),
    remedy="Make a new key on a machine that is up to date, and renew with it.",
    applies=told("key_weaknesses"),
)
def key_known_weak(summary: Summary, context: Context) -> Iterator[str]:
    """Strangers can find out the private key: its weakness is publicly known."""
    yield from summary.surroundings.key_weaknesses
