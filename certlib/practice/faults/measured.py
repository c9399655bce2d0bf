"""Measured: what each client, and the audit, said to each fault that was served.

The answers are kept in ``measured.json`` beside this module.
"""

from __future__ import annotations

import importlib.resources
import json
from functools import cache
from typing import Any


@cache
def measured() -> dict[str, Any]:
    """Return the ``versions`` of the clients, and the ``answers`` by fault."""
    kept = importlib.resources.files(__package__) / "measured.json"
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def browser_says(fault: str) -> str:
    """Return the error on the browser's page; empty where it shows no error."""
    return str(measured()["answers"].get(fault, {}).get("page", ""))
