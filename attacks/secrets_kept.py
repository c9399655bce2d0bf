"""Secrets: a marked passphrase and a marked key, looked for where they must not be.

Every command runs in a home of its own with a marked passphrase in its variable; its
temporary files, caches and what Jupyter keeps lie there, too. While it runs, the
command lines of all processes are read, the environments of those that it starts, and
what lies among the temporary files; afterwards, all that it has printed and written.
The board is asked for all that it shows, and a form is filled in a kernel of Jupyter.
"""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import forge
import requests

from attacks import Outcome
from certlib import keys, requesting, stores
from certlib.auditing import notes
from certlib.bundles import Bundle
from certlib.clock import PRACTICE_TIME
from certlib.errors import CertlibError
from certlib.issuers import training
from certlib.keys import KeyKind
from certlib.reports import FORMATS
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


FOLDERS = {
    "TMPDIR": "tmp",
    "XDG_CACHE_HOME": "cache",
    "XDG_CONFIG_HOME": "settings",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_RUNTIME_DIR": "run",
    "JUPYTER_RUNTIME_DIR": "jupyter",
    "IPYTHONDIR": "ipython",
}
"""Where programs keep what nobody has named, within the home."""


def started(
    words: list[str], home: Path, output: int | IO[bytes] = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    """Start Python in a home, with the passphrase in its variable."""
    folders = {name: home / folder for name, folder in FOLDERS.items()}
    for folder in folders.values():
        folder.mkdir(exist_ok=True, mode=0o700)
    own = {"HOME": str(home), "CERTLIB_PASSPHRASE": PASSPHRASE}
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=home,
        env={**os.environ, **own, **{n: str(path) for n, path in folders.items()}},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def watched(words: list[str], home: Path) -> tuple[bytes, list[str]]:
    """Run a command and return what it printed, and what was seen meanwhile."""
    process = started(["-m", "certlib", *words], home)
    seen: list[str] = []
    with tempfile.TemporaryFile() as output:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        while process.poll() is None:
            seen += looked_at(process.pid, home)
            output.write(process.stdout.read() or b"")
            time.sleep(0.005)
        output.write(process.stdout.read() or b"")
        process.stdout.close()
        output.seek(0)
        return output.read(), seen


def looked_at(process: int, home: Path) -> list[str]:
    """Return where a mark is while a process runs."""
    ours, seen = _words(process), list[str]()
    for one in (process, *processes_below(process)):
        # A child shares its parent's memory until it has become a program.
        words = _words(one)
        found = _seen(one, own=one == process or words in (b"", ours))
        if words == _words(one):  # it did not become one just now
            seen += found
    with contextlib.suppress(OSError):  # gone meanwhile
        seen += written_in(home / FOLDERS["TMPDIR"], set())
    return seen


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


def furnished(home: Path) -> set[Path]:
    """Lay the marked files; return those in which a mark is meant to be."""
    forge.leaf(private_key=MARKED).write(home / "marked.pfx", passphrase=PASSPHRASE)
    (home / "damaged.pfx").write_bytes((home / "marked.pfx").read_bytes()[:-40])
    (home / "marked.txt").write_text(f"{PASSPHRASE}\n")
    (home / "marked.url").write_text(f"json://me:{PASSPHRASE}@127.0.0.1:1/\n")
    (home / "fleet.toml").write_text(FLEET)
    wrong = FLEET.replace("url-file", "url").replace('"marked.url"', "[]")
    (home / "wrong.toml").write_text(wrong)
    return {home / "marked.txt", home / "marked.url"}


def of_commands() -> Outcome:
    outcome = Outcome("commands with a marked passphrase and key")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        given = furnished(home)
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


ORDERS: dict[str, dict[str, object]] = {
    "audit": {
        "paths": "marked.pfx\ndamaged.pfx",
        "passphrases": PASSPHRASE,
        **dict.fromkeys(("store", "servers", "server_name", "product", "days"), ""),
        **dict.fromkeys(("roots", "lists"), ""),
        "environment": "test",
    },
    "notify": {"to": f"json://me:{PASSPHRASE}@127.0.0.1:1/"},
    "history": {"history": "board.db", "notes": ""},
    "note": dict.fromkeys(notes.COLUMNS, "*"),
    "views": {"name": "a", "view": "#words=a"},
    "compare": {"path": "marked.txt"},
    "message": {},
    "lint": {"number": 0},
    "forget": {"passphrases": True},
}
"""What the page is told, and what it asks for afterwards."""
QUESTIONS = ("/", "/api/state", "/api/about", "/api/rows", "/api/detail?number=0")


def of_board() -> Outcome:
    """Ask the board for all that it shows, with a marked passphrase typed in it."""
    outcome = Outcome("questions and orders of the board, with a marked passphrase")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        given = furnished(home)
        words = ["-u", "-m", "certlib", "board", "marked.pfx", "--no-browser"]
        process = started(words, home)
        assert process.stdout is not None
        try:
            url = process.stdout.readline().decode().strip()
            with requests.Session() as page:
                page.get(url)
                for what, answer in asked_of_board(page, url.partition("/?")[0]):
                    outcome.tried += 1
                    outcome.bad += [f"{what} says {w}" for w in found_in(answer)]
                    outcome.bad += looked_at(process.pid, home)
        finally:
            process.send_signal(signal.SIGINT)
            printed = process.communicate()[0]
        outcome.bad += [f"the board prints {what}" for what in found_in(printed)]
        outcome.bad += written_in(home, given)
    return outcome


def asked_of_board(page: requests.Session, url: str) -> Iterator[tuple[str, bytes]]:
    page.headers["X-Certlib"] = "board"
    for order, sent in ORDERS.items():
        yield order, page.post(f"{url}/api/{order}", json=sent).content
        while page.get(f"{url}/api/state").json()["running"]:
            time.sleep(0.05)
        if order == "audit":
            files = {"file": ("empty.cer", b"")}
            yield "upload", page.post(f"{url}/api/upload", files=files).content
            for path in (*QUESTIONS, *(f"/report/{f}" for f in FORMATS)):
                yield path, page.get(f"{url}{path}").content


KERNEL = """
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel()
reply = client.execute_interactive(CELL, timeout=120, output_hook=id)
client.stop_channels()
manager.shutdown_kernel()
sys.exit(reply["content"]["status"] != "ok")
"""
CELL = """
import os
from pathlib import Path
from certlib.widgets.creating import creating_form
form = creating_form(Path())
secret = os.environ["CERTLIB_PASSPHRASE"]
form.fill(server_names="todd.example.com", file="made.pfx", passphrase=secret)
form.submit()
form
"""


def of_kernel() -> Outcome:
    """A form in a kernel of Jupyter, which keeps files of its own."""
    outcome = Outcome("forms in a kernel of Jupyter, with a marked passphrase", 1)
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as output,  # of any length
    ):
        home = Path(folder)
        process = started(["-c", KERNEL.replace("CELL", repr(CELL))], home, output)
        while process.poll() is None:
            with contextlib.suppress(OSError):  # gone meanwhile
                outcome.bad += written_in(home, set())
            time.sleep(0.05)
        output.seek(0)
        printed = output.read()
        outcome.bad += [f"it prints {what}" for what in found_in(printed)]
        outcome.bad += written_in(home, set())
        if process.returncode or not (home / "made.pfx").exists():
            outcome.bad.append(f"it failed: {printed[-300:]!r}")
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
    return [of_commands(), of_board(), of_kernel(), of_errors(), of_forms()]
