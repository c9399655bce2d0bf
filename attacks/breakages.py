"""Breakages: what would be dangerous, and what the notebooks alone say to it.

    uv run python -m attacks breakages

Each is put into a copy of the package, and the notebooks run against that copy as
they are tested, the one on its matter first. One of them has to differ.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from attacks import Outcome

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Breakage:
    """A change of the package that nobody must be able to make unnoticed.

    Attributes:
        module: of the package.
        before: its text there.
        after: what stands there instead.
        notebook: the one that speaks of it.
    """

    module: str
    before: str
    after: str
    notebook: str


BREAKAGES = {
    "an imported key may always leave": Breakage(
        "stores/folder.py", '"exportable": exportable', '"exportable": True', "4-"
    ),
    "everybody reads an imported key": Breakage(
        "stores/folder.py",
        '"readers": list(_DEFAULT_READERS)',
        '"readers": ["Everyone", *_DEFAULT_READERS]',
        "4-",
    ),
    "a wildcard stands for names at any depth": Breakage(
        "names/__init__.py",
        "presented[2:] == rest",
        "reference.endswith(presented[1:])",
        "3-",
    ),
    "another server's name is as good": Breakage(
        "rules/identity.py",
        "if wanted and not any(names.matches(name, wanted) for name in there):",
        "if wanted and not there:",
        "3-",
    ),
    "what has expired is fine": Breakage(
        "rules/lifetime.py",
        "summary.not_after is not None and summary.not_after < context.at:",
        "False:",
        "6-",
    ),
    "a wrong signature counts as right": Breakage(
        "trust/signatures.py", "Link.DENIED if denied", "Link.CONFIRMED if denied", "3-"
    ),
    "SHA-1 is fine": Breakage(
        "rules/key_material.py", '(("sha1", "md5"', '(("md5"', "7-"
    ),
    "a short RSA key is fine": Breakage(
        "rules/key_material.py", "(traits) < 2048", "(traits) < 1024", "7-"
    ),
    "what was accepted is so for ever": Breakage(
        "auditing/suppressions.py", "at.date() <= entry.until", "True", "6-"
    ),
    "a file is replaced unasked": Breakage(
        "files/__init__.py", "path, replace=replace)", "path, replace=True)", "1-"
    ),
}


def copied(folder: Path) -> None:
    """Lay a copy of what the notebooks need."""
    for name in ("certlib", "notebooks", "tests"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)


def passes(folder: Path, first: str) -> bool:
    """Tell whether all notebooks of a copy run as they are stored."""
    every = sorted((folder / "notebooks").glob("*.ipynb"))
    every.sort(key=lambda path: not path.name.startswith(first))
    words = "-m pytest -o addopts= --nbval --nbval-current-env -p no:cacheprovider -xq"
    done = subprocess.run(
        [sys.executable, *words.split(), "--nbval-cell-timeout=120", *every],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    return done.returncode == 0


def attack(thorough: bool = False) -> list[Outcome]:
    """Return which breakages the notebooks pass over."""
    del thorough
    outcome = Outcome("dangerous changes, each noticed by the notebooks alone")
    for what, one in BREAKAGES.items():
        with tempfile.TemporaryDirectory() as name:
            copied(folder := Path(name))
            module = folder / "certlib" / one.module
            source = module.read_text(encoding="utf-8")
            if one.before not in source:
                outcome.bad.append(f"{what}: {one.module} has other words today")
                continue
            module.write_text(source.replace(one.before, one.after), encoding="utf-8")
            outcome.tried += 1
            if passes(folder, one.notebook):
                outcome.bad.append(what)
    return [outcome]
