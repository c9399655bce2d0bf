"""Tasks: what there is to learn in each notebook, one module a step."""

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

__all__ = [
    "STEPS",
    "auditing",
    "creating",
    "diagnosing",
    "importing",
    "inspecting",
    "integrating",
    "requesting",
]
