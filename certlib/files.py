"""Files: the one reader and the one writer.

A file is written whole or not at all, into a temporary neighbour that then
takes its place. Secrets are readable by their owner only from the first byte
on. Nothing is replaced unless the caller asks for it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

from certlib.errors import ExistsError, InputError

MAX_SIZE = 16 * 1024 * 1024
"""Bytes of the largest file that is read: far above any chain of certificates."""


def read(path: Path) -> bytes:
    """Return what a file holds.

    Raises:
        InputError: there is no such file, it is a directory, empty, too large
            or may not be read.
    """
    try:
        if path.is_dir():
            raise InputError(
                f"{path} is a directory", fix="name one of the files in it"
            )
        size = path.stat().st_size
        if size > MAX_SIZE:
            raise _too_large(path, f"{size:,}")
        # Not stat's size: a pipe has none, and a file may grow meanwhile.
        with path.open("rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist", fix="check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{path} cannot be read: {reason}", fix="check the path and your rights"
        ) from None
    if len(data) > MAX_SIZE:
        raise _too_large(path, f"more than {MAX_SIZE:,}")
    if not data:
        raise InputError(f"{path} is empty", fix="ask for the file again")
    return data


def _too_large(path: Path, size: str) -> InputError:
    return InputError(
        f"{path} has {size} bytes; certificate files have at most {MAX_SIZE:,}",
        fix="check that this is the certificate and not a backup or an image",
    )


def write(
    path: Path, data: bytes, *, secret: bool = False, replace: bool = False
) -> None:
    """Write a file whole or not at all.

    Args:
        path: where to; its folder must exist.
        data: what it will hold.
        secret: only the owner may read it (mode 0600; on Windows an access
            control list for the owner, SYSTEM and Administrators).
            Another file gets mode 0644, less what the umask forbids.
        replace: a file that is already there may be replaced.

    Raises:
        InputError: the file is there already, or cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _not_written(path, error) from None
    temporary = Path(name)  # mkstemp creates it with mode 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            if secret:
                _restrict(temporary)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if not secret:
            temporary.chmod(0o644 & ~_umask())
        _put_in_place(temporary, path, replace=replace)
    except FileExistsError:
        raise exists_already(path) from None
    except OSError as error:
        raise _not_written(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def _put_in_place(temporary: Path, path: Path, *, replace: bool) -> None:
    if replace:
        temporary.replace(path)
    elif sys.platform == "win32":
        temporary.rename(path)  # refuses an existing target on Windows
    else:
        # A hard link refuses an existing target, where rename would not.
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            path.open("xb").close()  # keeps the place, or finds it taken
            try:
                temporary.replace(path)
            except OSError:
                path.unlink(missing_ok=True)
                raise


def _umask() -> int:
    mask = os.umask(0o077)  # can only be read by setting it: to the strictest
    os.umask(mask)
    return mask


def check_free(path: Path, *, replace: bool = False) -> None:
    """See, before any work is done, that a file is not there yet.

    Raises:
        InputError: it is there and `replace` is not set, or it has a name that
            no file can have.
    """
    try:
        there, folder = path.exists(), path.is_dir()
    except (OSError, ValueError) as error:
        raise _not_written(path, error) from None
    if folder:
        raise InputError(f"{path} is a directory", fix="name a file in it")
    if there and not replace:
        raise exists_already(path)


def exists_already(path: Path) -> ExistsError:
    """Return the error for a file that is there and was not to be replaced."""
    return ExistsError(
        f"{path} exists already and is left as it is",
        fix="choose another name, or say that it may be replaced",
    )


def _not_written(path: Path, error: OSError | ValueError) -> InputError:
    reason = getattr(error, "strerror", None) or error
    return InputError(
        f"{path} cannot be written: {reason}",
        fix="check that the folder exists and that you may write there",
    )


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may look into, and return it.

    A folder that is there already keeps the rights that it has; parents that are
    missing are made with the usual ones. On Windows it inherits its parent's.

    Raises:
        InputError: it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise _not_written(path, error) from None
    return path


if sys.platform == "win32":

    def _restrict(path: Path) -> None:
        import pywintypes

        try:
            _set_owner_only(path)
        except pywintypes.error as error:  # which is no OSError
            raise OSError(error.winerror, error.strerror) from None

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

    def _restrict(path: Path) -> None:
        with contextlib.suppress(OSError):
            path.chmod(0o600)
