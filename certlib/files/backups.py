"""Backups: the earlier content of a file, kept beside it under a number."""

from __future__ import annotations

from pathlib import Path

from certlib import files
from certlib.errors import InputError

MOST = 1000
"""How many backups of one file there may be."""


def keep(path: Path) -> Path:
    """Copy a file beside itself, with its rights, and return the copy.

    Raises:
        InputError: it cannot be read or written, or there are too many.
    """
    data = files.read(path)
    for number in range(1, MOST):
        backup = _numbered(path, number)
        if not backup.exists():
            files.write(backup, data, like=path)
            return backup
    raise InputError(
        f"{path.parent} holds too many backups of {path.name}",
        fix="delete the oldest of them",
    )


def kept(path: Path) -> list[Path]:
    """Return the backups of a file that are there, the newest first."""
    found = [p for n in range(1, MOST) if (p := _numbered(path, n)).is_file()]
    return found[::-1]


def put_back(path: Path, backup: Path) -> None:
    """Have the earlier content again, and no backup of it.

    Raises:
        InputError: the file cannot be written.
    """
    files.write(path, files.read(backup), replace=True)
    backup.unlink(missing_ok=True)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}.bak")
