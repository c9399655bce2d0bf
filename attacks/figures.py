"""Figures: what came of the attacks, as a table of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

from attacks import Outcome

HEAD = """# What was tried to break certlib

The figures of runs of
`uv run python -m attacks --table docs/explanation/attacks.md`, each as its
last run wrote it; with `--long` it takes hours. Some rows come from
`uv run --with cosmic-ray python -m attacks.mutants` and
`uv run --with atheris python -m attacks.fuzz`, which take the same option. What goes
wrong would be listed below the table, and in CI fails (`tests/test_attacks.py`). Who
opens which PFX file stands in [a table of its own](../reference/pfx.md). What is
promised, and what is not, says SECURITY.md.

| Attack | What | Tried | Bad |
|---|---|---:|---:|
"""


def write(path: Path, outcomes: list[tuple[str, Outcome]]) -> None:
    """Write the figures of attacks; those of others that stand there stay."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    head = r"^(\| `\w+` \| .* \|) ([\d,]+ \| \d+ \|)$"
    rows = dict(re.findall(head, before, re.MULTILINE))
    for name, one in outcomes:
        rows[f"| `{name}` | {one.what} |"] = f"{one.tried:,} | {len(one.bad)} |"
    order = list(dict.fromkeys(map(_name, rows)))
    known = sorted(rows, key=lambda what: order.index(_name(what)))
    every = [f"{what} {rows[what]}" for what in known]
    told = tuple(f"- `{name}`, {one.what}: " for name, one in outcomes)
    lines = [line for line in before.splitlines() if line.startswith("- `")]
    bad = [line for line in lines if not line.startswith(told)]
    for start, (_, one) in zip(told, outcomes, strict=True):
        bad += [f"{start}`{text[:200]}`" for text in one.bad]
    text = HEAD + "\n".join([*every, *([""] if bad else []), *bad]) + "\n"
    path.write_text(text, encoding="utf-8")


def _name(row: str) -> str:
    return row.split("`")[1]
