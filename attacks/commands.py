"""Commands: each one over each odd file, in the place of each file that it takes.

It ends soon and says what is wrong in words: exit code 3 is a fault of certlib, and no
character of the file commands the terminal.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import re
import resource
import signal
import sqlite3
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import forge

from attacks import Outcome
from certlib import cli, files
from certlib.auditing import settings
from certlib.clock import PRACTICE_TIME
from certlib.integrating import tls_settings

SHORT, OF_A_KIND = 150, 250
"""How many are tried when there is no time for all; and of each line at most."""

WORK, WAIT, MEMORY = 15, 90, 4 << 30
"""Seconds of work and in all, and bytes of memory, that each command may take."""

LINES = {
    "inspect {odd}": "certificate",
    "inspect {odd} --json": "certificate",
    "inspect good.pfx --passphrase-file {odd}": "passphrase",
    "inspect good.pem --root {odd}": "certificate",
    "inspect good.pem --crl {odd}": "list",
    "inspect leaf.cer --key {odd}": "certificate",
    "convert {odd} --out made.pem --replace": "certificate",
    "convert leaf.cer --key {odd} --out made.pem --replace": "certificate",
    "convert good.pem --out made.pfx --replace --new-passphrase-file {odd}": "words",
    "import {odd} --dry-run": "certificate",
    "snc {odd} --account CORP\\svc --passphrase-file pass --out sub": "certificate",
    "join {odd} --folder requests": "certificate",
    "renew {odd} --submit practice --dry-run": "certificate",
    "renew good.pem --submit practice --dry-run --tls-json {odd} --product xtract-core":
    "settings",
    "audit {odd} --format csv": "certificate",
    "audit {odd} --format json --at-least 0": "servers",
    "audit good.pem --suppressions {odd}": "suppressions",
    "audit good.pem --compare {odd}": "report",
    "audit good.pem --history {odd}": "history",
    "audit good.pem --root {odd}": "certificate",
    "audit good.pem --crl {odd}": "list",
    "audit good.pfx --passphrase-file {odd}": "passphrase",
    "check good.pem --client-cert {odd}": "certificate",
    "history {odd}": "history",
    "history {odd} --json": "history",
    "history good.db --notes {odd}": "notes",
    "nightly {odd}": "nightly",
    "nightly {odd} --schedule": "nightly",
    "integrate xtract-core --tls-json {odd}": "settings",
    "integrate xtract-core --tls-json {odd} --json": "settings",
    "course --class odd": "progress",
    "course": "progress",
    "course --certificate made.html": "progress",
    "--config {odd} audit good.pem": "options",
    "--config {odd} check 127.0.0.1:1": "options",
    "requests --folder odd --all": "request",
    "stores": "store",
}  # fmt: skip
"""What is typed, and of which kind the file is that is odd in it."""

ESCAPES = "\x1b]0;title\x07\x1b[2J\x9b31m\u202egnp.exe\r\nerror: fine"
UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@cache
def of_any_kind() -> dict[str, bytes]:
    """Return what no file should hold, by what it is."""
    return {
        "nothing": b"",
        "zeros": b"\0" * 5000,
        "all bytes": bytes(range(256)) * 40,
        "escapes": ESCAPES.encode() * 3,
        "escapes in UTF-16": ESCAPES.encode("utf-16"),
        "a long line": b"a" * 400_000,
        "many lines": b"a\n" * 150_000,
        "a long cell": b'certificate,owner\n"' + b"a" * 300_000 + b'",x\n',
        "nested lists": b"[" * 100_000,
        "nested tables": b'{"a":' * 50_000,
        "nested TOML": b"a = " + b"[" * 50_000,
        "a dotted key": b"a" + b".a" * 50_000 + b" = 1\n",
        "nested DER": b"\x30\x84\x00\xff\xff\xff" * 50_000,
        "an endless length": b"\x30\x84\xff\xff\xff\xff\x02\x01\x01",
        "a long number": b"9" * 100_000,
        "many PEM heads": b"-----BEGIN CERTIFICATE-----\n" * 20_000,
        "no base64": b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
        "a damaged workbook": b"PK\x03\x04" + b"\xff" * 500,
        "a wide workbook": workbook("A1:XFD1048576", "XFD1048576"),
        "a workbook that unpacks": workbook("A1", "A1", b" " * (200 << 20)),
        "a database": b"SQLite format 3\0" + b"\xff" * 4080,
        "another database": _database("CREATE TABLE other (a)"),
        "large": b" " * (files.MAX_SIZE + 1),
    }


def workbook(extent: str, cell: str, more: bytes = b"") -> bytes:
    """Return a workbook of one cell that claims an extent."""
    row = re.sub(r"\D", "", cell)
    spaces = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    content = {
        "[Content_Types].xml": f'<Types xmlns="{parts}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/a.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{parts}/relationships"><Relationship '
        f'Id="r1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook {spaces} xmlns:r="{relations}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{parts}/relationships">'
        f'<Relationship Id="r1" Type="{relations}/worksheet" Target="a.xml"/>'
        "</Relationships>",
        "xl/a.xml": f'<worksheet {spaces}><dimension ref="{extent}"/><sheetData>'
        f'<row r="{row}"><c r="{cell}" t="inlineStr"><is><t>a.example.com</t></is></c>'
        "</row></sheetData></worksheet>",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
        archive.writestr("xl/more.bin", more)
    return packed.getvalue()


def _database(*statements: str) -> bytes:
    with contextlib.closing(sqlite3.connect(":memory:")) as made:
        for statement in statements:
            made.execute(statement)
        made.commit()
        return made.serialize()


def of_kind(kind: str, home: Path) -> Iterator[tuple[str, bytes]]:
    """Yield files that are nearly right for where they are given."""
    examples: dict[str, Callable[[Path], Iterator[tuple[str, bytes]]]] = {
        "history": histories,
        "nightly": nightly_files,
        "suppressions": lambda _: values(SUPPRESSION),
        "options": lambda _: values(OPTIONS),
        "settings": lambda home: json_values((home / "tls.json").read_bytes()),
        "report": lambda home: json_values((home / "good.json").read_bytes()),
        "progress": lambda _: json_values(PROGRESS),
        "request": lambda home: json_values(next(_facts(home)).read_bytes()),
        "notes": lambda _: iter(NOTES.items()),
        "words": lambda _: iter(WORDS.items()),
        "passphrase": lambda _: iter(WORDS.items()),
        "servers": lambda _: iter(SERVERS.items()),
    }
    if kind in examples:
        yield from examples[kind](home)


ODD_VALUES = (
    *(0, -1, 10**30, 1e308, True, [], {}, "", "\0", ESCAPES, "x" * 100_000, [[]]),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026"),
    *("00010101T000000.000+1400", "2026-01-01", "NaN", {"a": {"b": 1}}, None),
)  # fmt: skip
ODD_TOML = (
    *("nan", "inf", "-inf", "2026-01-01", "07:32:00", "0001-01-01T00:00:00+14:00"),
    *("1", "-1", "1e400", "[]", "[[]]", "[{}]", "{}", '""', '"\\u0000"'),
    '"\\u001b[2J"',
    *("true", '"x"', '["x", 1]', '["\\u202e"]', '["' + "*a" * 50_000 + '"]', "[nan]"),
    *('["/dev/zero"]', '["tls://\\u0000"]', '["tls://' + "a." * 500 + 'b:0"]'),
    *('"' + "9" * 5000 + 'd"', '"/dev/zero"', '["Cert:\\\\x\\\\y"]'),
)  # fmt: skip
SUPPRESSION = """[[suppress]]
rule = "expired"
certificate = "*"
reason = "x"
by = "y"
until = 2027-01-01
"""
OPTIONS = """[audit]
fail-on = "never"
at-least = 0
root = ["root.cer"]
history = "made.db"
expiring-within = "20%"
quiet = true
[check]
proxy = "http://127.0.0.1:1"
timeout = 1
"""
PROGRESS = json.dumps(
    {"format": 1, "learner": "Ada", "seed": "00", "tasks": {"name": {"round": 0,
     "tries": 2, "hints": 1, "shown": False, "solved": "2026-11-02T08:00:00+00:00"}}}
).encode()  # fmt: skip
NOTES = {
    "escapes in cells": f'certificate,owner\n*,"{ESCAPES}"\n'.encode(),
    "a head twice": b"certificate,certificate\n*,a\n*,b,c,d,e\n",
    "patterns": b"certificate,owner\n" + b"*a" * 30_000 + b",x\n",
    "many patterns": b"certificate,owner\n" + b"*[a-z]*[!a]*,x\n" * 9_000,
    "a quote": b'certificate,owner\n"*,x\n' * 50,
}
WORDS = {
    "a long word": b"a" * 5000,
    "many words": b"\n".join(b"word%d" % n for n in range(100_000)),
    "an umlaut": "Pässwörter".encode("cp1252"),
    "NUL": b"a\0b\n",
    "a surrogate": b"\xed\xa0\x80\n",
}
SERVERS = {
    "odd names": b"a\0b\n..\n-:0\n[::1\nhost:99999999\n\x1b[2J\xe2\x80\xae:1\n",
    "many ports": b"127.0.0.1:1\n" * 500,
    "other protocols": b"smtp://127.0.0.1:1\nldap://127.0.0.1:1\nrdp://127.0.0.1:1\n",
    "columns": b"host;port;ip\n" + b";" * 90_000 + b"\n",
}


def json_values(example: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield a document with each value replaced by each odd one."""
    from attacks.documents import _places

    document = json.loads(example)
    for node, key in list(_places(document)):
        for odd in ODD_VALUES:
            before, node[key] = node[key], odd
            yield f"{key} is {str(odd)[:20]!r}", json.dumps(document).encode()
            node[key] = before
    yield "infinite", re.sub(rb": \d+", b": Infinity", example)


