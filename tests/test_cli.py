"""The command line, as a user calls it: a process, its output, its exit code."""

from __future__ import annotations

import contextlib
import csv
import html
import io
import json
import os
import re
import stat
import subprocess
import sys

import click
import forge
import openpyxl
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import Bundle, clock, keys, reports
from certlib.bundles import PfxProtection, formats
from certlib.cli import commands
from certlib.cli.common import passphrases
from certlib.endpoints import serving
from certlib.errors import InputError

SECRET = "correct horse battery"


@pytest.fixture
def certlib(tmp_path):
    """Run certlib in an empty folder, with stores of its own."""

    def run(*arguments, passphrase=None, stdin=None, env=None):
        screen = (env or {}).get("PYTHONIOENCODING", "utf-8")
        env = os.environ | {
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "COLUMNS": "100",
            "PYTHONIOENCODING": "utf-8",
            **(env or {}),
        }
        if passphrase is not None:
            env["CERTLIB_PASSPHRASE"] = passphrase
        return subprocess.run(
            [sys.executable, "-m", "certlib", *map(str, arguments)],
            capture_output=True,
            encoding=screen,
            cwd=tmp_path,
            env=env,
            input=stdin or "",
            timeout=120,
        )

    return run


def test_create_inspect_import_audit(certlib, tmp_path):
    made = certlib(
        "create", "todd.example.com", "todd", "--out", "t.pfx", passphrase=SECRET
    )
    assert (0, "") == (made.returncode, made.stderr)
    bundle = Bundle.read(tmp_path / "t.pfx", passphrase=SECRET)
    assert bundle.thumbprint in made.stdout

    shown = certlib("inspect", "t.pfx", "--json", passphrase=SECRET)
    assert ["todd.example.com", "todd"] == json.loads(shown.stdout)["dns_names"]

    imported = certlib("import", "t.pfx", "--yes", passphrase=SECRET)
    assert (0, "") == (imported.returncode, imported.stderr)
    assert f"{bundle.thumbprint} is in Local Machine > Personal" in imported.stdout
    assert bundle.thumbprint in certlib("stores").stdout

    store = r"Cert:\LocalMachine\My"
    test = certlib(
        "audit", store, "--server", "todd.example.com", "--environment", "test"
    )
    assert (0, "") == (test.returncode, test.stderr)
    production = certlib("audit", store)
    assert 1 == production.returncode
    assert "self-signed-in-production" in production.stdout


def test_a_pem_file_is_the_owners_alone_and_its_key_is_plain(certlib, tmp_path):
    made = certlib("create", "a.example.com", "--out", "a.pem", "--key", "ecdsa-p256")
    assert 0 == made.returncode
    assert Bundle.read(tmp_path / "a.pem").private_key is not None
    if os.name == "posix":
        assert 0o600 == stat.S_IMODE((tmp_path / "a.pem").stat().st_mode)


def test_a_pfx_for_old_windows(certlib, tmp_path):
    certlib(
        "create", "a.example.com", "--out", "a.pfx", "--old-windows", passphrase=SECRET
    )
    today = Bundle.read(tmp_path / "a.pfx", passphrase=SECRET)
    old = today.to_pfx(SECRET, protection=PfxProtection.TRIPLE_DES)
    oid = bytes.fromhex("2a864886f70d010c0103")  # pbeWithSHA1And3-KeyTripleDES-CBC
    assert oid in old
    assert oid in (tmp_path / "a.pfx").read_bytes()


