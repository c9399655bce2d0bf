"""Files: the one reader, the one writer, and the lock of a folder.

A file is written whole or not at all, into a temporary neighbour that then
takes its place. Secrets are readable by their owner only from the first byte
on. Nothing is replaced unless the caller asks for it.

A writer that is killed leaves its temporary file behind, with a key in it
perhaps. Each one is locked while it is written, so the next writer in this
folder can tell those apart that nobody writes any more, and deletes them.
"""

from __future__ import annotations

import contextlib
import os
import select
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from certlib import texts
from certlib.errors import ExistsError, InputError
from certlib.files import rights

MAX_SIZE = 16 * 1024 * 1024
"""Bytes of the largest file that is read: far above any chain of certificates."""

MAX_SECONDS = 10.0
"""How long another program may take to write into a pipe that is read."""

PATIENCE = 60.0
"""Seconds that a lock is waited for; nothing is done under one that takes longer."""

_TEMPORARY = ".certlib-*.tmp"
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)  # which Windows has not
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)  # a pipe without a writer opens, too
_BINARY = getattr(os, "O_BINARY", 0)


def named(text: str) -> Path:
    """Return the file or folder that somebody means who typed or pasted a path.

    A file of exactly this name is meant as it is; otherwise the path is cleaned
    of quotes, blanks and invisible marks around it (`texts.pasted`).

    Raises:
        InputError: nothing is left, as of a variable that is not set.
    """
    exact = Path(text)
    if text and is_there(exact):
        return exact
    # Windows' shells take \" at the end of a quoted folder for a quote.
    if not (cleaned := texts.pasted(text).removesuffix('"')):
        raise InputError(
            "an empty text names no file", fix="name one; . is the folder you are in"
        )
    return Path(cleaned)


def is_there(path: Path) -> bool:
    """Tell whether something has this name, or whether that may not be known."""
    try:
        os.lstat(path)
    except PermissionError:  # who reads it is told
        return True
    except (OSError, ValueError):  # too long, or with a NUL
        return False
    return True


def look_into(folder: Path) -> None:
    """See that what is in a folder can be seen: `glob` takes one that cannot for empty.

    Raises:
        InputError: it is a file, or nobody here may look into it. One that is not
            there is empty.
    """
    try:
        os.scandir(folder).close()
    except FileNotFoundError:
        above = next((one for one in folder.parents if one.exists()), Path())
        if above.is_dir():
            return
        why = f"{above} is a file"  # Windows finds nothing below one
    except OSError as error:
        why = str(error.strerror)
    else:
        return
    raise not_seen(str(folder), why)


def not_seen(path: str, why: str) -> InputError:
    """Return the error for what nobody here may look into, or nobody can."""
    return InputError(
        f"{path} cannot be looked into: {why}", fix="check the path and your rights"
    )


def may_be_named(path: Path) -> bool:
    """Tell whether something could have this name: it is not too long, for example."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return True
    except (OSError, ValueError):
        return False
    return True


def read(path: Path, *, follow: bool = True) -> bytes:
    """Return what a file, or a pipe within `MAX_SECONDS`, holds.

    Args:
        path: of the file.
        follow: through symbolic links. Not in a folder that certlib keeps:
            none is there unless somebody has planted it.

    Raises:
        InputError: there is no such file, it is a directory or a device, empty,
            too large, a symbolic link not to be followed, or may not be read.
    """
    try:
        if path.is_dir():
            raise InputError(
                f"{path} is a directory", fix="name one of the files in it"
            )
        if not follow:
            refuse_link(path)
        flags = os.O_RDONLY | _AT_ONCE | _BINARY | (0 if follow else _NO_FOLLOW)
        with os.fdopen(os.open(path, flags), "rb", buffering=0) as stream:
            data = _content(path, stream.fileno())
    except FileNotFoundError:
        raise InputError(f"{path} does not exist", fix="check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{path} cannot be read: {reason}", fix="check the path and your rights"
        ) from None
    if not data:
        raise InputError(f"{path} is empty", fix="ask for the file again")
    return data


_PIECE = 65_536
"""Bytes that are read beyond a file's size, or of a pipe."""


