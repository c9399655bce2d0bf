"""Folders: which files below one are looked at, and what nobody could look at."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from certlib.bundles import endings
from certlib.errors import InputError

_PERHAPS = frozenset(["", ".txt", ".bak", ".old", ".orig", ".save", ".ca"])
"""Endings of files that are read if they begin like a PEM file or a keystore."""

_BEGINNINGS = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")  # Java's keystores
_SAMPLE = 4096

Seen = Path | tuple[Path, InputError]
"""A file to read, or a place that cannot be looked at and why."""


def walk(folder: Path) -> list[Seen]:
    """Return what lies below a folder, in the order of its names.

    Hidden files and folders are passed over, and so are files that are no
    certificates by their ending. A folder in which nothing at all can be looked
    at is one of the places that are named.
    """
    others: list[Path] = []
    found = sorted(_walk(folder, others), key=lambda seen: _path(seen).parts)
    if found:
        return found
    counted = Counter(
        "hidden" if _is_hidden(p.name) else p.suffix.lower() for p in others
    )
    kinds = ", ".join(
        f"{n} {ending or 'without ending'}" for ending, n in counted.items()
    )
    return [
        (
            folder,
            InputError(
                f"nothing in it was looked at: {kinds or 'it is empty'}",
                fix="name the folder or the files that hold the certificates",
            ),
        )
    ]


def passed_over(folder: Path) -> tuple[Path, ...]:
    """Return the files below a folder that are no certificates by their ending."""
    others: list[Path] = []
    for _ in _walk(folder, others):
        pass
    return tuple(sorted(path for path in others if not _is_hidden(path.name)))


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def _path(seen: Seen) -> Path:
    return seen if isinstance(seen, Path) else seen[0]


def _walk(folder: Path, others: list[Path]) -> Iterator[Seen]:
    errors: list[OSError] = []
    for base, folders, names in os.walk(folder, onerror=errors.append):
        for error in errors:
            yield Path(error.filename), _closed(error)
        errors.clear()
        others += [Path(base, name) for name in folders if _is_hidden(name)]
        folders[:] = [name for name in folders if not _is_hidden(name)]
        for name in folders:
            if (link := Path(base, name)).is_symlink() and not _within(link, folder):
                yield link, _not_followed(link)
        for name in names:
            path = Path(base, name)
            if not _is_hidden(name) and _is_wanted(path):
                yield path
            else:
                others.append(path)
    for error in errors:
        yield Path(error.filename), _closed(error)


def _closed(error: OSError) -> InputError:
    return InputError(
        f"it cannot be looked into: {error.strerror}",
        fix="check your rights, or name what you may read",
    )


def _not_followed(link: Path) -> InputError:
    return InputError(
        "it is a link to another folder and was not followed",
        fix=f"name that folder, too: {os.path.realpath(link)}",
    )


def _within(link: Path, folder: Path) -> bool:
    """Tell whether a link leads to where the walk comes by itself."""
    top = os.path.realpath(folder)
    return os.path.commonpath([top, os.path.realpath(link)]) == top


def _is_wanted(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in endings.SEARCHED:
        return True
    if suffix not in _PERHAPS and suffix not in endings.PRIVATE_KEY.endings:
        return False
    try:
        if not path.is_file():  # a pipe or a device
            return False
        with path.open("rb") as stream:
            data = stream.read(_SAMPLE)
    except OSError:  # reading it says why
        return True
    text = data.replace(b"\0", b"")  # UTF-16, as Windows PowerShell writes it
    if suffix in endings.PRIVATE_KEY.endings:
        # One that is protected is named as not read, and no fault.
        is_der = data[:1] == b"\x30" and not data[:64].isascii()
        return is_der or (b"-----BEGIN " in text and b"ENCRYPTED" not in text)
    return b"-----BEGIN " in text or data.startswith(_BEGINNINGS)
