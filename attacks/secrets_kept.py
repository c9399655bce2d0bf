"""Secrets: a marked passphrase and a marked key, looked for where they must not be.

Every command runs in a home of its own with a marked passphrase in its variable.
While it runs, the command lines of all processes are read, and the environments of
those that it starts; afterwards, all that it has printed and written.
"""

from __future__ import annotations

import base64
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import forge

from attacks import Outcome
from certlib import keys, requesting, stores
from certlib.bundles import Bundle
from certlib.clock import PRACTICE_TIME
from certlib.errors import CertlibError
from certlib.issuers import training
from certlib.keys import KeyKind
from certlib.specs import CertificateSpec
from certlib.stores.folder import FolderMachine

PASSPHRASE = "Marked-5ecret-Correct-Horse"
MARKED = keys.generate(KeyKind.RSA_2048)  # nobody else writes its numbers
NUMBER = MARKED.private_numbers()
SIZE = (MARKED.key_size + 7) // 8

COMMANDS = (
    "create todd.example.com --out made.pfx",
    "create todd.example.com --out made.pem",
    "inspect marked.pfx",
    "inspect marked.pfx --json",
    "inspect damaged.pfx",
    "import marked.pfx --yes",
    "import marked.pfx --yes --exportable",
    "stores",
    "check marked.pfx --server todd.example.com",
    "audit . --format json --out audit.json",
    "audit . --format html --out audit.html",
    "audit . --format csv",
    "grant 0000 someone --yes",
    "explain 0x80090016",
    "create todd.example.com --out /nowhere/made.pfx",
    "--version",
    "inspect marked.pfx --verbose --out shown.txt",
    "convert marked.pfx --out again.p12",
    "convert marked.pfx --out marked.cer",
    "snc marked.pfx --account CORP\\svc --out snc",
    "request todd.example.com --folder requests",
    "request jane.example.com --folder requests --submit practice",
    "requests --folder requests --all --json",
    "join marked.cer --folder requests",
    "renew marked.pfx --submit practice --same-key --yes --after env --json",
    "renew marked.pfx --submit practice --yes --check 127.0.0.1:1 --patience 1",
    "renew marked.pfx --submit practice --schedule",
    "audit . --history fleet.db --format junit --out audit.xml",
    "history fleet.db --json",
    "nightly fleet.toml",
    "nightly fleet.toml --schedule",
    "nightly wrong.toml",
    "integrate xtract-core --tls-json marked.pfx",
    "course --class .",
)
FLEET = """
history = "night.db"
passphrase-file = "marked.txt"
metrics = "night.prom"
[[group]]
sources = ["marked.pfx", "damaged.pfx", "tls://127.0.0.1:1"]
[[report]]
file = "night.html"
[[notify]]
name = "the team"
url-file = "marked.url"
severity = "notice"
"""


def _private_number() -> int:
    return NUMBER.d if hasattr(NUMBER, "d") else NUMBER.private_value


