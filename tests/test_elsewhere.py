"""What starts certlib elsewhere: an image, Binder, a dev container, another CI."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import components
import forge
import pytest
import yaml
from packaging.requirements import Requirement

from certlib import clock

ROOT = Path(__file__).parent.parent
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
    "optional-dependencies"
]


def text(*parts):
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def scripts():
    action = yaml.safe_load(text("action.yml"))
    gitlab = yaml.safe_load(text(".ci", "audit.gitlab-ci.yml"))
    return {
        "action.yml": (action["runs"]["steps"][0]["run"].splitlines(), "report.xml"),
        "gitlab": (gitlab["certificates"]["script"], "audit.xml"),
    }


@pytest.mark.parametrize("name", ["action.yml", "gitlab"])
@pytest.mark.parametrize("code", [0, 1])
def test_the_script_for_another_ci_judges_and_reports(tmp_path, name, code):
    bash = components.require("bash")
    now, days = clock.now(), timedelta(days=-1 if code else 200)
    forge.chain(not_before=now - timedelta(days=90), not_after=now + days).write(
        tmp_path / "a.pem"
    )
    (install, *lines), report = scripts()[name]
    assert "pip install --quiet certlib" == install
    done = subprocess.run(
        [bash, "-e", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env=os.environ
        | {"WHAT": "a.pem", "FAIL_ON": "error", "REPORT": "report.xml"}
        | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert code == done.returncode, done.stderr
    suite = ElementTree.parse(tmp_path / report).getroot()
    assert bool(code) == bool(suite.findall(".//failure"))


def test_both_are_short():
    assert 10 == len(text(".ci", "audit.gitlab-ci.yml").splitlines())
    assert 2 == len(scripts()["action.yml"][0])


def test_the_image_takes_what_there_is():
    steps = re.findall(r"^([A-Z]+) (.*)", text("Dockerfile"), re.MULTILINE)
    told = {name for name, _ in steps}
    assert {"USER", "HEALTHCHECK", "ENTRYPOINT", "CMD", "EXPOSE"} <= told
    assert ["certlib"] == json.loads(dict(steps)["ENTRYPOINT"])
    synced = next(words for name, words in steps if words.startswith("uv sync"))
    assert "--locked" in synced
    assert dict(steps)["ARG"].removeprefix("EXTRA=") in EXTRAS
    let_in = [line[1:] for line in text(".dockerignore").splitlines() if line[0] == "!"]
    assert [] == [one for one in let_in if not list(ROOT.glob(one))]


def test_binder_and_the_dev_container_ask_for_what_there_is():
    lines = text(".binder", "requirements.txt").splitlines()
    (wanted,) = [line for line in lines if not line.startswith("#")]
    assert wanted.startswith(".[")
    assert Requirement(f"certlib{wanted[1:]}").extras <= EXTRAS.keys()
    assert re.fullmatch(r"python-3\.1\d", text(".binder", "runtime.txt").strip())
    container = json.loads(text(".devcontainer", "devcontainer.json"))
    assert "uv sync --locked" in container["postCreateCommand"]
