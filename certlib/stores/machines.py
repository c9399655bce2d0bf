"""Machines: this computer, and a folder that stands in for one."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs

from certlib.stores.contract import Machine
from certlib.stores.folder import FolderMachine

if sys.platform == "win32":
    from certlib.stores.windows import WindowsMachine


def this_machine() -> Machine:
    """Return the stores of this computer: Windows' own, files elsewhere."""
    if sys.platform == "win32":
        return WindowsMachine()
    return FolderMachine(Path(platformdirs.user_data_dir("certlib")) / "stores")


def practice_machine(folder: Path) -> Machine:
    """Return stores for exercises, kept in a folder; they take practice keys."""
    return FolderMachine(folder, practice=True)
