"""Severity: how bad a finding is, and how that is shown everywhere."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Literal, NamedTuple

Tone = Literal["good", "bad", "warn", "plain"]
"""How something is said; each face has a sign and a colour for it."""


class Colours(NamedTuple):
    """Letters on a ground, readable on light and dark themes.

    Attributes:
        text: as ``#rrggbb``.
        ground: as ``#rrggbb``.
    """

    text: str
    ground: str


class Severity(StrEnum):
    """How bad a finding is, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"

    @cached_property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)

    @property
    def tone(self) -> Tone:
        """How a finding is said."""
        return _TONES[self]

    @property
    def colours(self) -> Colours:
        """How it looks in a table."""
        return _COLOURS[self]


_TONES: dict[Severity, Tone] = {
    Severity.ERROR: "bad",
    Severity.WARNING: "warn",
    Severity.NOTICE: "plain",
}

_COLOURS = {
    Severity.ERROR: Colours("#ffffff", "#cf222e"),
    Severity.WARNING: Colours("#1f2328", "#f2cc60"),
    Severity.NOTICE: Colours("#1f2328", "#b6d7f2"),
}
