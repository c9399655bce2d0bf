"""The notebooks as somebody's CI runs them: anywhere, at any time, in any order."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from components import missing

from certlib.practice import lessons

ROOT = Path(__file__).parent.parent
NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture
def folder(tmp_path):
    """The notebooks somewhere else, without what a run has left in the checkout."""
    unwanted = shutil.ignore_patterns("work", "__pycache__", ".ipynb_checkpoints")
    copy = tmp_path / "notebooks"
    shutil.copytree(ROOT / "notebooks", copy, ignore=unwanted)
    return copy


def run(*command, cwd, **environment):
    """Run a module of this Python; return its exit code and all that it says."""
    own = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=cwd,
        env={
            name: value for name, value in {**os.environ, **own}.items() if value != ""
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
    )
    return done.returncode, done.stdout


def nbval(*arguments, cwd, **environment):
    """Run nbval as one would without any settings of ours."""
    plain = ("pytest", "-q", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider")
    return run(*plain, *arguments, cwd=cwd, **environment)


def each_writing(folder):
    return [folder / "1-creating.ipynb", folder / "2-requesting.ipynb"]


def cells(path):
    return sum(c.cell_type == "code" for c in nbformat.read(path, as_version=4).cells)


def test_a_port_that_was_taken_meanwhile_ends_no_run(folder, tmp_path):
    (tmp_path / "taken.py").write_text(
        """
import socket
from jupyter_client.connect import LocalPortCache
choose, taken = LocalPortCache.find_available_port, socket.create_server(("", 0))
def once(cache, ip):
    LocalPortCache.find_available_port = choose
    print("taken:", taken.getsockname()[1])
    return taken.getsockname()[1]