def test_the_passphrase_comes_from_a_file(certlib, tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\nand a second line\n")
    made = certlib(
        "create", "a.example.com", "--out", "a.pfx", "--passphrase-file", "secret"
    )
    assert 0 == made.returncode
    assert Bundle.read(tmp_path / "a.pfx", passphrase=SECRET)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "a.example.com", "--out", "a.pfx"), "passphrase is needed"),
        (("create", "a.example/x", "--out", "a.pem"), "it is a URL"),
        (("create", "a.example.com", "--out", "a.cer"), "not hold the private key"),
        (("create", "a.example.com", "--out", "a.pem", "--key", "Ed25519"), "Schannel"),
        (("create", "a.example.com", "--out", "no/a.pem"), "cannot be written"),
        (("inspect", "absent.pfx"), "does not exist"),
        (("import", "absent.pfx"), "does not exist"),
        (("stores", "Cert:\\Nowhere\\My"), "not the address"),
        (("audit", "absent"), "does not exist"),
        (("audit",), "Missing argument"),
        (("audit", ".", "--product", "nonesuch"), "nonesuch"),
        (("create", "a", "--out", "a.pem", "--days", "99999999999"), "--days"),
        (("create", "a", "--out", "."), "is a directory"),
        (("inspect", "absent.pfx", "--server", "a/x"), "it is a URL"),
        (("lab", "--port", "80000"), "--port"),
        (("create", "a", "--out", "a" * 300 + ".pem"), "longer than any path"),
        (("check", "127.0.0.1:99999"), "port"),
        (("check", "127.0.0.1:1", "--timeout", "nan"), "no number"),
        (("completion",), "Choose from: bash, zsh, fish, powershell"),
        (("explain", " "), "no text"),
        (("inspct", "a.cer"), "'inspect'"),
        (("history", "absent.db"), "does not exist"),
        (("integrate", "xtract-core", "--tls-json", "absent.json"), "does not exist"),
        (("requests", "--folder", sys.executable), "Not a directory"),
    ],
)
def test_bad_input_is_explained_with_exit_code_2(certlib, arguments, said):
    run = certlib(*arguments)
    assert 2 == run.returncode
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert "" == run.stdout


def test_a_file_is_never_replaced_unless_asked(certlib, tmp_path):
    (tmp_path / "a.pem").write_text("precious")
    refused = certlib("create", "a.example.com", "--out", "a.pem")
    assert 2 == refused.returncode
    assert "it may be replaced (--replace)" in refused.stderr
    assert "precious" == (tmp_path / "a.pem").read_text()
    assert (
        0
        == certlib("create", "a.example.com", "--out", "a.pem", "--replace").returncode
    )


@pytest.mark.parametrize(
    "command",
    [
        "audit a.pem --format json --out a.pem",
        "convert a.pem --out a.pem",
        "create a.example.com --out a.pem",
        "export 2F3C --out a.pem",
        "inspect a.pem -o a.pem",
        "join a.pem --out a.pem",
        "request a.example.com --inf a.pem",
    ],
)
def test_only_who_can_replace_a_file_says_so(certlib, tmp_path, command):
    (tmp_path / "a.pem").write_text("precious")
    refused = certlib(*command.split())
    assert 2 == refused.returncode
    assert "exists already" in refused.stderr
    there = "--replace" in certlib(command.split()[0], "--help").stdout
    assert there == ("--replace" in refused.stderr)
    assert "precious" == (tmp_path / "a.pem").read_text()


def test_stopped_while_it_is_still_loading(certlib, tmp_path):
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt")
    run = certlib("--help", env={"PYTHONPATH": str(tmp_path)})
    assert (130, "Stopped.\n") == (run.returncode, run.stderr)


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
@pytest.mark.parametrize(
    "command",
    [
        "stores",
        "requests",
        "requests --folder {}",
        "history {}/fleet.db",
        "inspect {}/a.cer",
        "integrate xtract-core --tls-json {}/tls.json",
        "--config {}/c.toml stores",
    ],
)
def test_what_nobody_may_look_into_is_not_empty(tmp_path, command):
    closed = tmp_path / "closed"
    closed.mkdir(0o000)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, *command.format(closed).split()],
        env=os.environ | {"XDG_DATA_HOME": str(closed), "COLUMNS": "300"},
        capture_output=True,
        text=True,
    )
    assert (2, "") == (done.returncode, done.stdout), done.stderr
    assert "Permission denied\n  fix: check the path and your rights" in done.stderr


AS_NOBODY = """
import contextlib, io, os, sys
from certlib.cli import main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    with contextlib.redirect_stderr(io.StringIO()):
        main()  # loads what it needs, which nobody may perhaps not read
if os.geteuid() == 0:
    os.seteuid(65534)
main()
"""


def test_importing_without_yes_and_without_a_person(certlib, tmp_path):
    forge.leaf().write(tmp_path / "a.pfx", passphrase=SECRET)
    run = certlib("import", "a.pfx", passphrase=SECRET)
    assert 2 == run.returncode
    assert "add --yes" in run.stderr
    assert "No certificates" in certlib("stores").stdout


def test_a_practice_key_does_not_get_into_the_store(certlib, tmp_path):
    forge.leaf(private_key=keys.practice_key()).write(
        tmp_path / "p.pfx", passphrase=SECRET
    )
    run = certlib("import", "p.pfx", "--yes", passphrase=SECRET)
    assert 2 == run.returncode
    assert "practice key" in run.stderr


