"""Attacks: what was tried to break certlib, to be tried again by one line each.

    uv run python -m attacks                # all, short
    uv run python -m attacks stores --long  # one of them, as thorough as it gets
    uv run python -m attacks --table docs/explanation/attacks.md

An attack tries something many times and counts what went wrong. The tests run the
short ones (`tests/test_attacks.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What came of an attack.

    Attributes:
        what: was tried, in a few words.
        tried: how many times.
        bad: what went wrong, one text each.
    """

    what: str
    tried: int = 0
    bad: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.what}: {self.tried:,} tried, {len(self.bad)} bad"


Attack = Callable[[bool], list[Outcome]]
"""Called with whether it may take long."""
