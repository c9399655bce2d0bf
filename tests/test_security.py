"""SECURITY.md says which limits there are, and what they are."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIMIT = re.compile(r"^((?:MAX_[A-Z_]+|DEADLINE|PATIENCE)) = ", re.MULTILINE)
NOT_OF_INPUT = {"specs.MAX_VALIDITY", "practice.service.DEADLINE"}


def limits_of_the_code() -> dict[str, str]:
    found = {}
    for path in sorted((ROOT / "certlib").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        for name in LIMIT.findall(path.read_text(encoding="utf-8")):
            value = getattr(import_module(module), name)
            found[f"{module}.{name}".removeprefix("certlib.")] = str(value)
    return {name: found[name] for name in found if name not in NOT_OF_INPUT}


def test_every_limit_stands_in_the_table_with_its_value() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| (\S+) \|", text, re.MULTILINE)
    assert limits_of_the_code() == dict(rows)