def _content(path: Path, handle: int) -> bytes:
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISFIFO(status.st_mode):
        raise InputError(f"{path} is a device and no file", fix="name a file")
    if status.st_size > MAX_SIZE:
        raise _too_large(path, f"{status.st_size:,}")
    # Not stat's size: a pipe has none, and a file may grow meanwhile.
    data = bytearray()
    end = time.monotonic() + MAX_SECONDS
    size = min(status.st_size + _PIECE, MAX_SIZE + 1)
    while chunk := _chunk(path, handle, end, size):
        data += chunk
        if len(data) > MAX_SIZE:
            raise _too_large(path, f"more than {MAX_SIZE:,}")
    return bytes(data)


def _chunk(path: Path, handle: int, end: float, size: int) -> bytes:
    """Return the next bytes, which a pipe may have to be waited for."""
    try:
        return os.read(handle, size)
    except BlockingIOError:
        remaining = max(end - time.monotonic(), 0)
    if not select.select([handle], [], [], remaining)[0]:
        raise InputError(
            f"{path} was not written to its end within {MAX_SECONDS:.0f} seconds",
            fix="write it to a file first, and name that",
        )
    return _chunk(path, handle, end, size)


def _too_large(path: Path, size: str) -> InputError:
    return InputError(
        f"{path} has {size} bytes; certificate files have at most {MAX_SIZE:,}",
        fix="check that this is the certificate and not a backup or an image",
    )


def write(
    path: Path,
    data: bytes,
    *,
    secret: bool = False,
    replace: bool = False,
    like: Path | None = None,
) -> None:
    """Write a file whole or not at all.

    Args:
        path: where to; its folder must exist.
        data: what it will hold.
        secret: only the owner may read it (mode 0600; on Windows an access
            control list for the owner, SYSTEM and Administrators).
            Another file gets mode 0644, less what the umask forbids, or the
            rights and the owner of the one that it replaces.
        replace: a file that is already there may be replaced.
        like: a file to take rights and owner from, as a backup does.

    Raises:
        InputError: the file is there already, or cannot be written.
    """
    try:
        _refuse_device(path)
        sweep(path.parent)
        _write(path, data, secret=secret, replace=replace, like=like or path)
    except FileExistsError:
        raise _exists_already(path) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _not_written(path, error) from None


def _refuse_device(path: Path) -> None:
    """Let a path pass that is a file, a link or free: a device is not replaced."""
    with contextlib.suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode)):
            raise InputError(f"{path} is a device and no file", fix="name a file")


def _write(path: Path, data: bytes, *, secret: bool, replace: bool, like: Path) -> None:
    temporary = path.with_name(_TEMPORARY.replace("*", os.urandom(8).hex()))
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BINARY
    handle = os.open(temporary, flags, 0o600 if secret else 0o644)
    try:
        with os.fdopen(handle, "wb") as stream:
            with contextlib.suppress(OSError):  # a file system without locks
                _lock(handle)
            if secret:
                rights.restrict(temporary)
            else:
                rights.take_over(like, temporary)
            stream.write(data)
            stream.flush()
            os.fsync(handle)
            if sys.platform != "win32":  # which renames no file that is open
                _put_in_place(temporary, path, replace=replace)
        if sys.platform == "win32":
            _put_in_place(temporary, path, replace=replace)
    finally:
        # The file is written, or the reason why not is on its way.
        with contextlib.suppress(OSError):
            temporary.unlink()
    _sync(path.parent)


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
            with _turn(path.parent):
                if os.path.lexists(path):
                    raise FileExistsError from None
                temporary.replace(path)


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Wait until no other writer places a file in a folder without hard links."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            _lock(handle)
        yield
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    """Have the name of a file survive a loss of power as its content does."""
    if sys.platform == "win32":  # which cannot, and journals names itself
        return
    with contextlib.suppress(OSError):  # the file is in its place all the same
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep(folder: Path) -> None:
    """Delete the temporary files of writers in a folder that were killed."""
    for path in folder.glob(_TEMPORARY):
        with contextlib.suppress(OSError):
            if _is_abandoned(path):
                path.unlink()