def values(example: str) -> Iterator[tuple[str, bytes]]:
    """Yield a TOML text with each value replaced by each odd one."""
    lines = example.splitlines()
    for number, line in enumerate(lines):
        if " = " not in line:
            continue
        key = line.partition(" = ")[0]
        for odd in ODD_TOML:
            changed = [*lines[:number], f"{key} = {odd}", *lines[number + 1 :]]
            yield f"{key} is {odd[:20]}", "\n".join(changed).encode()


def nightly_files(home: Path) -> Iterator[tuple[str, bytes]]:
    del home
    yield from values(
        'history = "made.db"\nnotes = "notes.csv"\nname = "a"\nroots = ["root.cer"]\n'
        'crls = ["list.crl"]\nonline = false\ntimeout = 1\nat-least = 0\n'
        'suppressions = "accepted.toml"\nmetrics = "made.prom"\nfail-on = "never"\n'
        'passphrase-file = "pass"\n[[group]]\nsources = ["good.pem"]\nserver = "a.de"\n'
        'approach = "internal-ca"\nexpiring-within = "20%"\nproduct = "yunio"\n'
        '[[report]]\nfile = "made.html"\n[[notify]]\nname = "x"\n'
        'url = "json://127.0.0.1:1/"\nseverity = "error"\n'
    )
    yield "the example", settings.EXAMPLE.encode()


