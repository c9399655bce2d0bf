"""Course: who has solved what, a certificate for it, and a table of a class."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from certlib import clock, texts
from certlib.bundles import Bundle
from certlib.errors import CertlibError, InputError
from certlib.practice import exercises, progress, tasks
from certlib.practice.faults import FAULTS
from certlib.practice.material import DAY, Material
from certlib.practice.progress import Progress

FAULTS_ENOUGH = 10
"""Faults that have to be found out; whoever has these finds the others."""

READING = {
    "creating": 7,
    "requesting": 9,
    "inspecting": 6,
    "importing": 10,
    "integrating": 11,
    "auditing": 10,
    "diagnosing": 6,
}
"""Minutes for a notebook without its tasks: its form and what stands below it."""

Row = tuple[str, str, str, str, str, str]

COLUMNS = ("learner", "notebook", "solved", "of", "tries", "last solved on")
"""The columns of a class's table; days are in UTC."""


def rows(known: Progress) -> list[Row]:
    """Return a row of `COLUMNS` for each notebook that has tasks."""
    found = []
    for step in tasks.STEMS:
        of_step = exercises.of_step(step)
        records = [known.records[t.name] for t in of_step if t.name in known.records]
        solved = [r.solved for r in records if r.solved is not None]
        last = f"{max(solved):%Y-%m-%d}" if solved else ""
        tries = sum(record.tries for record in records)
        counts = (str(len(solved)), str(len(of_step)), str(tries))
        found.append((known.learner, step, *counts, last))
    return found


def of_class(folder: Path) -> tuple[list[Row], list[str]]:
    """Return the rows of all progress files in a folder, and what was left out.

    Raises:
        InputError: there is no such folder, or no progress file in it.
    """
    found: list[Row] = []
    left_out: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            known = progress.read(path)
        except CertlibError as error:
            left_out.append(error.message)
            continue
        found += rows(replace(known, learner=known.learner or path.stem))
    if not found:
        raise InputError(
            f"there is no progress file in {folder}",
            fix="collect the learners' files there, with the ending .json",
        )
    return found, left_out


def left(known: Progress) -> list[str]:
    """Return the titles of what is still to be solved for the certificate."""
    lessons = [
        f"{step}: {task.title}"
        for step in tasks.STEMS
        for task in exercises.of_step(step)
        if not task.level and not known.solved(task.name)
    ]
    solved = sum(known.solved(name) for name in FAULTS)
    more = FAULTS_ENOUGH - solved
    return lessons + ([f"diagnosing: {more} more faults"] if more > 0 else [])


def minutes_left(known: Progress, step: str) -> int:
    """Return how long a notebook takes still; of the faults, what is enough counts."""
    of_step = exercises.of_step(step)
    left_over = [task for task in of_step if not known.solved(task.name)]
    lessons = sum(task.minutes for task in left_over if not task.level)
    done = sum(1 for task in of_step if task.level and known.solved(task.name))
    faults = sorted(task.minutes for task in left_over if task.level)
    more = sum(faults[: max(0, FAULTS_ENOUGH - done)])
    reading = READING[step] if len(left_over) == len(of_step) else 0
    return reading + lessons + more


def certify(known: Progress, *, at: datetime) -> Bundle:
    """Return a certificate of completion, released by a practice CA.

    Args:
        known: what was solved, by whom.
        at: the moment, with a time zone.

    Raises:
        InputError: something is still to be solved, or the learner has no name.
    """
    if missing := left(known):
        raise InputError(
            f"{len(missing)} tasks are still to be solved, {missing[0]!r} first",
            fix="solve them in the notebooks; 0-start-here shows the way",
        )
    if not known.learner:
        raise InputError(
            "nobody knows whose it is", fix="say your name", parameter="name"
        )
    material = Material(secrets.token_hex(16), Path(), at=clock.moment(at))
    school = material.authority("certlib course - practice, not for production")
    own = material.authority(
        known.learner, school, age=0 * DAY, validity=3650 * DAY, ca=False
    )
    return Bundle(own.certificate, own.key, (school.certificate,))


def page(known: Progress, bundle: Bundle) -> str:
    """Return the page to print that goes with a certificate of completion."""
    return texts.rendered(
        "completion.html.j2",
        learner=known.learner,
        rows=rows(known),
        day=clock.spoken(bundle.leaf.not_valid_before_utc),
        thumbprint=bundle.thumbprint,
    )
