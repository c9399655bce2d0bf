"""Recaps: five questions at the end of each notebook, in ``recaps.toml``."""

from __future__ import annotations

import importlib.resources
import tomllib
from typing import Any

from certlib.practice.exercises import Exercise, Fill, Task, filled
from certlib.practice.material import Material

MINUTES = 2


def name(step: str) -> str:
    """Return the name of a notebook's recap."""
    return f"recap-{step}"


def all_tasks() -> dict[str, Task]:
    """Return the recaps of all notebooks, by their names."""
    kept = importlib.resources.files(__package__) / "recaps.toml"
    found = tomllib.loads(kept.read_text(encoding="utf-8"))
    return {name(step): _task(step, rows) for step, rows in found.items()}


def _task(step: str, rows: list[dict[str, Any]]) -> Task:
    def make(material: Material) -> Exercise:
        return _exercise(material, rows)

    return Task(name(step), "Five questions", step, MINUTES, make)


def _exercise(material: Material, rows: list[dict[str, Any]]) -> Exercise:
    rows = material.random.sample(rows, len(rows))
    right = {row["ask"]: str(row["right"]) for row in rows}
    reasons = {row["ask"]: dict(row["wrong"]) for row in rows}
    offered = {
        ask: material.shuffled(text, *reasons[ask]) for ask, text in right.items()
    }

    def wrong(ask: str, said: str) -> str:
        return f"{ask} Not {said!r}: {reasons[ask].get(said, 'there is no answer.')}"

    first = rows[0]["ask"]
    return Exercise(
        "Five questions about this notebook.",
        Fill(offered),
        filled(right, wrong),
        right=right,
        wrong=tuple(right | {ask: next(iter(reasons[ask]))} for ask in right),
        hints=(
            "Each answer stands above in this notebook.",
            f"{first} {right[first]}.",
        ),
        solution=" ".join(f"{ask} {text}." for ask, text in right.items()),
    )
