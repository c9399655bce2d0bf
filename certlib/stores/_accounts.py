"""Who may use a private key: accounts in a Windows security descriptor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import ntsecuritycon
import pywintypes
import win32security

from certlib.errors import StoreError
from certlib.files import rights
from certlib.names import accounts
from certlib.stores import contract, refusals

if TYPE_CHECKING:
    from _win32typing import PyACL, PySECURITY_DESCRIPTOR, PySID

assert sys.platform == "win32"  # noqa: S101 - what mypy understands

# SYSTEM and Administrators, the two that every machine key needs.
_NEW_KEY = "D:P(A;;FA;;;SY)(A;;FA;;;BA)"
_SYSTEM = "S-1-5-18"
# Everyone, Authenticated Users, SERVICE, Users, ALL SERVICES: every service is in
# them. Their names differ from language to language, these do not.
_EVERYBODY = ("S-1-1-0", "S-1-5-11", "S-1-5-6", "S-1-5-32-545", "S-1-5-80-0")
_CONTROLS = (
    ntsecuritycon.GENERIC_ALL | ntsecuritycon.WRITE_DAC | ntsecuritycon.WRITE_OWNER
)
_INHERITANCE = win32security.SE_DACL_PROTECTED | win32security.SE_DACL_AUTO_INHERITED


def of_a_new_machine_key() -> PySECURITY_DESCRIPTOR:
    """Return who may read a machine key at first."""
    return _from_text(_NEW_KEY)


def readers(descriptor: PySECURITY_DESCRIPTOR) -> list[str]:
    """Return the accounts that may read, by name."""
    return rights.account_names(rights.reading(_acl(descriptor)))


def controllers(descriptor: PySECURITY_DESCRIPTOR) -> list[str]:
    """Return the accounts that may change who may read, by name."""
    allowed = rights.allowed(_acl(descriptor), _CONTROLS)
    return rights.account_names(sid for _, sid in allowed)


def may_read(descriptor: PySECURITY_DESCRIPTOR, account: str) -> bool:
    """Tell whether an account may read: itself, or as one of everybody's groups.

    Raises:
        InputError: this can be no account's name.
        StoreError: this machine knows no such account.
    """
    sid = lookup(account)
    if sid == _sid(_SYSTEM):
        return True
    reading = _reading(descriptor)
    return sid in reading or any(_sid(group) in reading for group in _EVERYBODY)


def with_reader(
    descriptor: PySECURITY_DESCRIPTOR, account: str
) -> PySECURITY_DESCRIPTOR:
    """Return a descriptor in which an account may read, too.

    Raises:
        StoreError: Windows knows no such account.
    """
    sid = lookup(account)
    if sid in _reading(descriptor):
        return descriptor
    acl = _acl(descriptor)
    acl.AddAccessAllowedAce(win32security.ACL_REVISION, ntsecuritycon.GENERIC_READ, sid)
    return _with_acl(acl, like=descriptor)


def without_reader(
    descriptor: PySECURITY_DESCRIPTOR, account: str
) -> PySECURITY_DESCRIPTOR | None:
    """Return a descriptor without an account's right; None if it has none.

    Raises:
        StoreError: Windows knows no such account, or it is one that every key
            of the machine needs.
    """
    sid = lookup(account)
    if sid in _reading(of_a_new_machine_key()):
        raise refusals.needed_by_every_key(account)
    acl = _acl(descriptor)
    doomed = [n for n, ace in rights.allowed(acl) if ace == sid]
    if not doomed:
        return None
    for number in reversed(doomed):
        acl.DeleteAce(number)
    return _with_acl(acl, like=descriptor)


def self_relative(descriptor: PySECURITY_DESCRIPTOR) -> bytes:
    """Return the bytes that Windows' functions for keys take."""
    text = win32security.ConvertSecurityDescriptorToStringSecurityDescriptor(
        descriptor,
        win32security.SDDL_REVISION_1,
        win32security.DACL_SECURITY_INFORMATION,
    )
    return bytes(memoryview(_from_text(text)))  # type: ignore[arg-type]


def from_self_relative(data: bytes) -> PySECURITY_DESCRIPTOR:
    """Return the descriptor that such bytes are."""
    return win32security.SECURITY_DESCRIPTOR(data)  # type: ignore[call-arg]


def lookup(account: str) -> PySID:
    r"""Return the security identifier of an account.

    Raises:
        InputError: this can be no account's name.
        StoreError: this machine knows no such account.
    """
    account = contract.checked_account(account)
    try:
        if (sid := accounts.sid_of(account)) is not None:
            return _sid(sid)
        return win32security.LookupAccountName(None, account)[0]
    except pywintypes.error as error:
        raise StoreError(
            f"this machine knows no account {account!r}",
            fix=r"write a service's account as NT Service\<service> with the name "
            "that `Get-Service` lists under Name, after the service is installed; "
            r"a domain account as DOMAIN\name",
            code=error.winerror,
        ) from None


def known(account: str) -> str:
    """Return an account's name as Windows writes it.

    Raises:
        InputError: this can be no account's name.
        StoreError: this machine knows no such account.
    """
    return rights.account_name(lookup(account))


def is_elevated() -> bool:
    """Tell whether this thread has an administrator's rights."""
    administrators = win32security.CreateWellKnownSid(
        win32security.WinBuiltinAdministratorsSid, None
    )
    return bool(win32security.CheckTokenMembership(None, administrators))  # type: ignore[arg-type]


def _reading(descriptor: PySECURITY_DESCRIPTOR) -> list[PySID]:
    return list(rights.reading(_acl(descriptor)))


def _acl(descriptor: PySECURITY_DESCRIPTOR) -> PyACL:
    # None would let everybody in; Windows makes no key like that.
    return descriptor.GetSecurityDescriptorDacl() or win32security.ACL()


def _with_acl(acl: PyACL, *, like: PySECURITY_DESCRIPTOR) -> PySECURITY_DESCRIPTOR:
    """Return a descriptor with this list, as closed to its parent as another."""
    descriptor = win32security.SECURITY_DESCRIPTOR()
    descriptor.SetSecurityDescriptorDacl(1, acl, 0)
    control, _ = like.GetSecurityDescriptorControl()
    descriptor.SetSecurityDescriptorControl(_INHERITANCE, control & _INHERITANCE)
    return descriptor


def _sid(text: str) -> PySID:
    return win32security.ConvertStringSidToSid(text)


def _from_text(text: str) -> PySECURITY_DESCRIPTOR:
    return win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(
        text, win32security.SDDL_REVISION_1
    )
