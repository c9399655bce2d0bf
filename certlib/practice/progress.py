"""Progress: what a learner has solved, in one file on this computer.

Nothing is sent anywhere. Several notebooks may be open at once.

    {"format": 1, "learner": "...", "seed": "...",
     "tasks": {"<task>": {"round": 0, "tries": 2, "hints": 1,
                          "shown": false, "solved": "2026-11-02T08:00:00+00:00"}}}
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import platformdirs

from certlib import clock, files, names
from certlib.errors import CertlibError, EncodingError, InputError
from certlib.parsers import JSON_ERRORS
from certlib.practice.exercises import Exercise, Task
from certlib.practice.material import Material

VARIABLE = "CERTLIB_PROGRESS"
"""Environment variable: another file than the user's own."""

_FORMAT = 1


@dataclass(frozen=True)
class Record:
    """How far a learner is with one task.

    Attributes:
        round: how often other material was asked for.
        tries: answers that were checked.
        hints: hints that were taken.
        shown: the solution of this round was looked at.
        solved: the moment (UTC) of the first right answer, or None.
    """

    round: int = 0
    tries: int = 0
    hints: int = 0
    shown: bool = False
    solved: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """All of a learner's records.

    Attributes:
        learner: the name for the certificate; may be empty.
        seed: what the learner's own material comes from.
        records: by the name of the task.
    """

    learner: str = ""
    seed: str = field(default_factory=lambda: secrets.token_hex(8))
    records: dict[str, Record] = field(default_factory=dict)

    def solved(self, name: str) -> bool:
        """Tell whether a task was solved."""
        return self.records.get(name, Record()).solved is not None


@dataclass(frozen=True)
class Learner:
    """Somebody who works on tasks, and the file that remembers it.

    Attributes:
        path: the file; written when there is something to remember.
    """

    path: Path

    @classmethod
    def here(cls) -> Learner:
        """Return the one who uses this computer."""
        if set_ := os.environ.get(VARIABLE):
            return cls(Path(set_))
        return cls(Path(platformdirs.user_data_dir("certlib")) / "progress.json")

    def progress(self) -> Progress:
        """Return what was solved so far.

        Raises:
            EncodingError: the file is damaged.
            InputError: it cannot be read.
        """
        return read(self.path) if self.path.exists() else Progress()

    def exercise(self, task: Task) -> Exercise:
        """Return a task with this learner's own material, the same each time."""
        with self._changing() as progress:
            seed = progress.seed
        record = progress.records.get(task.name, Record())
        folder = Path(tempfile.mkdtemp(prefix=f"certlib-{task.name}-"))
        made = task.make(Material(f"{seed}/{task.name}/{record.round}", folder))
        weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
        return made

    def note(self, task: Task, **changes: Any) -> Record:
        """Remember something of a task's `Record`, and return that."""
        with self._changing() as progress:
            record = replace(progress.records.get(task.name, Record()), **changes)
            progress.records[task.name] = record
        return record

    def record(self, task: Task) -> Record:
        """Return how far this learner is with a task."""
        return self.progress().records.get(task.name, Record())

    def rename(self, name: str) -> None:
        """Remember the learner's name, for the certificate.

        Raises:
            InputError: it is empty or has characters that cannot be shown.
        """
        name = " ".join(name.split())
        if not name or not _may_be_named(name):
            raise InputError(
                "the name is empty, too long, or cannot be shown",
                fix="write it in at most 64 letters",
            )
        with self._changing(learner=name):
            pass

    def reset(self) -> None:
        """Forget everything, and get other material from now on."""
        with self._locked():
            self.path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _changing(self, **changes: Any) -> Iterator[Progress]:
        with self._locked():
            stored = self.progress()
            before = _document(stored)
            progress = replace(stored, **changes)
            yield progress
            if (after := _document(progress)) != before or not self.path.exists():
                data = json.dumps(after, indent=1).encode()
                files.write(self.path, data, replace=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            try:
                folder = files.folder(self.path.parent)
                stack.enter_context(files.locked(folder))
            except InputError as error:
                error.fix += f"; or set {VARIABLE} to a file that you may write"
                raise
            yield


def read(path: Path) -> Progress:
    """Return what a progress file says.

    Raises:
        InputError: it cannot be read.
        EncodingError: it is not a progress file.
    """
    data = files.read(path)
    try:
        progress = _progress(json.loads(data))
    except (*JSON_ERRORS, CertlibError):
        progress = None
    if progress is None:
        raise EncodingError(
            f"{path} is not a file of somebody's progress, or it is damaged",
            fix="put it aside to begin anew",
        )
    return progress


def _progress(document: dict[str, Any]) -> Progress | None:
    if document["format"] != _FORMAT:
        return None
    records = {str(name): _record(one) for name, one in document["tasks"].items()}
    learner = str(document["learner"])
    if not _may_be_named(learner):  # a trainer reads files of others
        return None
    return Progress(learner, str(document["seed"]), records)


def _may_be_named(learner: str) -> bool:
    return learner.isprintable() and len(learner) <= names.MAX_COMMON_NAME


def _record(document: dict[str, Any]) -> Record:
    solved = document["solved"]
    return Record(
        int(document["round"]),
        int(document["tries"]),
        int(document["hints"]),
        bool(document["shown"]),
        clock.moment(datetime.fromisoformat(solved)) if solved else None,
    )


def _document(progress: Progress) -> dict[str, Any]:
    tasks = {
        name: asdict(record)
        | {"solved": record.solved.isoformat() if record.solved else None}
        for name, record in progress.records.items()
    }
    return {
        "format": _FORMAT,
        "learner": progress.learner,
        "seed": progress.seed,
        "tasks": tasks,
    }