def test_what_is_said_not_to_be_trusted_is_not_fine(certlib, tmp_path):
    own = forge.leaf(not_before=clock.now() - forge.DAY)
    (tmp_path / "own.cer").write_bytes(forge.der(own))
    (tmp_path / "root.cer").write_bytes(forge.der(forge.ca()))
    where = ("inspect", "own.cer", "--server", "server.example.com")
    wrong = certlib(*where, "--root", "root.cer")
    assert "✗ trust: not trusted" in wrong.stderr
    assert 1 == wrong.returncode
    assert 0 == certlib(*where, "--root", "own.cer").returncode
    assert 0 == certlib(*where).returncode  # no clients were named


def test_an_unreadable_file_in_an_audit_is_a_finding(certlib, tmp_path):
    (tmp_path / "broken.cer").write_bytes(b"\x30\x82")
    run = certlib("audit", ".")
    assert 1 == run.returncode
    assert "broken.cer" in run.stdout
    assert "cannot-be-read" in run.stdout


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    forge.leaf().write(tmp_path / "in" / "a.cer")
    return tmp_path / "in"


def test_audit_as_json(certlib, folder):
    document = json.loads(certlib("audit", folder, "--format", "json").stdout)
    (row,) = document["certificates"]
    assert "self-signed-in-production" in [f["rule"] for f in row["findings"]]


def test_audit_as_csv(certlib, folder):
    run = certlib("audit", folder, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert "self-signed-in-production" in [row["rule"] for row in rows]


def test_audit_as_html(certlib, folder, tmp_path):
    run = certlib("audit", folder, "--format", "html", "--out", "a.html")
    assert 1 == run.returncode
    assert "self-signed-in-production" in (tmp_path / "a.html").read_text("utf-8")


def test_audit_as_xlsx(certlib, folder, tmp_path):
    certlib("audit", folder, "--format", "xlsx", "--out", "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    values = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert "self-signed-in-production" in values


@pytest.mark.parametrize(
    "command", [(), ("create",), ("inspect",), ("import",), ("audit",), ("lab",)]
)
def test_help_has_examples(certlib, command):
    run = certlib(*command, "--help")
    assert 0 == run.returncode
    assert ("Examples:" if command else "Exit codes:") in run.stdout


def test_the_version(certlib):
    assert "certlib, version" in certlib("--version").stdout


def test_inspect_says_whether_the_server_is_named(certlib, tmp_path):
    forge.leaf().write(tmp_path / "a.cer")
    right = certlib("inspect", "a.cer", "--server", "server.example.com")
    named, trust = right.stderr.splitlines()
    assert (0, "✓ SAN and CN name server.example.com") == (right.returncode, named)
    assert trust == (
        "? trust: not judged: server.example.com is its own issuer and not trusted"
    )
    assert "DNS Name=server.example.com" in right.stdout
    assert "RSA (2048 Bits)" in right.stdout
    wrong = certlib("inspect", "a.cer", "--server", "other.example.com")
    assert 1 == wrong.returncode
    assert "does not contain the server's DNS name" in wrong.stderr


def test_check_looks_at_a_service(certlib, tmp_path):
    served = forge.chain(not_before=clock.now() - forge.DAY)
    (tmp_path / "root.cer").write_bytes(Bundle(served.chain[-1]).to_der())
    with serving.serve(served) as at:
        where = (f"127.0.0.1:{at.port}", "--server", at.server_name)
        right = certlib("check", *where, "--root", "root.cer")
        assert (0, "") == (right.returncode, right.stderr)
        wrong = certlib("check", *where[:2], "other.example.com")
    assert 1 == wrong.returncode
    assert "✗ server name" in wrong.stdout


def test_check_says_why_nothing_answers(certlib):
    run = certlib("check", "127.0.0.1:1")
    assert 1 == run.returncode
    assert "✗ TLS answer" in run.stdout


def test_grant_lets_the_service_account_read_the_key(certlib, tmp_path):
    bundle = forge.leaf()
    bundle.write(tmp_path / "a.pfx", passphrase=SECRET)
    certlib("import", "a.pfx", "--yes", passphrase=SECRET)
    account = r"NT Service\BOARD Connector Service"
    run = certlib("grant", bundle.thumbprint, account, "--yes")
    assert (0, "") == (run.returncode, run.stderr)
    assert f"✓ may read it: {account}" in run.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\nsecond line\n", "the first line of secret is empty"),
        (b"\xef\xbb\xbf", "the first line of secret is empty"),
    ],
)
def test_a_passphrase_file_without_a_passphrase(certlib, tmp_path, content, said):
    (tmp_path / "secret").write_bytes(content)
    run = certlib(
        "create", "a.example.com", "--out", "a.pfx", "--passphrase-file", "secret"
    )
    assert 2 == run.returncode
    assert said in run.stderr
    assert "ssphrase\n" not in run.stderr
    assert not (tmp_path / "a.pfx").exists()


