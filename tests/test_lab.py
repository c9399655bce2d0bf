"""Laying the notebooks: new, updated, never over a changed one."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from certlib import files
from certlib.errors import InputError
from certlib.practice import lab

ROOT = Path(__file__).parent.parent
NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


def test_all_notebooks_are_laid(tmp_path):
    laid = lab.lay(tmp_path / "mine")
    assert NAMES == laid.new
    assert NAMES == sorted(path.name for path in (tmp_path / "mine").glob("*.ipynb"))


def test_laying_again_does_nothing(tmp_path):
    lab.lay(tmp_path)
    assert lab.Laid() == lab.lay(tmp_path)


def test_a_changed_notebook_is_kept(tmp_path):
    lab.lay(tmp_path)
    mine = tmp_path / NAMES[0]
    mine.write_text("mine")
    assert lab.Laid(kept=[NAMES[0]]) == lab.lay(tmp_path)
    assert "mine" == mine.read_text()


def test_an_unchanged_notebook_is_updated(tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.mkdir()
    (source / lab.START).write_text("first edition")
    monkeypatch.setattr(lab, "notebooks", lambda: source)
    lab.lay(tmp_path / "mine")
    (source / lab.START).write_text("second edition")
    assert lab.Laid(updated=[lab.START]) == lab.lay(tmp_path / "mine")
    assert "second edition" == (tmp_path / "mine" / lab.START).read_text()


def test_a_laying_that_was_cut_off_goes_on(tmp_path, monkeypatch):
    source, mine = tmp_path / "source", tmp_path / "mine"
    source.mkdir()
    (source / lab.START).write_text("first edition")
    monkeypatch.setattr(lab, "notebooks", lambda: source)
    lab.lay(mine)
    (source / lab.START).write_text("second edition")
    real = files.write

    def cut_off(path, data, **options):
        real(path, data, **options)
        if path.suffix == ".ipynb":
            raise KeyboardInterrupt

    monkeypatch.setattr(files, "write", cut_off)
    with pytest.raises(KeyboardInterrupt):
        lab.lay(mine)
    monkeypatch.setattr(files, "write", real)
    assert lab.Laid() == lab.lay(mine)
    (source / lab.START).write_text("third edition")
    assert lab.Laid(updated=[lab.START]) == lab.lay(mine)


def test_a_record_of_an_earlier_edition_counts(tmp_path, monkeypatch):
    source, mine = tmp_path / "source", tmp_path / "mine"
    source.mkdir()
    mine.mkdir()
    (source / lab.START).write_text("second edition")
    (mine / lab.START).write_text("first edition")
    digest = hashlib.sha256(b"first edition").hexdigest()
    (mine / ".certlib-notebooks.json").write_text(json.dumps({lab.START: digest}))
    monkeypatch.setattr(lab, "notebooks", lambda: source)
    assert lab.Laid(updated=[lab.START]) == lab.lay(mine)


def test_two_may_lay_at_once(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        laid = list(pool.map(lambda _: lab.lay(tmp_path), range(4)))
    assert [[], [], [], NAMES] == sorted(one.new for one in laid)
    assert [[]] * 4 == [one.kept for one in laid]


def test_in_the_notebooks_own_folder_nothing_is_laid():
    assert lab.Laid() == lab.lay(lab.notebooks())


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        lab.lay(tmp_path / "file")
    with pytest.raises(InputError, match="cannot be written"):
        lab.lay(tmp_path / "file" / "folder")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=300,
    )
    return next(folder.glob("*.whl"))


def test_a_wheel_is_the_same_bytes_whenever_it_is_built(wheel, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=300,
    )
    assert wheel.read_bytes() == (tmp_path / wheel.name).read_bytes()


def test_the_notebooks_travel_in_the_wheel(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from certlib.practice import lab;"
        "from pathlib import Path; print(*lab.lay(Path(sys.argv[2])).new)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "site", tmp_path / "mine"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert NAMES == run.stdout.split()


def test_the_wheel_holds_nothing_that_somebody_left_behind(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert [n for n in names if "/work/" in n or "checkpoint" in n] == []


def test_a_notebook_is_saved_without_what_stands_in_its_fields(tmp_path):
    from jupyter_server.services.contents.filemanager import FileContentsManager

    hook = f"{lab.__name__}.without_widget_state"
    manager = FileContentsManager(root_dir=str(tmp_path), pre_save_hook=hook)
    notebook = nbformat.v4.new_notebook(metadata={"widgets": {"state": "secret"}})
    manager.save({"type": "notebook", "content": notebook}, "mine.ipynb")
    assert "secret" not in (tmp_path / "mine.ipynb").read_text()
