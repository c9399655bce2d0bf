"""Options from a file and the environment, and what all commands have in common."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from certlib.cli import commands
from certlib.files import toml

ROOT_FOLDER = Path(__file__).parent.parent
ROOT = click.Context(commands)
ALL = {name: commands.get_command(ROOT, name) for name in commands.list_commands(ROOT)}
EACH = pytest.mark.parametrize("name", list(ALL))

CHANGING = {
    "convert", "course", "create", "export", "grant", "import", "integrate", "join",
    "nightly", "remove", "renew", "request", "revoke-read", "snc",
}  # fmt: skip
READING = {
    "check", "course", "explain", "history", "inspect", "integrate", "renew",
    "requests", "rules", "stores",
}  # fmt: skip


def options(name):
    return {opt for param in ALL[name].params for opt in param.opts}


@pytest.fixture
def certlib(tmp_path):
    """Run certlib in an empty folder, with settings and stores of its own."""

    def run(*arguments, code=0, **variables):
        done = subprocess.run(
            [sys.executable, "-m", "certlib", *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=os.environ
            | {
                "XDG_DATA_HOME": str(tmp_path / "data"),
                "XDG_CONFIG_HOME": str(tmp_path / "settings"),
                "COLUMNS": "200",
                "PYTHONIOENCODING": "utf-8",
                "CERTLIB_PASSPHRASE": "correct horse",
            }
            | variables,
            timeout=300,
        )
        assert code == done.returncode, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@EACH
def test_every_command_is_quiet_and_talkative_and_has_examples(name):
    assert {"-q", "--quiet", "-v", "--verbose"} <= options(name)
    with click.Context(ALL[name], parent=ROOT, info_name=name) as ctx:
        assert f"certlib {name}" in ALL[name].get_help(ctx).split("Examples:")[1]


@EACH
def test_options_have_variables_by_the_names_that_are_typed(name):
    for param in ALL[name].params:
        if isinstance(param, click.Option):
            typed = max(param.opts, key=len).lstrip("-")
            wanted = f"CERTLIB_{name}_{typed}".upper().replace("-", "_")
            assert wanted == param.envvar


TEXTS = [
    (name, param)
    for name, command in ALL.items()
    for param in command.params
    if isinstance(param, click.Option) and param.type is click.STRING
]


@pytest.mark.parametrize("blank", ["", " ", "\u200b"], ids=["empty", "blank", "unseen"])
@pytest.mark.parametrize(
    ("name", "option"), TEXTS, ids=[f"{n}{max(p.opts, key=len)}" for n, p in TEXTS]
)
def test_no_option_takes_an_empty_text(name, option, blank):
    with click.Context(ALL[name], info_name=name) as ctx:
        given = {option.name: (blank,) if option.multiple else blank}
        with pytest.raises(click.BadParameter, match="it is empty"):
            option.handle_parse_result(ctx, given, [])


def test_an_empty_text_is_refused_wherever_it_was_written(certlib, tmp_path):
    assert "it is empty" in certlib("audit", ".", "--server", "", code=2)
    (tmp_path / "c.toml").write_text('[audit]\nserver = ""\n')
    said = certlib("--config", "c.toml", "audit", ".", code=2)
    assert "it is empty" in said
    assert "'server' in [audit] of c.toml" in said


def test_what_changes_something_can_be_tried_dry():
    assert {n for n in ALL if "--dry-run" in options(n)} == CHANGING


def test_what_reads_says_it_as_json():
    assert {n for n in ALL if "--json" in options(n)} == READING
    assert "--format" in options("audit")


def test_a_dry_run_leaves_the_folder_empty(certlib, tmp_path):
    certlib("create", "a.test", "--out", "a.pem", "--dry-run")
    certlib("request", "a.test", "--folder", "r", "--submit", "practice", "--dry-run")
    assert not list(tmp_path.glob("[ar]*"))
    certlib("create", "a.test", "--out", "a.pem")
    dry = certlib("convert", "a.pem", "--out", "a.pfx", "--dry-run")
    assert "Write a.pfx from a.pem\nNothing was changed." in dry
    certlib("snc", "a.pem", "--account", "svc", "--out", "s", "--dry-run")
    certlib("course", "--name", "Ada", "--dry-run")
    assert ["a.pem"] == [path.name for path in sorted(tmp_path.glob("[a-r]*.*"))]


def test_each_document_says_its_schema(certlib):
    certlib("create", "a.test", "--out", "a.pem")
    certlib("import", "a.pem", "--yes")
    said = {
        "inspect": certlib("inspect", "a.pem", "--json"),
        "stores": certlib("stores", "--json"),
        "explanations": certlib("explain", "0x8009030D", "--json"),
        "course": certlib("course", "--json"),
        "check": certlib("check", "localhost:1", "--json", code=1),
    }
    for kind, text in said.items():
        assert f"certlib/{kind}/1" == json.JSONDecoder().raw_decode(text)[0]["schema"]
    page = (ROOT_FOLDER / "docs/reference/json.md").read_text(encoding="utf-8")
    for kind in ("stores", "check"):
        (line,) = re.findall(rf"^\| `{kind} --json`.*$", page, re.MULTILINE)
        told = json.loads(said[kind])[kind]
        for key in told if isinstance(told, dict) else told[0]:
            assert f"`{key}`" in line
    (entry,) = json.loads(said["stores"])["stores"]
    assert "CN=a.test" == entry["subject"]
    assert False is json.loads(said["check"])["check"]["checks"][0]["passed"]


def test_the_file_answers_where_nobody_types(certlib, tmp_path):
    certlib("create", "a.test", "--out", "a.pem")
    folder = tmp_path / "settings" / "certlib"
    folder.mkdir(parents=True)
    (folder / "certlib.toml").write_text('[inspect]\nserver = "b.test"\njson = true\n')
    assert "b.test" in certlib("inspect", "a.pem", code=1)
    assert "b.test" not in certlib("inspect", "a.pem", "--server", "a.test")
    by_variable = certlib("inspect", "a.pem", CERTLIB_INSPECT_SERVER="a.test")
    assert "b.test" not in by_variable
    (folder / "other.toml").write_text("[stores]\nverbose = true\njson = true\n")
    said = certlib("--config", folder / "other.toml", "stores")
    assert "--json: 'json' in [stores] of" in said
    again = certlib("stores", CERTLIB_CONFIG=str(folder / "other.toml"))
    assert json.loads(again[: again.rindex("}") + 1]) == {
        "schema": "certlib/stores/1", "stores": []
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[audits]\n", "a table [audits], which is not known: take audit"),
        ("[stores]\njso = true\n", "'jso' in [stores], which is not known: take json"),
        (
            "[stores]\njson = 1\n",
            "'json' in [stores] as another kind of value: write true or false",
        ),
        ("stores = 1\n", "stores as a value: write a table: [stores]"),
        ("[stores\n", "is not TOML"),
        (f"a = [\n{'[' * 3000}", "is not TOML"),
        (f"a = {'[' * 50_000}", "has more than"),
    ],
    ids=["table", "key", "value", "no-table", "no-toml", "deep", "long"],
)
def test_a_faulty_file_is_named_with_its_key(certlib, tmp_path, text, said):
    (tmp_path / "c.toml").write_text(text)
    told = certlib("--config", "c.toml", "stores", code=2).replace(" — ", ": ")
    assert "c.toml" in told
    assert said.split(": ")[0] in told
    assert said.split(": ")[-1] in told


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_file_is_read_whatever_ends_its_lines(tmp_path, end):
    data = end.join(["# ours", "[stores]", "json = true", ""]).encode()
    assert {"stores": {"json": True}} == toml.parsed(tmp_path, data)[0]


def test_a_faulty_file_is_named_without_what_may_be_secret(certlib, tmp_path):
    for text in ('[check]\nproxy = ["http://me:hunter2@h:1"]', 'check = "hunter2"'):
        (tmp_path / "c.toml").write_text(text)
        told = certlib("--config", "c.toml", "check", "localhost:1", code=2)
        assert "c.toml has" in told
        assert "hunter2" not in told


def test_nobody_agrees_by_a_file_or_unseen(certlib, tmp_path):
    (tmp_path / "c.toml").write_text("[remove]\nyes = true\n")
    refused = certlib("--config", "c.toml", "remove", "0" * 40, code=2)
    assert "'yes' in [remove], which is not known" in refused
    certlib("create", "a.test", "--out", "a.pem")
    assert "add --yes as well" in certlib("import", "a.pem", "-q", code=2)


def test_a_wrong_value_says_where_it_came_from(certlib, tmp_path):
    (tmp_path / "c.toml").write_text('[check]\ntimeout = "soon"\n')
    said = certlib("--config", "c.toml", "check", "localhost:1", code=2)
    assert "'timeout' in [check] of c.toml: change it there" in said
    said = certlib("check", "localhost:1", code=2, CERTLIB_CHECK_TIMEOUT="soon")
    assert "variable CERTLIB_CHECK_TIMEOUT: change it there" in said


def test_inspect_loads_nothing_that_asks_or_judges(certlib, tmp_path):
    certlib("create", "a.test", "--out", "a.pem")
    certlib("convert", "a.pem", "--out", "a.cer")
    code = (
        "import contextlib, sys, certlib.cli\n"
        "with contextlib.suppress(SystemExit):\n"
        "    certlib.cli.commands(['inspect', 'a.cer'], prog_name='certlib')\n"
        "others = {'requests', 'OpenSSL', 'asyncio', 'certlib.rules'}\n"
        "print('loaded', *others & {*sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert "loaded" == done.stdout.splitlines()[-1].strip(), done.stdout + done.stderr
