"""The command line, every day: each documented step from the request to the removal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import components
import pytest
import tree_sitter_powershell
from tree_sitter import Language, Parser

from certlib import Bundle, clock, requesting
from certlib.endpoints import serving
from certlib.issuers import training
from certlib.rules import RULES

SECRET = "correct horse battery"


@pytest.fixture
def certlib(tmp_path):
    """Run certlib in an empty folder, with stores and requests of its own."""

    def run(*arguments, passphrase=None, code=0, stdin=""):
        env = os.environ | {
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "COLUMNS": "200",
            "PYTHONIOENCODING": "utf-8",
            **({"CERTLIB_PASSPHRASE": passphrase} if passphrase else {}),
        }
        done = subprocess.run(
            [sys.executable, "-m", "certlib", *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=env,
            input=stdin,
            timeout=300,
        )
        assert code == done.returncode, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_from_the_request_to_the_removal(certlib, tmp_path):
    made = certlib("request", "todd.example.com", "--submit", "practice",
                   "--folder", "r", passphrase=SECRET)  # fmt: skip
    pfx = tmp_path / "r" / "todd.example.com" / "todd.example.com.pfx"
    bundle = Bundle.read(pfx, passphrase=SECRET)
    assert bundle.thumbprint in made
    assert 2 == len(bundle.chain)

    def stored():
        return bundle.thumbprint in certlib("stores")

    dry = certlib("import", pfx, "--dry-run", passphrase=SECRET)
    assert "Nothing was changed." in dry
    assert not stored()
    account = r"EXAMPLE\svc"
    certlib("import", pfx, "--exportable", "--service-account", account, "--yes",
            passphrase=SECRET)  # fmt: skip
    certlib("export", bundle.thumbprint, "--out", "again.pfx", passphrase=SECRET)
    assert bundle.leaf == Bundle.read(tmp_path / "again.pfx", passphrase=SECRET).leaf
    certlib("export", bundle.thumbprint, "--out", "leaf.cer")
    revoked = certlib("revoke-read", bundle.thumbprint, account, "--yes")
    assert account not in revoked.split("read it:", 2)[-1]
    assert "Nothing was changed." in certlib("remove", bundle.thumbprint, "--dry-run")
    assert stored()
    certlib("remove", bundle.thumbprint, "--yes")
    assert not stored()


def test_an_answer_that_comes_later_is_joined(certlib, tmp_path):
    certlib("request", "todd.example.com", "t.test", "--folder", "r", passphrase=SECRET)
    listed = json.loads(certlib("requests", "--folder", "r", "--json"))
    assert "certlib/requests/1" == listed["schema"]
    (waiting,) = listed["requests"]
    assert ["todd.example.com", "t.test"] == waiting["server_names"]
    (request,) = requesting.pending(tmp_path / "r")
    ca = training.found(tmp_path / "ca", at=clock.now())
    chain = ca.release(request.csr, at=clock.now())
    Bundle(chain[0]).write(tmp_path / "answer.cer")
    joined = certlib("join", "answer.cer", "--folder", "r", "--out", "todd.pfx",
                     passphrase=SECRET)  # fmt: skip
    assert Bundle.read(tmp_path / "todd.pfx", passphrase=SECRET).thumbprint in joined
    assert "No request waits" in certlib("requests", "--folder", "r")
    assert "answered" in certlib("requests", "--all", "--folder", "r")


def test_an_inf_file_makes_no_key_here(certlib, tmp_path):
    said = certlib("request", "todd.example.com", "--inf", "todd.inf",
                   "--ca", r"ca01\Our CA", "--folder", "r")  # fmt: skip
    assert 'Subject = "CN=todd.example.com"' in (tmp_path / "todd.inf").read_text()
    assert r"certreq -submit -config 'ca01\Our CA'" in said
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("asked", ["folder", "Cert:\\LocalMachine\\X", "--root=a.cer"])
def test_no_board_starts_over_what_is_not_there(certlib, asked):
    said = certlib("board", "--no-browser", asked, code=2)
    assert asked.removeprefix("--root=") in said
    assert "http://" not in said


def test_nobody_signs_by_an_unknown_name(certlib, tmp_path):
    said = certlib("request", "todd.example.com", "--submit", "nobody", "--plain-key",
                   "--folder", "r", code=2)  # fmt: skip
    assert "no certification authority" in said
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("submit", "names", "said"),
    [
        ("letsencrypt", ["todd"], "a short name"),
        ("letsencrypt", ["todd.corp.local"], "no public domain"),
        ("letsencrypt", ["a.example.org", "10.0.0.1"], "a private network"),
        ("letsencrypt", ["*.example.org"], "cannot be proven by http-01"),
        ("practice", ["www.certlib-is-real.org"], "not a name for practice"),
    ],
)
def test_what_its_issuer_never_releases_leaves_no_request_behind(
    certlib, tmp_path, submit, names, said
):
    asked = ("--submit", submit, "--agree-terms", "--plain-key", "--folder", "r")
    assert said in certlib("request", *names, *asked, code=2)
    assert not (tmp_path / "r").exists()


def test_rules_are_listed_and_one_is_shown(certlib):
    listed = json.loads(certlib("rules", "--json"))
    assert list(RULES) == [rule["id"] for rule in listed["rules"]]
    assert RULES["san-missing"].remedy in certlib("rules", "san-missing")
    assert "take san-missing" in certlib("rules", "san-mising", code=2)


def test_a_service_without_a_designer_gets_its_file(certlib, tmp_path):
    certlib("create", "todd.example.com", "--out", "a.pem", passphrase=SECRET)
    certlib("import", "a.pem", "--yes", passphrase=SECRET)
    thumbprint = Bundle.read(tmp_path / "a.pem", passphrase=SECRET).thumbprint
    told = ("integrate", "xtract-core", thumbprint, "--tls-json", "tls.json")

    refused = certlib(*told, "--yes", code=1)
    assert "may not read its private key" in refused
    (tmp_path / "tls.json").unlink()
    certlib("grant", thumbprint, r"NT Service\SAP Connector Service", "--yes")
    assert "Nothing was changed." in certlib(*told, "--dry-run")
    assert not (tmp_path / "tls.json").exists()

    done = certlib(*told, "--yes")
    assert "Restart-Service -Name 'SAP Connector Service'" in done
    assert thumbprint == json.loads((tmp_path / "tls.json").read_text())[
        "certificate"
    ]["thumbprint"]  # fmt: skip
    compared = json.loads(
        certlib("integrate", "xtract-core", "--tls-json", "tls.json", "--json")
    )
    assert {True} == {c["passed"] for c in compared["integration"]["checks"]}

    certlib("remove", thumbprint, "--yes")
    gone = certlib("integrate", "xtract-core", "--tls-json", "tls.json", code=1)
    assert f"{thumbprint} is not in Local Machine > Personal" in gone


def test_a_designer_is_walked_through_and_nothing_is_written(certlib, tmp_path):
    said = certlib("integrate", "xtract-universal")
    assert "Select X.509 certificate" in said
    assert "New-NetFirewallRule" in said


def test_what_sapgenpse_needs(certlib, tmp_path):
    certlib("create", "todd.example.com", "--out", "a.pfx", passphrase=SECRET)
    said = certlib("snc", "a.pfx", "--account", r"EXAMPLE\svc", passphrase=SECRET)
    assert "p:CN=todd.example.com" in said
    assert r"sapgenpse.exe seclogin -p snc.pse -O EXAMPLE\svc" in said
    assert Bundle.read(tmp_path / "snc.p12", passphrase=SECRET).private_key


def test_several_things_are_inspected_at_once(certlib, tmp_path):
    for name in ("a", "b"):
        certlib("create", f"{name}.example.com", "--out", f"{name}.pem",
                passphrase=SECRET)  # fmt: skip
    bundle = Bundle.read(tmp_path / "a.pem", passphrase=SECRET)
    certlib("import", "a.pem", "--yes", passphrase=SECRET)
    stored = f"Cert:\\LocalMachine\\My\\{bundle.thumbprint}"
    with serving.serve(bundle) as endpoint:
        at = f"tls://{endpoint.host}:{endpoint.port}"
        certlib("inspect", "a.pem", "b.pem", stored, at, "--json", "-o", "all.json",
                passphrase=SECRET)  # fmt: skip
    seen = json.loads((tmp_path / "all.json").read_text())
    assert ["a", "b", "a", "a"] == [one["common_names"][0][0] for one in seen]
    assert {bundle.thumbprint} == {seen[n]["thumbprint"] for n in (0, 2, 3)}


def test_what_is_piped_in_is_inspected(certlib, tmp_path):
    certlib("create", "a.example.com", "--out", "a.pem", passphrase=SECRET)
    pem = Bundle(Bundle.read(tmp_path / "a.pem", passphrase=SECRET).leaf).to_pem()
    assert "CN = a.example.com" in certlib("inspect", "-", stdin=pem.decode())
    assert "standard input is empty" in certlib("inspect", "-", code=2)


def test_one_that_cannot_be_read_does_not_hide_the_others(certlib, tmp_path):
    certlib("create", "a.example.com", "--out", "a.pem", passphrase=SECRET)
    said = certlib("inspect", "none.cer", "a.pem", passphrase=SECRET, code=1)
    assert "none.cer does not exist" in said
    assert "CN = a.example.com" in said


def test_quiet_verbose_and_the_environment(certlib, tmp_path, monkeypatch):
    certlib("create", "a.example.com", "--out", "a.pem", passphrase=SECRET)
    told = ("inspect", "a.pem")
    assert "" == certlib(*told, "-q", passphrase=SECRET)
    plain = certlib(*told, passphrase=SECRET)
    assert len(plain) < len(certlib(*told, "-v", passphrase=SECRET))
    monkeypatch.setenv("CERTLIB_INSPECT_SERVER", "b.example.com")
    assert "b.example.com" in certlib(*told, passphrase=SECRET, code=1)
    assert "Usage: certlib inspect" in certlib("inspect", "-h")


def test_colours_are_for_a_screen_that_wants_them(monkeypatch, capfd):
    from certlib.cli.console import Screen, coloured

    text = coloured("good", "good")
    assert "\x1b[" in text
    Screen().print(text)
    assert "good\n" == capfd.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    Screen().print(text)
    assert "good\n" == capfd.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes(certlib, tmp_path, shell):
    program = shutil.which(shell)
    script = tmp_path / f"certlib.{shell}"
    script.write_text(certlib("completion", shell))
    if program is None:
        components.missing(shell, reason="to read its completion")
    done = subprocess.run([program, "-n", script], capture_output=True, text=True)
    assert (0, "") == (done.returncode, done.stderr)


def test_powershell_completes(certlib, monkeypatch):
    script = certlib("completion", "powershell")
    parser = Parser(Language(tree_sitter_powershell.language()))
    assert not parser.parse(script.encode()).root_node.has_error
    monkeypatch.setenv("_CERTLIB_COMPLETE", "powershell_complete")
    monkeypatch.setenv("COMP_WORDS", "certlib\ninspect\n--js")
    monkeypatch.setenv("COMP_WORD", "--js")
    assert certlib().startswith("--json\t")
    monkeypatch.setenv("COMP_WORDS", "certlib\nren")
    monkeypatch.setenv("COMP_WORD", "ren")
    assert certlib().startswith("renew\tRenew a certificate")
