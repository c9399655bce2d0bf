"""Tasks: what there is to learn in each notebook, one module a step."""

from certlib.practice import exercises, recaps
from certlib.practice.tasks import (
    auditing,
    creating,
    diagnosing,
    importing,
    inspecting,
    integrating,
    requesting,
)

STEPS = (
    creating,
    requesting,
    inspecting,
    importing,
    integrating,
    auditing,
    diagnosing,
)
"""The modules of tasks, in the order of the notebooks."""

STEMS = tuple(module.__name__.rpartition(".")[2] for module in STEPS)
"""The stems of the notebooks that have tasks."""

exercises.TASKS.update(recaps.all_tasks())
