"""Windows: does it lie where the service finds it, with a key it may read?"""

from __future__ import annotations

from collections.abc import Iterator

from certlib import names
from certlib.names.addresses import StoreLocation
from certlib.rules.citations import INSTALL, MICROSOFT_STORES, SERVICE_ACCOUNT
from certlib.rules.model import Context, is_server_certificate, rule, told
from certlib.rules.remedies import Doer
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits
from certlib.summaries import Role, Summary


def _lies_somewhere(traits: Traits, context: Context) -> bool:
    return "store" in traits.told and is_server_certificate(traits, context)


@rule(
    Severity.ERROR,
    **INSTALL,
    remedy="Import the PFX file, or run `certreq -accept` where the request was made.",
    by=Doer.SERVER,
    applies=lambda traits, context: (
        traits.private_key is False and traits.role is not Role.CA
    ),
)
def private_key_missing(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate has no private key with it, so no server can use it."""
    yield "private key: none"


@rule(
    Severity.ERROR,
    **INSTALL,
    remedy="Find the key that was made for this certificate, or renew it with this "
    "one; they belong together.",
    by=Doer.SERVER,
    applies=told("key_of_another"),
)
def key_of_another(summary: Summary, context: Context) -> Iterator[str]:
    """The private key in the same file belongs to another certificate."""
    if summary.surroundings.key_of_another:
        yield f"public key of this one: {summary.key_sha256}"


@rule(
    Severity.WARNING,
    **SERVICE_ACCOUNT,
    remedy="In certlm.msc, the certificate > All Tasks > Manage Private Keys: give "
    "the service's account the right Read.",
    by=Doer.SERVER,
    applies=lambda traits, context: (
        "key_readers" in traits.told
        and is_server_certificate(traits, context)
        and context.product is not None
    ),
)
def private_key_not_readable(summary: Summary, context: Context) -> Iterator[str]:
    """The default account of the service may not read the private key."""
    around, product = summary.surroundings, context.product
    if around.key_readers is None or product is None:
        return
    wanted = {product.service_account, *_EVERY_SERVICE}
    readers = set(map(names.account, around.key_readers))
    if readers.isdisjoint(map(names.account, wanted)):
        yield (
            f"wanted: {product.service_account}; may read: "
            f"{', '.join(around.key_readers)}"
        )


_EVERY_SERVICE = ("NT SERVICE\\ALL SERVICES", "NT AUTHORITY\\SERVICE")
"""Groups of services alone."""


@rule(
    Severity.ERROR,
    **MICROSOFT_STORES,
    remedy="Import the PFX file again and choose Local Machine, not Current User.",
    by=Doer.SERVER,
    applies=_lies_somewhere,
)
def in_current_user(summary: Summary, context: Context) -> Iterator[str]:
    """It lies in Current User, where a Windows service does not look."""
    store = summary.surroundings.store
    if store is not None and store.location is StoreLocation.CURRENT_USER:
        yield f"store: {store}"


@rule(
    Severity.WARNING,
    **INSTALL,
    remedy="Import it into Local Machine > Personal.",
    by=Doer.SERVER,
    applies=_lies_somewhere,
)
def not_in_personal(summary: Summary, context: Context) -> Iterator[str]:
    """It has its private key but does not lie in Personal."""
    store = summary.surroundings.store
    if store is not None and summary.private_key and not store.is_named("My"):
        yield f"store: {store}"


@rule(
    Severity.WARNING,
    **MICROSOFT_STORES,
    remedy="Move it to Intermediate Certification Authorities; only roots belong here.",
    by=Doer.SERVER,
    applies=told("store"),
)
def not_a_root_among_roots(summary: Summary, context: Context) -> Iterator[str]:
    """It lies among the trusted roots and is none."""
    store = summary.surroundings.store
    if store is not None and store.is_named("Root") and not summary.self_signed:
        yield f"issuer: {summary.issuer}"
