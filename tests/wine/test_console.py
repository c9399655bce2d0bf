"""The command line in a Windows Python, which writes its code page into a pipe."""

import json
import re

import pytest
from harness import CODE_PAGE, windows_path
from test_wine import ROOT

CODE_PAGES = [None, "cp850"]  # None: what Windows has chosen

each_code_page = pytest.mark.parametrize("code", CODE_PAGES, ids=str)


@pytest.fixture
def certlib(windows, tmp_path):
    def run(*arguments, code=None, stdin=""):
        env = {"PYTHONPATH": windows_path(ROOT)}
        if code is not None:
            env["PYTHONIOENCODING"] = code
        return windows.run(
            *("-m", "certlib", *arguments), cwd=tmp_path, env=env, stdin=stdin
        )

    return run


def test_python_writes_the_code_page_of_windows(windows):
    code = "import sys; print(sys.stdout.encoding, sys.flags.utf8_mode)"
    assert f"{CODE_PAGE} 0\n" == windows.run("-c", code).stdout


@each_code_page
def test_each_command_ends_as_it_should(certlib, code):
    create = ("create", "müller.example", "--out", "m–“.pem")
    for command, expected in {
        create: 0,
        ("inspect", "m–“.pem", "--server", "other.example"): 1,
        ("audit", "m–“.pem"): 1,
        ("audit", "m–“.pem", "--format", "csv"): 1,
        ("check", "m–“.example:1"): 2,
        ("import", "absent–“.pfx"): 2,
        ("--help",): 0,
        ("audit", "--help"): 0,
    }.items():
        run = certlib(*command, code=code)
        assert (command, expected) == (command, run.returncode), run.stderr
        assert "Traceback" not in run.stdout + run.stderr
        assert 40 < len(run.stdout + run.stderr)


def test_csv_in_a_pipe_begins_with_its_first_column(certlib):
    certlib("create", "a.example.com", "--out", "a.pem")
    run = certlib("audit", "a.pem", "--format", "csv")
    assert run.stdout.startswith('"place","subject"'), run.stderr


def test_ticks_have_a_plain_form(certlib):
    certlib("create", "a.example.com", "--out", "a.pem")
    run = certlib("inspect", "a.pem", "--server", "a.example.com")
    assert "+ SAN and CN name a.example.com" == run.stderr.splitlines()[0], run.stderr


def test_the_commands_of_the_page_for_servers(certlib, tmp_path):
    page = (ROOT / "docs" / "how-to" / "installing.md").read_text(encoding="utf-8")
    shown = re.search(r"```powershell\n(.*?)```", page, re.DOTALL)[1]
    commands = re.findall(r"^certlib ([a-z ]+)", shown, re.MULTILINE)
    assert ["completion powershell ", "stores"] == commands
    for command in commands:
        run = certlib(*command.split())
        assert (0, "") == (run.returncode, run.stderr)
    (tmp_path / "c.toml").write_text("[stores]\njson = true\n")
    listed = certlib("--config", "c.toml", "stores").stdout
    assert "certlib/stores/1" == json.loads(listed)["schema"]