# `>` of Windows PowerShell 5, Notepad's "Unicode" and "UTF-8", an old editor.
@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-8-sig", "cp1252"])
def test_a_passphrase_file_of_any_editor(certlib, tmp_path, code):
    (tmp_path / "secret").write_bytes(f"{SECRET} für alle\r\n".encode(code))
    made = certlib(
        "create", "a.example.com", "--out", "a.pfx", "--passphrase-file", "secret"
    )
    assert (0, "") == (made.returncode, made.stderr)
    assert Bundle.read(tmp_path / "a.pfx", passphrase=f"{SECRET} für alle")


CODE_PAGES = ("cp1252", "cp850", "cp437", "ascii")


@pytest.mark.parametrize("code", CODE_PAGES)
@pytest.mark.parametrize(
    "command",
    [
        ("audit", "in"),
        ("audit", "in", "--format", "csv"),
        ("audit", "in", "--format", "html"),
        ("inspect", "in/a.cer", "--server", "server.example.com"),
        ("create", "müller.example", "--out", "m.pem"),
        ("import", "in/absent–“.pfx"),
        ("check", "absent–“.example:1"),
        ("--help",),
        ("audit", "--help"),
    ],
)
def test_each_code_page_shows_everything(certlib, folder, command, code):
    run = certlib(*command, env={"PYTHONUTF8": "0", "PYTHONIOENCODING": code})
    assert run.returncode in (0, 1, 2)
    assert "Traceback" not in run.stderr
    said = run.stdout + run.stderr
    assert len(said) > 40


def test_a_file_gets_what_the_locale_can_write(certlib, folder, tmp_path):
    """Python chooses the encoding by itself, as for any stream that is no terminal."""
    command = [sys.executable, "-m", "certlib", "inspect", "a.cer", "--server", "b.de"]
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with (tmp_path / "said").open("wb") as stream:
        run = subprocess.run(
            command, cwd=folder, env=os.environ | plain, stdout=stream, stderr=stream
        )
    said = (tmp_path / "said").read_bytes()
    assert (1, True) == (run.returncode, said.isascii() or sys.platform == "win32")
    assert b"Traceback" not in said
    assert any(line.startswith(b"x ") for line in said.splitlines())


def test_ticks_have_a_plain_form(certlib, folder):
    run = certlib(
        *("inspect", folder / "a.cer", "--server", "server.example.com"),
        env={"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp850"},
    )
    assert "+ SAN and CN name server.example.com" == run.stderr.splitlines()[0]


def test_csv_in_a_pipe_has_no_byte_order_mark(certlib, folder):
    run = certlib("audit", folder, "--format", "csv")
    assert run.stdout.startswith('"place","subject"')


@pytest.mark.skipif(os.name != "posix", reason="Windows' names are no bytes")
@pytest.mark.parametrize("format_", ["table", *reports.FORMATS])
def test_a_file_name_of_any_bytes(certlib, tmp_path, format_):
    (tmp_path / "in").mkdir()
    for name in (b"b\xfccher.pem", b"\x1b[31mred.pem", b"a\nb.pem"):
        path = os.fsencode(tmp_path / "in") + b"/" + name
        with open(path, "wb") as stream:  # noqa: PTH123 # which takes no bytes
            stream.write(forge.leaf().to_pem())
    out = ("--out", "report") if format_ == "xlsx" else ()
    run = certlib("audit", "in", "--format", format_, *out)
    assert (2 if format_ == "nagios" else 1) == run.returncode
    assert "Traceback" not in run.stderr
    assert "\x1b" not in run.stdout + run.stderr
    if format_ != "xlsx":
        said = html.unescape(run.stdout).replace("\\\\", "\\")
        for place in (r"b\xfccher.pem", r"\x1b[31mred.pem", r"a\nb.pem"):
            assert place in said


