"""Laying the notebooks: new, updated, never over a changed one."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from certlib import files
from certlib.cli import commands
from certlib.errors import InputError
from certlib.practice import lab
from certlib.practice.faults import FAULTS
from certlib.widgets.exercises import Exercises

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


def notebook(code: str, output: str = "") -> str:
    outputs = [{"data": {lab._WIDGET_VIEW: {}, "text/html": output}}]
    cell = {"cell_type": "code", "source": [code], "outputs": outputs, "metadata": {}}
    return json.dumps({"cells": [cell], "metadata": {"widgets": {}}})


def cells(text):
    return json.loads(text)["cells"]


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A folder in which a first edition was laid; a second one is there."""
    source = tmp_path / "source"
    source.mkdir()
    (source / lab.START).write_text(notebook("first"))
    monkeypatch.setattr(lab, "notebooks", lambda: source)
    lab.lay(tmp_path / "mine")
    (source / lab.START).write_text(notebook("second"))
    return tmp_path / "mine"


def test_outputs_that_lab_has_saved_hinder_no_update(mine):
    (mine / lab.START).write_text(notebook("first", "run by the user"))
    assert lab.Laid(updated=[lab.START]) == lab.lay(mine)
    assert cells(notebook("second")) == cells((mine / lab.START).read_text())


def test_beside_a_changed_notebook_the_new_edition_is_laid_once(mine):
    (mine / lab.START).write_text(notebook("my own"))
    laid = lab.lay(mine)
    (beside,) = laid.beside
    assert [lab.START] == laid.kept
    assert notebook("my own") == (mine / lab.START).read_text()
    assert cells(notebook("second")) == cells((mine / beside).read_text())
    assert lab.Laid(kept=[lab.START]) == lab.lay(mine)


def test_a_saved_form_is_a_picture_of_itself():
    content = json.loads(notebook("form", "<b>picture</b>"))
    lab.without_widget_state({"type": "notebook", "content": content})
    (output,) = content["cells"][0]["outputs"]
    assert {"text/html": "<b>picture</b>"} == output["data"]
    assert {} == content["metadata"]


def test_in_the_notebooks_own_folder_nothing_is_laid():
    assert lab.Laid() == lab.lay(lab.notebooks())


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        lab.lay(tmp_path / "file")
    with pytest.raises(InputError, match="cannot be written"):
        lab.lay(tmp_path / "file" / "folder")


def test_a_notebook_is_saved_without_what_stands_in_its_fields(tmp_path):
    from jupyter_server.services.contents.filemanager import FileContentsManager

    hook = f"{lab.__name__}.without_widget_state"
    manager = FileContentsManager(root_dir=str(tmp_path), pre_save_hook=hook)
    notebook = nbformat.v4.new_notebook(metadata={"widgets": {"state": "secret"}})
    manager.save({"type": "notebook", "content": notebook}, "mine.ipynb")
    assert "secret" not in (tmp_path / "mine.ipynb").read_text()


def test_the_lab_begins_with_the_fault_that_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv(lab.FAULT, "")
    monkeypatch.setenv("CERTLIB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(lab, "open_lab", lambda *_, start, **__: opened.append(start))
    opened = []
    arguments = ["lab", "--folder", str(tmp_path / "mine"), "--fault"]
    told = CliRunner().invoke(commands, [*arguments, "hanging"])
    assert (0, [lab.DIAGNOSING]) == (told.exit_code, opened)
    assert "hanging" == Exercises("diagnosing").attempt.task.name
    assert 0 == CliRunner().invoke(commands, [*arguments, "random"]).exit_code
    assert os.environ[lab.FAULT] in FAULTS
    told = CliRunner().invoke(commands, [*arguments, "nosuch"])
    assert "there is no fault nosuch" in str(told.exception)


@pytest.mark.parametrize("odd", [5, True, None, [[1]], [{}], {"a": 1}], ids=str)
def test_an_odd_record_hinders_nothing(tmp_path, odd):
    folder = tmp_path / "mine"
    lab.lay(folder)
    (folder / lab._RECORD).write_text(json.dumps({NAMES[0]: odd}))
    lab.lay(folder)
    known = json.loads((folder / lab._RECORD).read_text())
    assert all(isinstance(digest, str) for digest in known[NAMES[0]])


def test_what_is_no_notebook_stays_as_it_is(tmp_path):
    (tmp_path / NAMES[0]).touch()
    assert [NAMES[0]] == lab.lay(tmp_path).kept
    (tmp_path / NAMES[1]).unlink()
    (tmp_path / NAMES[1]).mkdir()
    with pytest.raises(InputError, match="is a directory"):
        lab.lay(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are those of POSIX")
def test_a_pipe_in_the_place_of_a_notebook_ends_soon(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_SECONDS", 0.1)
    os.mkfifo(tmp_path / NAMES[0])
    with pytest.raises(InputError, match="is empty"):
        lab.lay(tmp_path)


@pytest.mark.parametrize("listen", ["a..b", "", "1.2.3", "\ud800", "-x", "http://[x/"])
def test_the_lab_listens_on_an_address_only(tmp_path, listen):
    with pytest.raises(InputError, match="is no IP address"):
        lab.open_lab(tmp_path, listen=listen)
