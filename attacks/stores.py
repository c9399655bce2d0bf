"""Stores that several use at once: 2 to 8 processes, killed in between as well."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import forge

from attacks import Outcome
from certlib import keys, stores
from certlib.bundles import Bundle
from certlib.errors import CertlibError
from certlib.keys import KeyKind
from certlib.stores.folder import FolderMachine, FolderStore

ROUNDS = {False: 120, True: 10_000}
SLOWEST = 0.08
"""Seconds within which a process is killed: longer than any of them works."""

# Read in no time, so that there are more rounds; to a store a key is a key.
KEY, OTHER_KEY = (forge.key(n, KeyKind.ECDSA_P256) for n in (0, 1))
OLD, NEW = (forge.leaf(serial_number=n, private_key=KEY) for n in (1, 2))
INNOCENT = forge.leaf(serial_number=3, private_key=OTHER_KEY)
ACCOUNTS = [f"EXAMPLE\\svc{number}" for number in range(8)]

Work = Callable[[FolderStore], object]


@dataclass(frozen=True)
class Scene:
    """A store, who works on it at once, and what has to be true afterwards."""

    before: tuple[Bundle, ...]
    workers: tuple[Work, ...]
    check: Callable[[FolderStore, list[bool]], list[str]]


def importing(count: int) -> Scene:
    """Everybody imports the same certificate: exactly one of them has done it."""

    def check(store: FolderStore, done: list[bool]) -> list[str]:
        if sum(done) > 1:
            return [f"{sum(done)} have imported the same certificate"]
        return [] if not any(done) else proven(store, OLD)

    return Scene((), (lambda store: store.add(OLD),) * count, check)


def renewing(count: int) -> Scene:
    """The old one goes while its renewal with the same key comes."""

    def check(store: FolderStore, done: list[bool]) -> list[str]:
        went, came = done[0], any(done[1:])
        wrong = proven(store, NEW) if came else []
        if went and stores.has(store, OLD.thumbprint):
            wrong.append("what was removed is there")
        if not went and stores.has(store, OLD.thumbprint):
            wrong += proven(store, OLD)
        return wrong

    remove: Work = lambda store: store.remove(OLD.thumbprint)  # noqa: E731
    adding: Work = lambda store: store.add(NEW)  # noqa: E731
    return Scene((OLD,), (remove, *(adding,) * (count - 1)), check)


def granting(count: int) -> Scene:
    """Each lets another account in: all of them are in."""

    def work(account: str) -> Work:
        return lambda store: store.grant_read(OLD.thumbprint, account)

    def check(store: FolderStore, done: list[bool]) -> list[str]:
        readers = store.readers(OLD.thumbprint)
        granted = [a for a, ok in zip(ACCOUNTS, done, strict=False) if ok]
        lost = [account for account in granted if account not in readers]
        return [f"the grant to {account} is lost" for account in lost]

    return Scene((OLD,), tuple(work(a) for a in ACCOUNTS[:count]), check)


def proven(store: FolderStore, bundle: Bundle) -> list[str]:
    """Return what is wrong with a certificate that should be there with its key."""
    try:
        store.prove_key(bundle.thumbprint)
    except CertlibError as error:
        return [f"said done, and then: {error.message}"]
    return []


def left_behind(store: FolderStore) -> list[str]:
    """Return files that nobody will ever look at again, keys above all."""
    root = store.machine.root
    wanted = {keys.key_sha256(entry.certificate.public_key()) for entry in store}
    found = list(root.rglob("*"))
    strays = [p.name for p in found if p.suffix == ".pem" and p.stem not in wanted]
    strays += [p.name for p in found if p.suffix == ".tmp"]
    return [f"left behind: {name}" for name in strays]


def start(work: Work, store: FolderStore, gate: tuple[int, int]) -> int:
    """Start a process that works as soon as the gate is opened; return its id."""
    if child := os.fork():
        return child
    code = 2
    with contextlib.suppress(BaseException):
        os.close(gate[1])
        os.read(gate[0], 1)  # ends when nobody holds the other side open
        try:
            work(store)
            code = 0
        except CertlibError:
            code = 1
    os._exit(code)


def loose(
    scene: Scene, store: FolderStore, chance: random.Random, *, kill: bool
) -> list[int]:
    """Let the workers of a scene loose at once and return their exit codes."""
    gate = os.pipe()
    children = [start(work, store, gate) for work in scene.workers]
    os.close(gate[0])
    os.close(gate[1])
    if kill:
        time.sleep(chance.uniform(0, SLOWEST))
        for child in chance.sample(children, chance.randint(1, len(children))):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def round_of(
    scene: Scene, root: Path, chance: random.Random, *, kill: bool
) -> tuple[list[str], int]:
    """Return what went wrong in one round, and how many were killed in it."""
    store = FolderMachine(root).open(stores.PERSONAL)
    for bundle in scene.before:
        store.add(bundle)
    codes = loose(scene, store, chance, kill=kill)
    wrong = [
        f"a traceback, exit code {code}" for code in codes if code not in (0, 1, -9)
    ]
    if not kill and 0 not in codes:
        wrong.append("nobody has done it")
    wrong += scene.check(store, [code == 0 for code in codes])
    store.add(INNOCENT)  # the next command, which tidies up
    wrong += scene.check(store, [code == 0 for code in codes])
    wrong += left_behind(store)
    store.remove(INNOCENT.thumbprint)
    return wrong + again(scene, store, codes), codes.count(-9)


def again(scene: Scene, store: FolderStore, codes: list[int]) -> list[str]:
    """Let those who were killed do their work again: it is done then."""
    for work, code in zip(scene.workers, codes, strict=True):
        if code == -9:
            try:
                work(store)
            except CertlibError as error:
                if not any(known in error.message for known in SAID_BEFORE):
                    return [f"cannot be done again: {error.message}"]
    return []


SAID_BEFORE = ("is already in", "there is no certificate")
"""What it may say if it had done its work when it was killed, or another has."""


def attack(thorough: bool = False) -> list[Outcome]:
    """Return what came of importing, renewing and granting at once.

    Ctrl+C ends it: what was tried until then counts.
    """
    chance = random.Random(16)
    memory = Path("/dev/shm")  # thousands of rounds wait for no disk
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    kinds = [
        (scene, k) for scene in (importing, renewing, granting) for k in (False, True)
    ]
    outcomes = [Outcome(_named(scene, kill=kill)) for scene, kill in kinds]
    try:
        with contextlib.suppress(KeyboardInterrupt):
            for number in range(-(-ROUNDS[thorough] // len(kinds))):
                for (scene, kill), outcome in zip(kinds, outcomes, strict=True):
                    root = folder / "stores"
                    work = scene(chance.randint(2, 8))
                    wrong, _ = round_of(work, root, chance, kill=kill)
                    outcome.tried += 1
                    outcome.bad += [f"round {number}: {text}" for text in wrong]
                    shutil.rmtree(root)
    finally:
        shutil.rmtree(folder)
    return outcomes


def _named(scene: Callable[[int], Scene], *, kill: bool) -> str:
    name = f"2 to 8 processes at once, {scene.__name__}"
    return name + (", killed in between" if kill else "")
