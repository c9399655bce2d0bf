"""Rights: who may use a file, on Windows and elsewhere."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _win32typing import PyACL, PySID

if sys.platform == "win32":

    def restrict(path: Path) -> None:
        """Let the owner, SYSTEM and Administrators alone use a file.

        Raises:
            OSError: Windows refused.
        """
        import pywintypes

        try:
            _set_owner_only(path)
        except pywintypes.error as error:  # which is no OSError
            raise OSError(error.winerror, error.strerror) from None

    def take_over(old: Path, new: Path) -> None:
        """Give a file the access control list of the one that it replaces."""
        import pywintypes
        import win32security

        what = win32security.DACL_SECURITY_INFORMATION
        with contextlib.suppress(pywintypes.error):  # there is none yet
            acl = win32security.GetNamedSecurityInfo(
                str(old), win32security.SE_FILE_OBJECT, what
            ).GetSecurityDescriptorDacl()
            win32security.SetNamedSecurityInfo(
                str(new), win32security.SE_FILE_OBJECT, what, None, None, acl, None
            )

    def others_reading(path: Path | None) -> tuple[str, ...]:
        """Return who may read a file beside owner, SYSTEM and Administrators."""
        import pywintypes
        import win32security

        if path is None:
            return ()
        what = (
            win32security.OWNER_SECURITY_INFORMATION
            | win32security.DACL_SECURITY_INFORMATION
        )
        try:
            found = win32security.GetNamedSecurityInfo(
                str(path), win32security.SE_FILE_OBJECT, what
            )
        except pywintypes.error:  # not everybody may see the rights on a file
            return ()
        acl = found.GetSecurityDescriptorDacl()
        if acl is None:  # no list lets everybody in
            return ("Everyone",)
        known = [  # no set: these identifiers have no hash
            found.GetSecurityDescriptorOwner(),
            win32security.CreateWellKnownSid(win32security.WinLocalSystemSid, None),
            win32security.CreateWellKnownSid(
                win32security.WinBuiltinAdministratorsSid, None
            ),
        ]
        return tuple(account_names(sid for sid in reading(acl) if sid not in known))

    def reading(acl: PyACL) -> Iterator[PySID]:
        """Yield the accounts that an access control list lets read."""
        import ntsecuritycon

        reads = (
            ntsecuritycon.GENERIC_READ
            | ntsecuritycon.GENERIC_ALL
            | ntsecuritycon.FILE_READ_DATA
        )
        return (sid for _, sid in allowed(acl, reads))

    def allowed(acl: PyACL, wanted: int = -1) -> Iterator[tuple[int, PySID]]:
        """Yield the entries that allow something of this mask: number and account."""
        import win32security

        for number in range(acl.GetAceCount()):
            (kind, flags), mask, sid = acl.GetAce(number)
            here = not flags & win32security.INHERIT_ONLY_ACE
            if here and kind == win32security.ACCESS_ALLOWED_ACE_TYPE and mask & wanted:
                yield number, sid

    def account_names(sids: Iterable[PySID]) -> list[str]:
        """Return the accounts with these identifiers, each once, in order."""
        return sorted(set(map(account_name, sids)), key=str.casefold)

    def account_name(sid: PySID) -> str:
        r"""Return an account as ``DOMAIN\name``, or its identifier if it is gone."""
        import pywintypes
        import win32security

        try:
            name, domain, _ = win32security.LookupAccountSid(None, sid)
        except pywintypes.error:  # an account that is gone
            return win32security.ConvertSidToStringSid(sid)
        return f"{domain}\\{name}" if domain else name

    def _set_owner_only(path: Path) -> None:
        import ntsecuritycon
        import win32api
        import win32security

        token = win32security.OpenProcessToken(
            win32api.GetCurrentProcess(), win32security.TOKEN_QUERY
        )
        owner = win32security.GetTokenInformation(token, win32security.TokenUser)[0]
        acl = win32security.ACL()
        for sid in (
            owner,
            win32security.CreateWellKnownSid(win32security.WinLocalSystemSid, None),
            win32security.CreateWellKnownSid(
                win32security.WinBuiltinAdministratorsSid, None
            ),
        ):
            acl.AddAccessAllowedAce(
                win32security.ACL_REVISION, ntsecuritycon.FILE_ALL_ACCESS, sid
            )
        win32security.SetNamedSecurityInfo(
            str(path),
            win32security.SE_FILE_OBJECT,
            win32security.DACL_SECURITY_INFORMATION
            | win32security.PROTECTED_DACL_SECURITY_INFORMATION,
            None,
            None,
            acl,
            None,
        )

else:

    def restrict(path: Path) -> None:
        """Let the owner alone use a file."""
        with contextlib.suppress(OSError):
            path.chmod(0o600)

    def take_over(old: Path, new: Path) -> None:
        """Give a file the mode and the owner of the one that it replaces."""
        with contextlib.suppress(OSError):  # there is none yet, or not by this account
            before = old.lstat()
            if stat.S_ISREG(before.st_mode):
                new.chmod(stat.S_IMODE(before.st_mode))
                os.chown(new, before.st_uid, before.st_gid)

    def others_reading(path: Path | None) -> tuple[str, ...]:
        """Return who may read a file beside its owner."""
        if path is None:
            return ()
        try:
            mode = path.stat().st_mode
        except OSError:  # reading it says why
            return ()
        readers = {stat.S_IRGRP: "its group", stat.S_IROTH: "every user"}
        return tuple(who for bit, who in readers.items() if mode & bit)
