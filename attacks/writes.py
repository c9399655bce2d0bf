"""Writes that fail or are cut off: at each step that touches the disk, in turn.

A process does a work and is killed before its n-th step, or that step fails as on a
full disk. Then the same is done again: it comes to its end, nothing that was there is
lost, and no temporary file stays.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import forge

from attacks import Outcome
from certlib import keys, requesting, stores
from certlib.bundles import Bundle
from certlib.clock import PRACTICE_TIME
from certlib.errors import CertlibError
from certlib.integrating import snc, tls_settings
from certlib.issuers import training
from certlib.practice import lab
from certlib.specs import CertificateSpec
from certlib.stores.folder import FolderMachine

STEPS = frozenset(
    {"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.chmod", "os.chown"}
)
KILLED, FAILED, DONE, REFUSED, BROKEN = 9, 28, 0, 1, 2
BEFORE, BUNDLE = forge.leaf(private_key=forge.key(1)), forge.chain()
SPEC = CertificateSpec(("server.example.com",))


@dataclass(frozen=True)
class Work:
    """Something that writes, what is there before, and what has to be true after."""

    name: str
    prepare: Callable[[Path], object]
    work: Callable[[Path], object]
    check: Callable[[Path], object]


def _store(folder: Path) -> stores.CertificateStore:
    return FolderMachine(folder / "stores").open(stores.PERSONAL)


def _removed(folder: Path) -> None:
    with contextlib.suppress(CertlibError):
        _store(folder).remove(BUNDLE.thumbprint)


def _added(folder: Path) -> None:
    with contextlib.suppress(CertlibError):
        _store(folder).add(BUNDLE)


def _founded(folder: Path) -> object:
    try:
        return training.load(folder / "ca")
    except CertlibError:
        return training.found(folder / "ca", at=PRACTICE_TIME)


def _prepared(folder: Path) -> object:
    return requesting.prepare(
        SPEC,
        folder / "requests",
        at=PRACTICE_TIME,
        private_key=forge.key(0),
        again=True,
    )


def _written(folder: Path) -> object:
    path = folder / "made.pem"
    return BUNDLE.write(path, passphrase="Practice-1", replace=True)


def _for_sap(folder: Path) -> None:
    if not (folder / "snc.p12").exists():
        snc.write(BUNDLE, folder, passphrase="Practice-1", account="CORP\\svc")


def works() -> tuple[Work, ...]:
    """Return what writes."""
    nothing: Callable[[Path], object] = lambda folder: None  # noqa: E731
    return (
        Work(
            "import",
            lambda folder: _store(folder).add(BEFORE),
            _added,
            lambda f: (
                _store(f).prove_key(BEFORE.thumbprint),
                _store(f).prove_key(BUNDLE.thumbprint),
            ),
        ),
        Work(
            "removal",
            lambda f: (_store(f).add(BEFORE), _store(f).add(BUNDLE)),
            _removed,
            lambda f: _store(f).prove_key(BEFORE.thumbprint),
        ),
        Work("founding a CA", nothing, _founded, lambda f: training.load(f / "ca")),
        Work(
            "a request",
            nothing,
            _prepared,
            lambda f: next(r.private_key() for r in requesting.pending(f / "requests")),
        ),
        Work(
            "a key file",
            _written,
            _written,
            lambda f: Bundle.read(f / "made.pem", passphrase="Practice-1"),
        ),
        Work(
            "tls.json",
            lambda f: tls_settings.write(f / "tls.json", BEFORE.leaf),
            lambda f: tls_settings.write(f / "tls.json", BUNDLE.leaf),
            lambda f: tls_settings.read(f / "tls.json"),
        ),
        Work("SNC", nothing, _for_sap, lambda f: (f / "snc.p12").read_bytes()),
        Work("notebooks", nothing, lambda f: lab.lay(f / "lab"), nothing),
    )


def stopped(work: Callable[[Path], object], folder: Path, at: int, how: int) -> int:
    """Do a work in a process that is stopped at a step; return its exit code."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = at

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event not in STEPS or str(folder) not in str(arguments[0]):
            return
        left -= 1
        if left == 0:
            if how == KILLED:
                os._exit(KILLED)
            raise OSError(FAILED, "No space left on device")

    code = BROKEN
    with contextlib.suppress(BaseException):
        sys.addaudithook(count)
        try:
            work(folder)
            code = DONE if left > 0 else REFUSED
        except CertlibError:
            code = REFUSED
    os._exit(code)


def after(work: Work, folder: Path) -> list[str]:
    """Return what is wrong when the same is done again."""
    try:
        work.work(folder)
        work.check(folder)
    except Exception as error:
        return [f"again: {type(error).__name__}: {error}"]
    # A second name of a file that is in its place holds nothing more than that.
    left = [p.name for p in folder.rglob("*.tmp") if p.stat().st_nlink == 1]
    left += [p.name for p in folder.rglob(".unfinished-*")]
    wanted = {keys.key_sha256(e.certificate.public_key()) for e in _store(folder)}
    left += [p.name for p in folder.rglob(".keys/*.pem") if p.stem not in wanted]
    return [f"{name} is left behind" for name in left]


def attack(thorough: bool = False) -> list[Outcome]:
    """Return what came of stopping each work at each of its steps."""
    del thorough  # every step is stopped at anyway
    outcomes = []
    for how, what in (
        (KILLED, "killed at each step"),
        (FAILED, "disk full at each step"),
    ):
        outcome = Outcome(what)
        for work in works():
            for at in range(1, 1000):
                with tempfile.TemporaryDirectory() as name:
                    folder = Path(name)
                    work.prepare(folder)
                    code = stopped(work.work, folder, at, how)
                    outcome.tried += 1
                    where = f"{work.name}, step {at}"
                    if code == BROKEN:
                        outcome.bad.append(f"{where}: a traceback")
                    outcome.bad += [f"{where}, {w}" for w in after(work, folder)]
                if code == DONE:
                    break
        outcomes.append(outcome)
    return outcomes