def test_a_fault_of_certlib_itself_is_no_finding(certlib, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(
        "import certlib.inspecting\n"
        "def read(*a, **k): raise ZeroDivisionError('of a secret')\n"
        "certlib.inspecting.open_file = read\n"
    )
    run = certlib("inspect", "a.cer", env={"PYTHONPATH": str(tmp_path)})
    assert 3 == run.returncode
    assert "A fault of certlib itself: ZeroDivisionError" in run.stderr
    assert "secret" not in run.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_a_reader_that_goes_is_no_finding(certlib, folder):
    command = f"{sys.executable} -m certlib"
    for more in (f"audit {folder}", f"audit {folder} --format json", "--help"):
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command} {more} | true"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (141, "") == (done.returncode, done.stderr)


def test_what_a_stranger_wrote_does_not_reach_the_terminal(certlib, tmp_path):
    evil = "a\x1b[2J\u202e\x9b1m\nb"
    forge.leaf(common_name=evil).write(tmp_path / "e.pfx", passphrase=SECRET)
    for command in (
        ("audit", "e.pfx"),
        ("inspect", "e.pfx"),
        ("inspect", "e.pfx", "--json"),
        ("import", "e.pfx", "--yes"),
        ("stores",),
        ("audit", "e.pfx", "--format", "csv"),
        ("audit", "e.pfx", "--format", "json"),
        ("inspect", evil),
        ("explain", evil),
        ("--no\x1b[2Jsuch",),
    ):
        run = certlib(*command, passphrase=SECRET)
        said = run.stdout + run.stderr
        assert not set(said) & set("\x1b\u202e\x9b"), command
        assert "\nb" not in said, command


def parts_of(bundle, folder):
    (folder / "s.cer").write_bytes(forge.der(bundle))
    (folder / "s.key").write_bytes(keys.write_private_key(bundle.private_key))
    issuers = b"".join(one.public_bytes(Encoding.PEM) for one in bundle.chain)
    (folder / "ca.pem").write_bytes(issuers)


@pytest.mark.parametrize("name", ["o.pfx", "o.pem", "o.p7b", "o.crt", "o.key"])
def test_convert_writes_what_the_ending_says(certlib, tmp_path, name):
    bundle = forge.chain()
    bundle.write(tmp_path / "in.pfx", passphrase=SECRET)
    done = certlib("convert", "in.pfx", "--out", name, passphrase=SECRET)
    assert (0, "") == (done.returncode, done.stderr)
    content = formats.read((tmp_path / name).read_bytes(), passphrase=SECRET)
    expected = {"o.crt": [bundle.leaf], "o.key": []}
    # The order in a P7B file is that of a SET.
    assert {*expected.get(name, bundle.certificates)} == {*content.certificates}
    secret = name in ("o.pfx", "o.pem", "o.key")
    assert secret is bool(content.private_keys)
    if sys.platform != "win32":
        mode = stat.S_IMODE((tmp_path / name).stat().st_mode)
        assert (0o600 if secret else 0o644) == mode


def test_convert_joins_a_certificate_with_the_key_beside_it(certlib, tmp_path):
    bundle = forge.chain()
    parts_of(bundle, tmp_path)
    done = certlib(
        *("convert", "s.cer", "--key", "s.key", "--out", "o.pfx", "--old-windows"),
        passphrase=SECRET,
    )
    assert (0, "") == (done.returncode, done.stderr)
    again = Bundle.read(tmp_path / "o.pfx", passphrase=SECRET)
    assert (bundle.leaf, True) == (again.leaf, again.private_key is not None)

    imported = certlib("import", "s.cer", "--key", "s.key", "--yes")
    assert 0 == imported.returncode
    shown = certlib("inspect", "s.cer", "--key", "s.key", "--json")
    assert True is json.loads(shown.stdout)["private_key"]


def test_convert_leaves_a_key_unprotected_only_when_told(certlib, tmp_path):
    forge.leaf().write(tmp_path / "in.pfx", passphrase=SECRET)
    protected = certlib("convert", "in.pfx", "--out", "a.pem", passphrase=SECRET)
    plain = certlib(
        "convert", "in.pfx", "--out", "b.pem", "--plain-key", passphrase=SECRET
    )
    assert (0, 0) == (protected.returncode, plain.returncode)
    assert b"ENCRYPTED" in (tmp_path / "a.pem").read_bytes()
    assert b"ENCRYPTED" not in (tmp_path / "b.pem").read_bytes()
    assert "" == protected.stderr
    assert "b.pem has no passphrase" in plain.stderr


@pytest.mark.parametrize(
    "words",
    [("requests", "--folder"), ("inspect",), ("integrate", "yunio", "--tls-json")],
)
def test_a_path_longer_than_any_is_refused(certlib, words):
    done = certlib(*words, "a" * 5000)
    assert 2 == done.returncode
    assert "fault of certlib" not in done.stderr


