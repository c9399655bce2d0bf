"""Windows: does it lie where the service finds it, with a key it may read?"""

from __future__ import annotations

from collections.abc import Iterator

from certlib import names
from certlib.names import accounts
from certlib.names.addresses import StoreLocation
from certlib.rules.citations import (
    INSTALL,
    MICROSOFT_STORES,
    SERVICE_ACCOUNT,
    baseline,
)
from certlib.rules.model import Context, is_server_certificate, rule
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits
from certlib.summaries import Role, Summary

KEEP_SECRET = baseline("9.6.3")
"""Whoever has a certificate keeps its private key confidential."""


def _lies_somewhere(traits: Traits, context: Context) -> bool:
    return traits.has_surroundings and is_server_certificate(traits, context)


@rule(
    Severity.ERROR,
    **INSTALL,
    remedy="Import the PFX file, or run `certreq -accept` where the request was made.",
    applies=lambda traits, context: (
        traits.private_key is False and traits.role is not Role.CA
    ),
    of_traits=True,
)
def private_key_missing(traits: Traits, context: Context) -> Iterator[str]:
    """The certificate has no private key with it, so no server can use it."""
    yield "private key: none"


@rule(
    Severity.ERROR,
    **INSTALL,
    remedy="Find the key that was made for this certificate, or renew it with this "
    "one; they belong together.",
    applies=lambda traits, context: traits.has_surroundings,
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
    applies=lambda traits, context: (
        _lies_somewhere(traits, context) and context.product is not None
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
    **KEEP_SECRET,
    remedy="In certlm.msc, the certificate > All Tasks > Manage Private Keys: take "
    "them out (or `certlib revoke-read`) and let the service's account in alone. "
    "Somebody may have a copy: get a certificate with a new key.",
    applies=lambda traits, context: traits.has_surroundings,
)
def private_key_readable_by_anyone(summary: Summary, context: Context) -> Iterator[str]:
    """A group that is nearly everybody may read the private key."""
    for account in summary.surroundings.key_readers or ():
        if whom := accounts.everybody_in(account):
            yield f"{account}: {whom}"


@rule(
    Severity.NOTICE,
    **KEEP_SECRET,
    remedy="In Manage Private Keys, leave Read and take Full control away, unless it "
    "is an administrator's: it lets this account open the key to others.",
    applies=lambda traits, context: traits.has_surroundings,
)
def private_key_in_full_control(summary: Summary, context: Context) -> Iterator[str]:
    """Not only administrators and SYSTEM have full control over the private key."""
    around = summary.surroundings
    if around.store is None or around.store.location is StoreLocation.CURRENT_USER:
        return  # where it is the user's own
    for account in around.key_controllers or ():
        if accounts.sid_of(account) not in _EVERY_KEY_NEEDS:
            yield account


_EVERY_KEY_NEEDS = ("S-1-5-18", "S-1-5-32-544")


@rule(
    Severity.NOTICE,
    **KEEP_SECRET,
    remedy="If it need not move to another machine, import the PFX file again without "
    "'Mark this key as exportable', and keep that file where only you can read it.",
    applies=_lies_somewhere,
)
def private_key_exportable(summary: Summary, context: Context) -> Iterator[str]:
    """Whoever administers the machine can export the private key from Personal."""
    store = summary.surroundings.store
    if store is not None and store.is_named("My") and summary.surroundings.exportable:
        yield f"store: {store}"


@rule(
    Severity.ERROR,
    **MICROSOFT_STORES,
    remedy="Import the PFX file again and choose Local Machine, not Current User.",
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
    applies=lambda traits, context: traits.has_surroundings and not traits.self_signed,
)
def not_a_root_among_roots(summary: Summary, context: Context) -> Iterator[str]:
    """It lies among the trusted roots and is none."""
    store = summary.surroundings.store
    if store is not None and store.is_named("Root"):
        yield f"issuer: {summary.issuer}"
