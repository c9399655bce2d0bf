"""The wheel: what travels in it, and what a stranger's CI does with it alone."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import forge
import pytest
from components import missing, require

from certlib import clock
from certlib.practice import lab

ROOT = Path(__file__).parent.parent
NAMES = sorted(path.name for path in lab.notebooks().glob("*.ipynb"))
DAY = timedelta(days=1)


def run(*command, cwd, **environment):
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
    )


def build(folder):
    """Build the wheel into a folder; return its path."""
    hatchling = (sys.executable, "-m", "hatchling", "build", "-t", "wheel")
    done = run(*hatchling, "-d", folder, cwd=ROOT)
    assert 0 == done.returncode, done.stdout
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(tmp_path_factory.mktemp("wheel"))


def test_a_wheel_is_the_same_bytes_whenever_it_is_built(wheel, tmp_path):
    assert wheel.read_bytes() == build(tmp_path).read_bytes()


def test_the_notebooks_travel_in_the_wheel(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from certlib.practice import lab;"
        "from pathlib import Path; print(*lab.lay(Path(sys.argv[2])).new)"
    )
    laying = (sys.executable, "-c", code, tmp_path / "site", tmp_path / "mine")
    done = run(*laying, cwd=tmp_path)
    assert (0, NAMES) == (done.returncode, done.stdout.split())


def test_the_wheel_holds_nothing_that_somebody_left_behind(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert [n for n in names if "/work/" in n or "checkpoint" in n] == []


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment of its own: the locked versions and the wheel, no more."""
    uv = require("uv", reason="it makes an environment")
    environment = tmp_path_factory.mktemp("stranger") / "env"
    wanted = ("--frozen", "--no-default-groups", "--no-install-project")
    to = ("--python", environment / "bin" / "python")
    own = {"UV_PROJECT_ENVIRONMENT": str(environment), "UV_OFFLINE": "1"}
    if run(uv, "sync", "--python", sys.executable, *wanted, cwd=ROOT, **own).returncode:
        missing(
            "uv's cache of the locked packages", reason="to install without network"
        )
    for command in (("install", "--no-deps", *to, wheel), ("check", *to)):
        done = run(uv, "pip", *command, cwd=ROOT, **own)
        assert 0 == done.returncode, done.stdout
    return environment


@pytest.fixture
def stranger(installed, tmp_path):
    """Run a command with what is installed, in an empty folder."""
    path = f"{installed / 'bin'}{os.pathsep}{os.environ['PATH']}"
    plain = {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}
    return lambda command: run(*shlex.split(command), cwd=tmp_path, **plain)


def documented(start):
    """Return the line of the page for CI that starts so."""
    (line,) = re.findall(
        rf"^{start}.*$", (ROOT / "docs" / "ci.md").read_text("utf-8"), re.MULTILINE
    )
    return line


def contents(environment):
    return {
        path: path.stat().st_mtime_ns
        for path in environment.glob("lib/python*/site-packages/**/*")
    }


def test_the_wheel_s_notebooks_pass_and_write_nothing_there(installed, stranger):
    before = contents(installed)
    folder = Path(stranger(documented("python -c")).stdout.strip())
    assert installed in folder.parents
    path = str(folder / "1-creating.ipynb")
    done = stranger(documented("pytest").replace("NOTEBOOKS", path))
    assert 0 == done.returncode, done.stdout
    assert before == contents(installed)


@pytest.mark.parametrize(("left", "code"), [(90 * DAY, 0), (-DAY, 1)])
def test_the_wheel_s_audit_reports_to_a_ci(stranger, tmp_path, left, code):
    now = clock.now()
    bundle = forge.chain(not_before=now - 90 * DAY, not_after=now + left)
    (tmp_path / "certificates").mkdir()
    bundle.write(tmp_path / "certificates" / "server.p7b")
    done = stranger(documented("certlib audit"))
    assert code == done.returncode, done.stdout
    report = ElementTree.parse(tmp_path / "audit.xml").getroot()
    assert bool(code) is (int(report.get("failures", "0")) > 0)