def _is_abandoned(path: Path) -> bool:
    """Tell whether nobody writes a temporary file any more.

    Raises:
        OSError: it is somebody else's, or gone already.
    """
    handle = os.open(path, os.O_RDWR | _NO_FOLLOW | _AT_ONCE)
    try:
        return _lock(handle, blocking=False)
    finally:
        os.close(handle)


def _lock(handle: int, *, blocking: bool = True) -> bool:
    import filelock  # slower to load than all of this: only who writes needs it

    return filelock.lock_descriptor(handle, blocking=blocking)


@contextlib.contextmanager
def locked(
    folder: Path, *, name: str = ".lock", patience: float = PATIENCE
) -> Iterator[None]:
    """Keep other processes and threads out of a folder that certlib keeps.

    The system releases the lock of a process that ends, however it does. It
    keeps out those who ask for it: certlib itself, on Windows as elsewhere,
    and no other program. A thread that has it may take it again.

    Args:
        folder: which one.
        name: of the lock in it, if it keeps others out of a part only.
        patience: seconds to wait for whoever has it.

    Raises:
        InputError: the folder is not there, the lock cannot be made in it, or
            somebody else has held it for so long.
    """
    import filelock

    lock = filelock.FileLock(
        folder / name,
        timeout=patience,
        mode=0o600,
        is_singleton=True,
        poll_interval=0.01,
    )
    try:
        lock.acquire()
    except filelock.Timeout:
        raise InputError(
            f"{folder} is in use by another process"
            + (f" since {patience:.0f} seconds" if patience else f", see {name} in it"),
            fix="wait until it is done, or end it, and try again",
        ) from None
    except OSError as error:
        raise _not_written(folder, error) from None
    try:
        yield
    finally:
        lock.release()


def check_free(path: Path, *, replace: bool | None = None) -> None:
    """See, before any work is done, that a file is not there yet.

    Args:
        path: of the file.
        replace: whether one that is there may be replaced; None where nobody can
            say so.

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
        raise _exists_already(path, replaceable=replace is not None)


def _exists_already(path: Path, *, replaceable: bool = True) -> ExistsError:
    """Return the error for a file that is there and was not to be replaced."""
    return ExistsError(
        f"{path} exists already and is left as it is",
        fix="choose another name" + ", or say that it may be replaced" * replaceable,
        parameter="replace" * replaceable,
    )


def _not_written(path: Path, error: OSError | ValueError) -> InputError:
    reason = getattr(error, "strerror", None) or error
    return InputError(
        f"{path} cannot be written: {reason}",
        fix="check that the folder exists and that you may write there",
    )


def folder(path: Path, *, mode: int = 0o755) -> Path:
    """Make a folder, and the parents that are missing, and return it.

    Nobody but the owner may write into them, whatever the umask allows. A folder
    that is there already keeps the rights that it has.

    Args:
        path: of the folder.
        mode: of the folder itself; its parents get 0755.

    Raises:
        InputError: it cannot be made.
    """
    try:
        for parent in reversed(path.parents):
            if not parent.exists():
                parent.mkdir(mode=0o755, exist_ok=True)
        path.mkdir(mode=mode, exist_ok=True)
    except (OSError, ValueError) as error:
        raise _not_written(path, error) from None
    return path


def private_folder(path: Path, *, within: Path | None = None) -> Path:
    """Make a folder that only its owner may look into, and return it.

    See `folder`. On Windows it inherits its parent's rights.

    Args:
        path: of the folder.
        within: a folder that certlib keeps and that has this one in it. What is
            below it is no symbolic link unless somebody has planted it.

    Raises:
        InputError: it cannot be made, or there is a symbolic link on its way.
    """
    if within is not None:
        for one in (path, *path.parents):
            if one != within and one.is_relative_to(within):
                refuse_link(one)
    return folder(path, mode=0o700)


def refuse_link(path: Path) -> None:
    """Let a path pass, in a folder that certlib keeps, that is no symbolic link.

    Raises:
        InputError: it is one.
    """
    if path.is_symlink():
        raise InputError(
            f"{path} is a symbolic link, which certlib has not made and does not "
            "follow",
            fix="look who has put it there; then remove it",
        )
