"""Run attacks, and say or write down what came of them."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

from attacks.figures import write

ATTACKS = (
    "stores",
    "writes",
    "secrets_kept",
    "documents",
    "commands",
    "servers",
    "readers",
    "paths",
)
"""The modules of this folder, each with a function `attack`."""

LONG = ("breakages",)
"""Those that have no short form."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m attacks", description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(ATTACKS + LONG))
    parser.add_argument("--long", action="store_true", help="as thorough as it gets")
    parser.add_argument("--table", type=Path, help="write the figures to this file")
    chosen = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the forge
    outcomes = []
    for name in chosen.names or ATTACKS + LONG * chosen.long:
        begin = time.monotonic()
        done = importlib.import_module(f"attacks.{name}").attack(chosen.long)
        print(f"{name}, {time.monotonic() - begin:.0f} s")
        for outcome in done:
            print(f"  {outcome}", *outcome.bad[:5], sep="\n    ", flush=True)
        outcomes += [(name, outcome) for outcome in done]
    if chosen.table:
        write(chosen.table, outcomes)
    return 1 if any(outcome.bad for _, outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