def histories(home: Path) -> Iterator[tuple[str, bytes]]:
    """Yield a history with an odd value in each column in turn."""
    good = (home / "good.db").read_bytes()
    for table, column in _columns(good):
        for odd in (None, -1, 2**62, 1e308, b"\xff", "", "x", ESCAPES, "[1]", "{}"):
            with contextlib.closing(sqlite3.connect(":memory:")) as changed:
                changed.deserialize(good)
                try:
                    changed.execute(f"UPDATE {table} SET {column} = ?", (odd,))
                except sqlite3.Error:  # it wants another value there
                    continue
                changed.commit()
                yield f"{table}.{column} is {str(odd)[:10]!r}", changed.serialize()
        for statement in (
            f"ALTER TABLE {table} RENAME COLUMN {column} TO odd",
            f"DELETE FROM {table}",
            f"DROP TABLE {table}",
        ):
            with contextlib.closing(sqlite3.connect(":memory:")) as changed:
                changed.deserialize(good)
                with contextlib.suppress(sqlite3.Error):
                    changed.execute(statement)
                changed.commit()
                yield statement, changed.serialize()
    for cut in range(0, len(good), 4096):
        yield f"cut at {cut}", good[:cut]
        yield f"zeros at {cut}", good[:cut] + bytes(4096) + good[cut + 4096 :]


