"""Measured: which clients refuse what breaks a rule, and which accept it.

Asked live, each with a server that presents such a chain; the answers are
kept in ``measured.json`` beside this module.
"""

from __future__ import annotations

import importlib.resources
import json
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Measured:
    """What the clients said.

    Attributes:
        versions: of each client.
        answers: by rule and client, whether it accepted.
    """

    versions: dict[str, str]
    answers: dict[str, dict[str, bool]]

    def refusing(self, rule: str) -> list[str]:
        """Return the clients that refuse what breaks a rule."""
        return self._saying(rule, accepts=False)

    def accepting(self, rule: str) -> list[str]:
        """Return the clients that accept what breaks a rule."""
        return self._saying(rule, accepts=True)

    def _saying(self, rule: str, *, accepts: bool) -> list[str]:
        answers = self.answers.get(rule, {})
        return [client for client, said in answers.items() if said is accepts]


@cache
def measured() -> Measured:
    """Return what was measured."""
    kept = importlib.resources.files(__package__) / "measured.json"
    return Measured(**json.loads(kept.read_text(encoding="utf-8")))
