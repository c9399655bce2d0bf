"""Lessons: where a notebook keeps its files, and how it shows a refusal.

A lesson can be run at any time, twice at once, and where nothing may be written.
"""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from certlib.errors import CertlibError, InputError

_PACKAGED = Path(__file__).resolve().parents[1] / "notebooks"
"""The notebooks of an installation: nothing is ever written beside them."""


def fresh_folder(name: str, *, within: Path = Path("work")) -> Path:
    """Make and return a folder of one's own for the files of an exercise.

    Each run gets another one (``creating-1``, ``creating-2``, ...). So two pages
    never share one, and nothing that somebody put into one is ever deleted.
    Where nothing may be written it lies among the system's temporary files.

    Raises:
        InputError: it cannot be made.
    """
    try:
        if not _can_write(within):
            within = Path(tempfile.mkdtemp(prefix="certlib-")) / within.name
            within.mkdir()
        there = {path.name for path in within.glob(f"{name}-*")}
        for number in itertools.count(1 + len(there)):
            folder = within / f"{name}-{number}"
            with contextlib.suppress(FileExistsError):
                folder.mkdir()  # fails if another page was faster
                return folder
    except OSError as error:
        raise InputError(
            f"no folder can be made in {within.resolve()}: {error.strerror}",
            fix="open the notebook in a folder of yours",
        ) from None
    raise AssertionError  # numbers do not end


def own_folder(*, beside: Path = Path("work/own")) -> Path:
    """Return the folder of what a reader makes, which no lesson ever empties.

    It lies beside the notebook, or with the user's data where nothing may be
    written there.
    """
    if _can_write(beside):
        return beside
    return Path(platformdirs.user_data_dir("certlib")) / beside.name


@contextlib.contextmanager
def refused() -> Iterator[None]:
    """Show what certlib refuses, in its words, and let the notebook go on."""
    try:
        yield
    except CertlibError as error:
        print(f"Refused: {error}")  # noqa: T201 # a notebook's output


def _can_write(folder: Path) -> bool:
    if _PACKAGED in folder.resolve().parents:
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
