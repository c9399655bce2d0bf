"""A million sightings: how long the lists of `certlib history` take.

uv run python benchmarks/history.py
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from pathlib import Path

from certlib.auditing import looking_back
from certlib.auditing.history import History

AT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def fill(history: History, certificates: int, runs: int) -> None:
    """Write runs that see the same certificates, a tenth of them with a finding."""
    numbers = range(1, certificates + 1)
    ends = [(AT + DAY * (1 + n * 7919 % 900)).isoformat() for n in numbers]
    with history.changing():
        db = history.db
        db.executemany(
            "INSERT INTO certificate VALUES (?, ?, 'certificate', '', ?, '[]')",
            ((n, f"{n:064x}", f"CN=server{n}.example.com") for n in numbers),
        )
        db.executemany(
            "INSERT INTO place VALUES (?, ?)",
            ((n, f"server{n}.example.com:443") for n in numbers),
        )
        for run in range(1, runs + 1):
            at = (AT - DAY * (runs - run)).isoformat()
            db.execute("INSERT INTO run VALUES (?, ?, 'fleet', '{}')", (run, at))
            db.executemany(
                "INSERT INTO sighting VALUES (?, ?, ?, ?, '')",
                ((run, n, n, ends[n - 1]) for n in numbers),
            )
            db.executemany(
                "INSERT INTO finding VALUES (?, ?, ?, 'expiring', 'warning', '', 0)",
                ((run, n, n) for n in numbers if n % 10 == 0),
            )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sightings", type=int, default=1_000_000)
    wanted = arguments.parse_args().sightings
    for runs in (1, 100):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "fleet.db"
            with History(path, make=True) as history:
                start = time.perf_counter()
                fill(history, wanted // runs, runs)
                took = time.perf_counter() - start
                size = path.stat().st_size / 2**20
                print(f"{wanted:,} sightings in {runs} runs: written in {took:.1f} s,")
                print(f"  {size:.0f} MiB")
            with History(path) as history:
                for name, ask in (
                    (
                        "what expires next (20)",
                        lambda h: looking_back.upcoming(h, at=AT, limit=20),
                    ),
                    (
                        "what is wrong, since when (20)",
                        lambda h: looking_back.open_findings(h, limit=20),
                    ),
                    (
                        "what has changed",
                        lambda h: looking_back.changes(h, "fleet"),
                    ),
                ):
                    start = time.perf_counter()
                    ask(history)
                    print(f"  {name}: {time.perf_counter() - start:.3f} s")


if __name__ == "__main__":
    main()
