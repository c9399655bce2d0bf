"""How fast does a command start? `uv run python benchmarks/start.py [ROUNDS]`.

Each ratio is the CPU time of a command to that of the library it cannot do without,
run in turns, medians. Byte code is written first, as an installation has it.

help     `certlib --help` to `import click`
inspect  `certlib inspect FILE` to `import cryptography.x509`
import   `import certlib` to an empty program
"""

from __future__ import annotations

import compileall
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import certlib
from certlib import Bundle, CertificateSpec, clock, creating

PAIRS = {
    "help": (("-m", "certlib", "--help"), ("-c", "import click")),
    "inspect": (
        ("-m", "certlib", "inspect", "a.cer"),
        ("-c", "import cryptography.x509"),
    ),
    "import": (("-c", "import certlib"), ("-c", "pass")),
}


def seconds(arguments: tuple[str, ...], folder: Path) -> float:
    """Return the CPU time that Python takes for it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a line for each pair."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    compileall.compile_dir(Path(certlib.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = creating.create(CertificateSpec(("todd.example.com",)), at=clock.now())
        Bundle(made.leaf).write(folder / "a.cer")
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in PAIRS}
        for _ in range(rounds):
            for name, (ours, theirs) in PAIRS.items():
                taken[name].append((seconds(ours, folder), seconds(theirs, folder)))
    for name, pairs in taken.items():
        one, other = map(statistics.median, zip(*pairs, strict=True))
        print(
            f"{name:8} {one * 1000:4.0f} ms to {other * 1000:3.0f} ms: "
            f"{one / other:.2f} times"
        )


if __name__ == "__main__":
    main()