def _columns(database: bytes) -> list[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as known:
        known.deserialize(database)
        return known.execute(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c "
            "WHERE t.type = 'table'"
        ).fetchall()


def _facts(home: Path) -> Iterator[Path]:
    return (home / "requests").rglob("request.json")


def furnish(home: Path) -> None:
    """Lay the good files beside which the odd one stands."""
    for module, _ in cli._MODULES.values():  # once, and not in each process
        import_module(f"certlib.cli.{module.partition(':')[0]}")
    for module in ("certlib.reports.nightly", "jsonschema", "badkeys"):
        import_module(module)
    from certlib import requesting
    from certlib.specs import CertificateSpec

    bundle = forge.chain()
    bundle.write(home / "good.pem")
    bundle.write(home / "good.pfx", passphrase="Practice-1")
    (home / "leaf.cer").write_bytes(bundle.to_der())
    (home / "root.cer").write_bytes(bundle.to_der())
    (home / "pass").write_text("Practice-1\n")
    (home / "notes.csv").write_text("certificate,owner\n*,a\n")
    (home / "accepted.toml").write_text(SUPPRESSION)
    (home / "sub").mkdir()
    (home / "odd").mkdir()
    tls_settings.write(home / "tls.json", bundle.leaf)
    spec = CertificateSpec(("todd.example.com",))
    requesting.prepare(spec, home / "requests", at=PRACTICE_TIME)
    for _ in range(2):
        run("audit good.pem --history good.db", home)
    run("audit good.pem --format json --out good.json", home)


def run(line: str, home: Path) -> tuple[int, str]:
    """Run a command in a process of its own; return its exit code and what it said."""
    output = home / ".said"
    with output.open("wb") as stream:
        if not (child := os.fork()):
            _be(line, home, stream.fileno())
    end = time.monotonic() + WAIT
    done = 0
    while not done and time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        time.sleep(0.005)
    if not done:
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    said = output.read_bytes().decode("utf-8", "replace")
    return os.waitstatus_to_exitcode(status), said


def _size() -> int:
    """Return the bytes that this process began with: those of its parent's tests, too.

    Below them no stack can grow, and what is deep would end in a fault of the machine.
    """
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _be(line: str, home: Path, output: int) -> None:
    """Be that command, and never return."""
    os.chdir(home)
    os.setsid()  # no terminal to ask
    os.environ |= {"HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
    os.environ |= {"CERTLIB_PROGRESS": str(home / "odd/odd.json"), "COLUMNS": "100"}
    for stream in (1, 2):
        os.dup2(output, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin, sys.stdout, sys.stderr = (
        open(n, "r" if n == 0 else "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        for n in range(3)
    )
    most = MEMORY + _size()
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (WORK, WORK))
    sys.argv = ["certlib", *line.split()]
    code = 4
    try:
        cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 5
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def cases(home: Path) -> list[tuple[str, str, bytes | None]]:
    """Return all of them: the line, what is odd, and its bytes (None for a pipe)."""
    found: list[tuple[str, str, bytes | None]] = []
    for line, kind in LINES.items():
        near = list(of_kind(kind, home))
        near = random.Random(16).sample(near, min(len(near), OF_A_KIND))
        found += [(line, what, data) for what, data in (*of_any_kind().items(), *near)]
        found.append((line, "a pipe", None))
    return found


def lay(line: str, data: bytes | None, home: Path) -> Path:
    """Put the odd file where the command looks for it."""
    places = {
        "course": home / "odd/odd.json",
        "requests": home / "odd/todd.example.com/request.json",
        "stores": home / "data/certlib/stores/My/odd.cer",
    }
    path = places.get(line.split()[0], home / "odd.bin")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if data is None:
        os.mkfifo(path)
    else:
        path.write_bytes(data)
    if path.name == "request.json":
        for facts in _facts(home):
            beside = facts.with_name("request.csr")
            (path.parent / beside.name).write_bytes(beside.read_bytes())
    return path


def wrong(code: int, said: str) -> list[str]:
    """Return what is wrong with what a command answered."""
    if code in (-signal.SIGKILL, -signal.SIGXCPU):
        return [f"is not done in {WORK} s of work, or {WAIT} s"]
    if code not in (0, 1, 2):
        return [f"ends with {code}: {said[-300:]!r}"]
    if found := UNSHOWN.search(said):
        at = found.start()
        return [f"says {said[max(0, at - 40) : at + 20]!r}"]
    return []


def attack(thorough: bool = False) -> list[Outcome]:
    """Return what came of giving each command odd files."""
    outcome = Outcome("commands with an odd file")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        furnish(home)
        chosen = cases(home)
        if not thorough:
            chosen = random.Random(16).sample(chosen, SHORT)
        for line, what, data in chosen:
            path = lay(line, data, home)
            code, said = run(line.format(odd=path.name), home)
            outcome.tried += 1
            outcome.bad += [f"{line}, {what}: {text}" for text in wrong(code, said)]
            path.unlink()
            for made in home.glob("made*"):
                made.unlink()
    return [outcome]