def test_a_command_whose_quotes_stay_open_is_refused() -> None:
    from certlib.cli.issuing import words

    assert ("a", "b c") == words('a "b c"')
    with pytest.raises(InputError, match="cannot be read"):
        words("a 'b")


def test_a_plain_key_is_said_where_no_passphrase_was_given(certlib):
    done = certlib("create", "a.example.com", "--out", "a.pem")
    assert 0 == done.returncode
    assert "the private key in a.pem has no passphrase" in done.stderr
    kept = certlib("request", "a.example.com", "--folder", "r", "--plain-key")
    assert "key.pem has no passphrase" in kept.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("s.cer", "--out", "o.pfx"), "would hold no private key"),
        (("s.key", "--out", "o.p7b"), "does not hold a private key"),
        (("s.cer", "--out", "o.xyz"), "does not hold a certificate"),
        (("s.cer", "--out", "s.cer"), "exists already"),
        (("s.cer", "--key", "ca.pem", "--out", "o.pfx"), "holds no private key"),
    ],
)
def test_convert_refuses_what_a_file_cannot_hold(certlib, tmp_path, given, said):
    parts_of(forge.chain(), tmp_path)
    before = sorted(tmp_path.iterdir())
    done = certlib("convert", *given, passphrase=SECRET)
    assert 2 == done.returncode
    assert said in done.stderr
    assert before == sorted(tmp_path.iterdir())


def test_the_key_of_an_authority_is_imported_only_if_it_is_meant(certlib, tmp_path):
    forge.ca().write(tmp_path / "ca.pfx", passphrase=SECRET)
    refused = certlib("import", "ca.pfx", "--yes", passphrase=SECRET)
    assert 2 == refused.returncode
    assert "is a certification authority" in refused.stderr
    assert "No certificates" in certlib("stores").stdout
    meant = certlib("import", "ca.pfx", "--yes", "--ca-key", passphrase=SECRET)
    assert 0 == meant.returncode


def test_no_child_inherits_the_passphrase(monkeypatch):
    seen = []

    @click.command()
    def look():
        seen.append((os.environ.get("CERTLIB_PASSPHRASE"), passphrases(None)))

    monkeypatch.setitem(commands.commands, "look", look)
    run = CliRunner().invoke(commands, ["look"], env={"CERTLIB_PASSPHRASE": "secret"})
    assert 0 == run.exit_code
    assert [(None, ("secret",))] == seen


def test_help_lists_commands_by_their_own_words_and_loads_none():
    import certlib.cli

    context = click.Context(certlib.cli.commands)
    for name, (_, text) in certlib.cli._MODULES.items():
        command = certlib.cli.commands.get_command(context, name)
        assert command.get_short_help_str(500) == text
    code = (
        "import sys, contextlib, certlib.cli\n"
        "with contextlib.suppress(SystemExit):\n"
        "    certlib.cli.commands(['--help'], prog_name='certlib')\n"
        "loaded = {m for m in sys.modules if m.startswith('certlib.cli.')}\n"
        "own = {f'certlib.cli.{m}' for m in ('common', 'console', 'given')}\n"
        "assert loaded == own, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_the_help_says_how_long_a_server_may_take() -> None:
    from certlib import endpoints
    from certlib.cli.judged import TIMEOUT

    made = click.Command("x", params=[], callback=TIMEOUT(lambda timeout: timeout))
    (option,) = made.callback.__click_params__
    assert (str(endpoints.DEADLINE), endpoints.DEADLINE) == (
        option.show_default,
        option.default(),
    )


@pytest.mark.skipif(os.name != "posix", reason="no terminal to be had")
def test_who_watches_sees_how_far_how_fast_and_for_how_long(tmp_path):
    import pty

    for number in range(30):
        forge.leaf(serial_number=number + 1).write(tmp_path / f"{number}.cer")
    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "certlib", "audit", tmp_path, "--format=json"]
    env = os.environ | {"TERM": "xterm", "COLUMNS": "200"}
    with subprocess.Popen(
        command, stderr=terminal, stdout=subprocess.DEVNULL, env=env
    ) as run:
        os.close(terminal)
        said = b""
        with contextlib.suppress(OSError):  # its end, on Linux
            while piece := os.read(screen, 65536):
                said += piece
        os.close(screen)
    assert 1 == run.returncode
    assert re.search(rb"30/30 .*\d+/s  .*\.cer", said)