def marks() -> dict[str, bytes]:
    """Return what must be found nowhere, by what it is."""
    number = _private_number().to_bytes(SIZE)
    body = b"".join(keys.write_private_key(MARKED).splitlines()[1:-1])
    middle = body[len(body) // 2 :][:60]
    return {
        "the passphrase": PASSPHRASE.encode(),
        "the passphrase in UTF-16": PASSPHRASE.encode("utf-16-be"),
        "the passphrase in Base64": base64.b64encode(PASSPHRASE.encode())[:-4],
        "the private key": number,
        "the private key in hexadecimal": number.hex().encode(),
        "the private key in Base64": middle,
        "the private key in decimal": str(_private_number()).encode(),
    }


def found_in(data: bytes) -> list[str]:
    """Return what of the marks is in some bytes, line breaks or not."""
    flat = data.replace(b"\r", b"").replace(b"\n", b"")
    return [what for what, mark in marks().items() if mark in data or mark in flat]


def processes_below(parent: int) -> list[int]:
    """Return the processes that one has started, and those that they have."""
    below: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            for child in (task / "children").read_text().split():
                below += [int(child), *processes_below(int(child))]
    return below


def watched(words: list[str], home: Path) -> tuple[bytes, list[str]]:
    """Run a command and return what it printed, and what was seen meanwhile."""
    environment = {**os.environ, "HOME": str(home), "CERTLIB_PASSPHRASE": PASSPHRASE}
    process = subprocess.Popen(
        [sys.executable, "-m", "certlib", *words],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    seen: list[str] = []
    with tempfile.TemporaryFile() as output:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        while process.poll() is None:
            ours = _words(process.pid)
            for one in (process.pid, *processes_below(process.pid)):
                # A child shares its parent's memory until it has become a program.
                words = _words(one)
                found = _seen(one, own=one == process.pid or words in (b"", ours))
                if words == _words(one):  # it did not become one just now
                    seen += found
            output.write(process.stdout.read() or b"")
            time.sleep(0.005)
        output.write(process.stdout.read() or b"")
        process.stdout.close()
        output.seek(0)
        return output.read(), seen


def _words(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def _seen(process: int, *, own: bool) -> list[str]:
    """Look at a process; what its own environment was started with is ours."""
    seen = []
    for name in ("cmdline",) if own else ("cmdline", "environ"):
        with contextlib.suppress(OSError):
            data = Path(f"/proc/{process}/{name}").read_bytes()
            seen += [f"{what} in {name} of a process" for what in found_in(data)]
    return seen


def written_in(home: Path, allowed: set[Path]) -> list[str]:
    """Return where a mark is in the files of a home."""
    return [
        f"{what} in {path.relative_to(home)}"
        for path in sorted(home.rglob("*"))
        if path.is_file() and path not in allowed
        for what in found_in(path.read_bytes())
    ]


def of_commands() -> Outcome:
    outcome = Outcome("commands with a marked passphrase and key")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        bundle = forge.leaf(private_key=MARKED)
        bundle.write(home / "marked.pfx", passphrase=PASSPHRASE)
        (home / "damaged.pfx").write_bytes((home / "marked.pfx").read_bytes()[:-40])
        (home / "marked.txt").write_text(f"{PASSPHRASE}\n")
        (home / "marked.url").write_text(f"json://me:{PASSPHRASE}@127.0.0.1:1/\n")
        (home / "fleet.toml").write_text(FLEET)
        wrong = FLEET.replace("url-file", "url").replace('"marked.url"', "[]")
        (home / "wrong.toml").write_text(wrong)
        given = {home / "marked.txt", home / "marked.url"}
        for line in COMMANDS:
            printed, seen = watched(line.split(), home)
            outcome.tried += 1
            outcome.bad += [f"{line}: {what}" for what in seen]
            outcome.bad += [f"{line} prints {what}" for what in found_in(printed)]
        # A store without Windows holds keys as files, which their owner alone reads.
        keys_of_stores = {p for p in home.rglob("*.pem") if p.parent.name == ".keys"}
        outcome.bad += written_in(home, keys_of_stores | given)
        outcome.bad += open_to_others(home)
    return outcome


def open_to_others(home: Path) -> list[str]:
    return [
        f"{path.name} may be read by others"
        for path in home.rglob("*")
        if path.suffix in {".pem", ".pfx"} and path.is_file()
        if b"PRIVATE" in path.read_bytes() and path.stat().st_mode & 0o077
    ]


def of_errors() -> Outcome:
    """Errors and reprs of what holds secrets say nothing of them."""
    outcome = Outcome("errors and reprs with a marked passphrase and key")
    old = os.umask(0)
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, work in _works(Path(folder)).items():
                outcome.tried += 1
                try:
                    said = repr(work())
                except CertlibError as error:
                    said = f"{error!r} {error} {error.__cause__} {error.__context__}"
                outcome.bad += [f"{name} says {w}" for w in found_in(said.encode())]
            outcome.bad += open_to_others(Path(folder))
            outcome.bad += [
                f"{path.name} may be written by others"
                for path in Path(folder).rglob("*")
                if not path.is_symlink() and path.stat().st_mode & 0o022
            ]
    finally:
        os.umask(old)
    return outcome


def _works(folder: Path) -> dict[str, Callable[[], object]]:
    bundle = forge.leaf(private_key=MARKED)
    spec = CertificateSpec(("todd.example.com",))
    store = FolderMachine(folder / "deep" / "stores").open(stores.PERSONAL)
    pfx = folder / "marked.pfx"

    def request(passphrase: str) -> object:
        made = requesting.prepare(
            spec,
            folder / "deep" / "requests",
            at=PRACTICE_TIME,
            passphrase=passphrase,
            private_key=MARKED,
            again=True,
        )
        return made, made.private_key("wrong")

    return {
        "bundle": lambda: bundle,
        "writing": lambda: bundle.write(pfx, passphrase=PASSPHRASE),
        "writing again": lambda: bundle.write(pfx, passphrase=PASSPHRASE),
        "a wrong passphrase": lambda: Bundle.read(pfx, passphrase=PASSPHRASE + "x"),
        "half a passphrase": lambda: bundle.write(
            pfx, passphrase=PASSPHRASE + "\ud800"
        ),
        "no text": lambda: bundle.write(pfx, passphrase=PASSPHRASE + "\0"),
        "a request": lambda: request(PASSPHRASE),
        "a store": lambda: store.add(bundle),
        "the same again": lambda: store.add(bundle),
        "no export": lambda: store.export(bundle.thumbprint),
        "a practice CA": lambda: training.found(
            folder / "deep" / "ca", at=PRACTICE_TIME
        ),
        "a key": lambda: keys.read_private_key(
            keys.write_private_key(MARKED, PASSPHRASE), "wrong"
        ),
    }


def of_forms() -> Outcome:
    """What a form holds is gone when it was submitted, well or badly."""
    from certlib.widgets.creating import creating_form

    outcome = Outcome("forms with a marked passphrase")
    with tempfile.TemporaryDirectory() as folder:
        form = creating_form(Path(folder), private_key=MARKED, serial_number=1)
        for name in ("made.pfx", "made.pfx"):  # the second time it is there already
            form.fill(server_names="todd.example.com", file=name, passphrase=PASSPHRASE)
            with contextlib.suppress(CertlibError):
                form.submit()
            outcome.tried += 1
            said = repr(form) + form.picture() + repr(form.error) + repr(_state(form))
            outcome.bad += [f"the form holds {w}" for w in found_in(said.encode())]
        outcome.bad += written_in(Path(folder), set())
    return outcome


def _state(form: object) -> dict[str, object]:
    import ipywidgets

    del form  # the state is that of all widgets
    return dict(ipywidgets.Widget.get_manager_state())


def attack(thorough: bool = False) -> list[Outcome]:
    """Return what came of looking for the marked secrets."""
    del thorough
    return [of_commands(), of_errors(), of_forms()]
