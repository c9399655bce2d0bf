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
import pebble
import pytest
from components import missing, require
from test_renewing import Site, aging, by_acme

from certlib import clock, reports
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
    assert [] == [n for n in names if "/work/" in n or "checkpoint" in n]


@pytest.fixture(scope="module")
def light(wheel, tmp_path_factory):
    """What ``pip install certlib`` brings."""
    return environment_with(wheel, tmp_path_factory.mktemp("light"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """What ``pip install 'certlib[lab]'`` brings."""
    return environment_with(wheel, tmp_path_factory.mktemp("lab"), "--extra", "lab")


def environment_with(wheel, folder, *extra):
    """An environment of its own: the locked versions and the wheel, no more."""
    uv = require("uv", reason="it makes an environment")
    environment = folder / "env"
    wanted = ("--frozen", "--no-default-groups", "--no-install-project", *extra)
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


def runner(environment, folder):
    """Run a command with what is installed, in an empty folder."""
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    plain = {
        "PATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": "",
        "XDG_DATA_HOME": str(folder / "data"),
    }
    return lambda command: run(*shlex.split(command), cwd=folder, **plain)


@pytest.fixture
def stranger(installed, tmp_path):
    return runner(installed, tmp_path)


@pytest.fixture
def on_a_server(light, tmp_path):
    return runner(light, tmp_path)


def test_the_light_installation_is_light(light, record_property):
    (packages,) = light.glob("lib/python*/site-packages")
    names = [path.name for path in packages.glob("*.dist-info")]
    size = sum(p.stat().st_size for p in packages.rglob("*") if p.is_file()) / 2**20
    record_property("summary", f"{size:.0f} MB, {len(names)} packages")
    assert len(names) <= 25, names
    assert size <= 60
    assert not {"pandas", "ipywidgets", "jupyterlab", "IPython", "numpy"} & {
        path.name for path in packages.iterdir()
    }


@pytest.mark.parametrize(
    "command",
    [
        "certlib create a.example.com --out a.pem",
        "certlib request a.example.com --submit practice --plain-key",
        "certlib rules san-missing",
        "certlib explain ERR_CERT_COMMON_NAME_INVALID",
        "certlib renew --help",
        *(
            f"certlib audit {{}} --format {form} --out r --at-least 1"
            for form in ("json", "csv", "html", "xlsx", "junit")
        ),
    ],
)
def test_the_light_installation_does_all_but_the_lab(on_a_server, tmp_path, command):
    now = clock.now()
    forge.chain(not_before=now - DAY, not_after=now + 90 * DAY).write(
        tmp_path / "server.p7b"
    )
    done = on_a_server(command.format("server.p7b"))
    assert 0 == done.returncode, done.stdout


@pytest.mark.parametrize(
    ("command", "code"),
    [("certlib lab", 2), ("certlib board", 2), ("certlib audit servers.xlsx", 1)],
)
def test_what_it_leaves_out_says_the_line_that_installs_it(
    on_a_server, tmp_path, command, code
):
    (tmp_path / "servers.xlsx").write_bytes(
        reports.workbook(["server"], [["localhost"]])
    )
    done = on_a_server(command)
    assert code == done.returncode, done.stdout
    assert "pip install 'certlib[lab]'" in done.stdout
    assert not (tmp_path / "certlib-notebooks").exists()


def test_the_light_installation_renews_with_nobody_there(light, tmp_path):
    site = Site(tmp_path, light / "bin" / "certlib")
    site.source = tmp_path / "server.pem"
    old = aging()
    old.write(site.source)
    try:
        site.start()
        with pebble.running(tmp_path) as acme:
            told = ("server.pem", "--if-needed", *by_acme(acme), *site.service())
            done = site.renew(*told)
            again = site.renew(*told)
        assert ("renewed", True) == (done["outcome"]["kind"], done["outcome"]["looked"])
        assert old.thumbprint != done["outcome"]["new"] == site.presented()
        assert "not due" == again["outcome"]["kind"]
    finally:
        site.stop()


def documented(start):
    """Return the line of the page for CI that starts so."""
    (line,) = re.findall(
        rf"^{start}.*$",
        (ROOT / "docs" / "how-to" / "in-ci.md").read_text("utf-8"),
        re.MULTILINE,
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
def test_the_wheel_s_audit_reports_to_a_ci(on_a_server, tmp_path, left, code):
    now = clock.now()
    bundle = forge.chain(not_before=now - 90 * DAY, not_after=now + left)
    (tmp_path / "certificates").mkdir()
    bundle.write(tmp_path / "certificates" / "server.p7b")
    done = on_a_server(documented("certlib audit"))
    assert code == done.returncode, done.stdout
    report = ElementTree.parse(tmp_path / "audit.xml").getroot()
    assert bool(code) is (int(report.get("failures", "0")) > 0)