LocalPortCache.find_available_port = once
""",
        "utf-8",
    )
    one = ("-s", "-p", "taken", "0-start-here.ipynb")
    code, said = nbval(*one, cwd=folder, PYTHONPATH=tmp_path)
    assert 0 == code, said
    assert "taken: " in said


def test_a_cell_that_was_never_run_fails_and_says_how_to_store_its_output(folder):
    path = folder / "0-start-here.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, path)
    code, said = nbval(path, cwd=folder)
    assert 1 == code
    assert f"{cells(path)} failed" in said
    assert "python notebooks/refresh.py 0-start-here.ipynb" in said


def test_outputs_that_were_taken_away_are_missed(folder):
    path = folder / "0-start-here.ipynb"
    notebook = nbformat.read(path, as_version=4)
    shown = [cell for cell in notebook.cells if cell.get("outputs")]
    for cell in shown:
        cell.outputs = []
    nbformat.write(notebook, path)
    code, said = nbval(path, cwd=folder)
    assert (1, True) == (code, f"{len(shown)} failed" in said)


@pytest.mark.parametrize("where", ["notebooks", "/"])
def test_notebooks_pass_wherever_pytest_is_started(where):
    path = ROOT / "notebooks" / "0-start-here.ipynb"
    code, said = run("pytest", "-q", "-n0", "--nbval", path, cwd=ROOT / where)
    assert (0, True) == (code, f"{cells(path)} passed" in said), said


def test_notebooks_pass_where_nothing_may_be_written(folder):
    (folder / "work").write_text("in the way")  # stops root, too
    code, said = nbval(*each_writing(folder), cwd=folder.parent)
    assert 0 == code, said
    assert "in the way" == (folder / "work").read_text()


def test_notebooks_pass_without_a_home(folder):
    nowhere = {"HOME": "/nonexistent", "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": ""}
    code, said = nbval(*each_writing(folder), cwd=folder, **nowhere)
    assert 0 == code, said


def test_notebooks_pass_in_any_order(folder):
    (folder / "shuffled.py").write_text(
        "import random\n"
        "def pytest_collection_modifyitems(items):\n"
        "    random.Random(7).shuffle(items)\n"
    )
    names = [folder / "0-start-here.ipynb", folder / "1-creating.ipynb"]
    path = f"{ROOT}{os.pathsep}{folder}"
    code, said = nbval("-p", "shuffled", *names, cwd=folder, PYTHONPATH=path)
    assert 0 == code, said


def test_one_cell_alone_says_that_cells_belong_together(folder):
    code, said = nbval("1-creating.ipynb::Cell 5", cwd=folder)
    assert 1 == code
    assert "run the whole notebook, in order" in said
    assert "Traceback" not in said


def test_a_notebook_is_not_spread_over_workers(folder):
    code, said = nbval("-n2", "--dist=worksteal", "1-creating.ipynb", cwd=folder)
    assert 4 == code
    assert "with workers: --dist=loadscope" in said
    assert "Traceback" not in said


def test_a_foreign_kernel_of_the_usual_name_is_not_taken(folder):
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True)
    foreign = {"argv": ["false"], "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(foreign))
    path = ROOT / "notebooks" / "0-start-here.ipynb"
    code, said = run("pytest", "-q", "-n0", path, cwd=ROOT, JUPYTER_PATH=str(folder))
    assert 0 == code, said
    code, said = run("refresh", path.name, cwd=folder, JUPYTER_PATH=str(folder))
    assert 0 == code, said


def test_refreshing_what_has_not_changed_changes_nothing(folder):
    names = ["2-requesting.ipynb", "6-auditing.ipynb"]
    before = {name: (folder / name).read_bytes() for name in names}
    code, said = run("refresh", *names, cwd=folder)
    assert 0 == code, said
    assert [] == [n for n in names if before[n] != (folder / n).read_bytes()]


@pytest.mark.parametrize("name", ["1-creating.ipynb", "4-importing.ipynb"])
def test_papermill_runs_a_lesson_again_and_again(folder, name):
    if find_spec("papermill") is None:
        missing("papermill", reason="it runs notebooks without a person")
    for _ in range(2):
        code, said = run("papermill", name, "out.ipynb", cwd=folder)
        assert 0 == code, said


def test_two_runs_at_once_in_one_folder_pass(folder):
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(nbval, *each_writing(folder), cwd=folder) for _ in range(2)]
        ended = [run.result() for run in runs]
    assert [0, 0] == [code for code, _ in ended], ended
    assert {"creating-1", "creating-2"} <= {p.name for p in folder.glob("work/*")}


def test_coverage_counts_what_the_kernels_of_workers_run(folder, tmp_path):
    if find_spec("pytest_cov") is None:
        missing("pytest-cov", reason="it measures coverage")
    names = [folder / "1-creating.ipynb", folder / "3-inspecting.ipynb"]
    report = tmp_path / "coverage.json"
    measured = ("--cov=certlib", f"--cov-report=json:{report}")
    workers = ("-n2", "--dist=loadscope")
    code, said = nbval(*measured, *workers, *names, cwd=folder)
    assert 0 == code, said
    files = json.loads(report.read_text())["files"]
    functions = {
        name: part["summary"]["percent_covered"]
        for path, file in files.items()
        for name, part in file["functions"].items()
        if path.endswith(("certlib/creating.py", "certlib/inspecting/__init__.py"))
    }
    assert functions["create"] > 80  # of the one notebook, and of the other:
    assert functions["inspect"] > 80


def test_an_executed_copy_without_the_state_of_widgets(folder):
    page = (ROOT / "docs" / "how-to" / "in-ci.md").read_text(encoding="utf-8")
    _, command = re.search("(?m)^(jupyter )(nbconvert .*)$", page).groups()
    code, said = run(*command.split(), cwd=folder)
    assert 0 == code, said
    source, copy = (
        nbformat.read(folder / n, 4) for n in ("1-creating.ipynb", "out.ipynb")
    )
    assert "widgets" not in copy.metadata
    shown = [
        [cell for cell in nb.cells if cell.get("outputs")] for nb in (source, copy)
    ]
    assert len(shown[0]) == len(shown[1]) > 5


FAULTS = {
    "expired a day late": (
        *("6-auditing", "rules/lifetime.py"),
        *("summary.not_after < context.at", "summary.not_after + _DAY < context.at"),
    ),
    "mentioned a day early": (
        *("6-auditing", "rules/context.py"),
        *("MENTIONED = timedelta(days=30)", "MENTIONED = timedelta(days=31)"),
    ),
    "the limit of 2020": (
        *("2b-public-ca", "rules/traits.py"),
        *("tzinfo=UTC), 200)", "tzinfo=UTC), 398)"),
    ),
    "3DES unless asked otherwise": (
        *("1-creating", "bundles/__init__.py"),
        *("PfxProtection = PfxProtection.AES_256", "PfxProtection = _OLD"),
    ),
    "a minute late": (
        *("3-inspecting", "clock.py"),
        *("{_utc(at).isoformat(", "{_utc(at + _MINUTE).isoformat("),
    ),
}
"""A fault of certlib: the lesson whose cells show it, and what is changed in which."""

NEEDED = {
    "_OLD": "_OLD = PfxProtection.TRIPLE_DES",
    "_MINUTE": "from datetime import timedelta\n_MINUTE = timedelta(minutes=1)",
}
"""What a changed line needs above it."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_lesson_shows_a_fault_of_certlib(folder, tmp_path, fault):
    lesson, module, right, wrong = FAULTS[fault]
    package = tmp_path / "faulty" / "certlib"
    shutil.copytree(ROOT / "certlib", package, ignore=shutil.ignore_patterns("__py*"))
    text = (package / module).read_text("utf-8")
    assert right in text
    needed = "\n".join(line for sign, line in NEEDED.items() if sign in wrong)
    head, gap, rest = text.partition("\n\n\n")  # after the imports
    changed = f"{head}\n{needed}{gap}{rest}".replace(right, wrong)
    (package / module).write_text(changed, "utf-8")
    code, said = nbval(f"{lesson}.ipynb", cwd=folder, PYTHONPATH=package.parent)
    assert 1 == code, said
    assert "mismatch" in said, said


@pytest.mark.parametrize("name", NAMES)
def test_no_lesson_ends_at_an_error_that_is_meant(name):
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    tags = {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    assert not tags & {"raises-exception", "nbval-raises-exception"}


def test_each_run_has_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = lessons.fresh_folder("creating")
    (first / "todd.pfx").write_text("theirs")
    assert [] == list(lessons.fresh_folder("creating").iterdir())
    assert "theirs" == (first / "todd.pfx").read_text()


def test_what_is_ones_own_lies_beside_the_notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Path("work/own") == lessons.own_folder()


def test_where_nothing_may_be_written_there_are_other_places(tmp_path, monkeypatch):
    (tmp_path / "work").write_text("in the way")
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    monkeypatch.setattr(lessons.platformdirs, "user_data_dir", lambda name: data / name)
    assert data / "certlib" / "own" == lessons.own_folder()
    folder = lessons.fresh_folder("creating")
    assert ("creating-1", "work") == (folder.name, folder.parent.name)
    assert tmp_path not in folder.parents


def test_nothing_is_written_into_an_installation(tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "_PACKAGED", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert tmp_path not in lessons.fresh_folder("creating").resolve().parents
    assert [] == list(tmp_path.iterdir())
