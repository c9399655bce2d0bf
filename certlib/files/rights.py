"""Rights: who may use a file, on Windows and elsewhere."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

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
