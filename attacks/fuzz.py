"""Fuzzing led by coverage: every reader of files, by Google's atheris.

    uv run --with atheris python -m attacks.fuzz 3600

Begins with the files that `attacks.readers` changes; an input that a reader breaks down
over, or that takes too long, ends it and is kept in `attacks/found`, where that attack
tries it again. atheris has no wheels for Windows.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the forge

import atheris

from attacks import Outcome
from attacks.figures import write

with atheris.instrument_imports(include=["certlib", "asn1crypto"]):
    from attacks import readers
    from certlib.auditing import notes, suppressions
    from certlib.auditing.sources import DataSource
    from certlib.endpoints import lists
    from certlib.errors import CertlibError
    from certlib.integrating import tls_settings
    from certlib.practice import progress

SLOW = 20
"""Seconds that an input may take."""


def try_one(data: bytes) -> None:
    """Give bytes to every reader; what is no `CertlibError` breaks out."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        path = Path(folder) / "odd"
        path.write_bytes(data)
        works = (
            lambda: readers.read(data),
            lambda: list(DataSource(lambda: data, "odd")),
            lambda: lists.read(data),
            lambda: notes.read(path),
            lambda: suppressions.Suppressions.read(path),
            lambda: tls_settings.read(path),
            lambda: progress.read(path),
        )
        for work in works:
            with contextlib.suppress(CertlibError):
                work()


def kept(data: bytes) -> None:
    """The same, and keep what breaks out."""
    try:
        try_one(data)
    except BaseException:
        readers.FOUND.mkdir(exist_ok=True)
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.bin"
        (readers.FOUND / name).write_bytes(data)
        raise


def inside(folder: Path, seconds: str) -> None:
    """Be the process that libFuzzer ends when the time is over."""
    for number, data in enumerate(readers.examples().values()):
        (folder / f"{number}").write_bytes(data)
    words = [f"-max_total_time={seconds}", f"-timeout={SLOW}", "-rss_limit_mb=4000"]
    words += ["-max_len=20000", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], str(folder), *words], kept)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m attacks.fuzz")
    parser.add_argument("seconds", nargs="?", default="60")
    parser.add_argument("--table", type=Path, help="write the figures to this file")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        inside(chosen.inside, chosen.seconds)
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "attacks.fuzz", chosen.seconds]
        done = subprocess.run(
            [*words, "--inside", folder],
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
    outcome = Outcome("inputs led by coverage, to every reader")
    if stated := re.search(r"number_of_executed_units: *(\d+)", done.stderr):
        outcome.tried = int(stated[1])
    if done.returncode:
        outcome.bad.append(" ".join(done.stderr[-2000:].split()))
    print(outcome, *outcome.bad, sep="\n")
    if chosen.table:
        write(chosen.table, [("fuzz", outcome)])
    return 1 if outcome.bad else 0


if __name__ == "__main__":
    sys.exit(main())
