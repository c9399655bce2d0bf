"""Secrecy: who can get at the private key?"""

from __future__ import annotations

from collections.abc import Iterator

from certlib.names import accounts
from certlib.names.addresses import StoreLocation
from certlib.rules.citations import baseline
from certlib.rules.model import Context, rule, told
from certlib.rules.remedies import Doer
from certlib.rules.severity import Severity
from certlib.summaries import Summary

KEEP_SECRET = baseline("9.6.3")
"""Whoever has a certificate keeps its private key confidential."""


@rule(
    Severity.ERROR,
    **KEEP_SECRET,
    remedy="In certlm.msc, the certificate > All Tasks > Manage Private Keys: take "
    "them out (or `certlib revoke-read`) and let the service's account in alone. "
    "Somebody may have a copy: get a certificate with a new key.",
    by=Doer.SERVER,
    applies=told("key_readers"),
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
    by=Doer.SERVER,
    applies=told("key_controllers"),
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
    by=Doer.SERVER,
    applies=told("exportable"),
)
def private_key_exportable(summary: Summary, context: Context) -> Iterator[str]:
    """Whoever administers the machine can export the private key from Personal."""
    store = summary.surroundings.store
    if store is not None and store.is_named("My") and summary.surroundings.exportable:
        yield f"store: {store}"


@rule(
    Severity.WARNING,
    **KEEP_SECRET,
    remedy="Write it anew with a passphrase (`certlib convert`), delete this file, and "
    "keep the passphrase elsewhere. A server that reads a key without one: let its "
    "account alone read the file.",
    applies=told("key_protected"),
)
def private_key_without_passphrase(summary: Summary, context: Context) -> Iterator[str]:
    """The private key lies in a file without a passphrase."""
    if summary.surroundings.key_protected is False:
        yield "whoever gets the file has the key"


@rule(
    Severity.WARNING,
    **KEEP_SECRET,
    remedy="Take the right from them (chmod 600; on Windows Properties > Security). "
    "Somebody may have a copy: get a certificate with a new key.",
    applies=told("key_file_readers"),
)
def private_key_file_open(summary: Summary, context: Context) -> Iterator[str]:
    """Others than its owner may read the file with the unprotected private key."""
    around = summary.surroundings
    if around.key_file_readers and not around.key_protected:
        yield f"may read: {', '.join(around.key_file_readers)}"


@rule(
    Severity.NOTICE,
    **KEEP_SECRET,
    remedy="Take the right from them: whoever has a copy of the file can try "
    "passphrases for as long as it takes.",
    applies=told("key_file_readers"),
)
def protected_key_file_open(summary: Summary, context: Context) -> Iterator[str]:
    """Others than its owner may copy the file with the private key."""
    around = summary.surroundings
    if around.key_file_readers and around.key_protected:
        yield f"may read: {', '.join(around.key_file_readers)}"
