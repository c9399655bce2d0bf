"""Run attacks, and say or write down what came of them."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

from attacks import Outcome

ATTACKS = ("stores", "writes", "secrets_kept", "documents", "commands", "readers")
"""The modules of this folder, each with a function `attack`."""


HEAD = """# What was tried to break certlib

The figures of one run of
`uv run python -m attacks --table docs/explanation/attacks.md`; with
`--long` it takes hours. What goes wrong would be listed below the table, and in CI
fails (`tests/test_attacks.py`). What is promised, and what is not, says SECURITY.md.

| Attack | What | Tried | Bad |
|---|---|---:|---:|
"""


def table(outcomes: list[tuple[str, Outcome]]) -> str:
    rows = [
        f"| `{name}` | {outcome.what} | {outcome.tried:,} | {len(outcome.bad)} |"
        for name, outcome in outcomes
    ]
    bad = [f"- `{text[:200]}`" for _, outcome in outcomes for text in outcome.bad]
    return HEAD + "\n".join([*rows, *([""] if bad else []), *bad]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m attacks", description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(ATTACKS))
    parser.add_argument("--long", action="store_true", help="as thorough as it gets")
    parser.add_argument("--table", type=Path, help="write the figures to this file")
    chosen = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the forge
    outcomes = []
    for name in chosen.names or ATTACKS:
        begin = time.monotonic()
        done = importlib.import_module(f"attacks.{name}").attack(chosen.long)
        print(f"{name}, {time.monotonic() - begin:.0f} s")
        for outcome in done:
            print(f"  {outcome}", *outcome.bad[:5], sep="\n    ", flush=True)
        outcomes += [(name, outcome) for outcome in done]
    if chosen.table:
        chosen.table.write_text(table(outcomes), encoding="utf-8")
    return 1 if any(outcome.bad for _, outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
