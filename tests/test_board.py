"""Board: driven as a person would, without a browser."""

import importlib.util

import forge
import ipywidgets as widgets
import pytest
import seen
from components import missing

from certlib import practice
from certlib.errors import InputError
from certlib.rules import Context
from certlib.stores import PERSONAL, practice_machine
from certlib.widgets.board import ALL, EXPIRING, FAILURES, AuditBoard
from certlib.widgets.viewer import CertificateViewer

HERE = Context(at=forge.AT, server_name="todd.example.com", practice=True)


@pytest.fixture
def board(tmp_path):
    practice.files_to_audit(tmp_path / "files")
    made = AuditBoard(practice_machine(tmp_path / "stores"), HERE)
    made.fill(paths=str(tmp_path / "files"), passphrases=f"x|{practice.PASSPHRASE}")
    return made


def test_an_audit_is_filtered_and_looked_at(board):
    assert 8 == len(board.audit())
    assert (8, 6, 1) == tuple(len(board.show(s)) for s in (ALL, FAILURES, EXPIRING))
    chosen = board.choose(0)
    assert ["expiring"] == [finding.rule for finding in chosen.findings]
    assert 1 == len(seen.every(board, CertificateViewer))
    board.show(ALL)
    assert "torn.cer" in board.choose(7).place
    assert [] == seen.every(board, CertificateViewer)
    (timeline,) = seen.every(board, widgets.Image)
    assert bytes(timeline.value).startswith(b"\x89PNG")


def test_passphrases_are_forgotten_and_shown_nowhere(board):
    board.audit()
    assert [""] == [field.value for field in seen.every(board, widgets.Password)]
    assert "<AuditBoard: Audit>" == repr(board)
    data, _ = board._repr_mimebundle_()
    assert practice.PASSPHRASE not in str(data)


def test_dropped_files_and_stores(board, tmp_path):
    bundle = forge.leaf(san=["todd.example.com"], common_name="todd.example.com")
    board.machine.open(PERSONAL).add(bundle)
    content = {"name": "a.cer", "type": "", "size": 1, "last_modified": forge.AT}
    board.fill(
        paths="",
        store=r"Cert:\LocalMachine\My",
        environment="test",
        files=({**content, "content": memoryview(forge.der(bundle))},),
    )
    (found,) = board.audit()
    assert ("a.cer", rf"Cert:\LocalMachine\My\{bundle.thumbprint}") == found.places
    assert () == found.findings


def test_nothing_chosen_and_a_bad_server_name(board):
    board.fill(paths="")
    with pytest.raises(InputError, match="nothing was chosen"):
        board.audit()
    assert "nothing was chosen" in seen.html(board)
    board.fill(hosts="a b c")
    (found,) = board.audit()
    assert ("servers line 1", ["not-opened"]) == (
        found.place,
        [f.rule for f in found.findings],
    )


def test_reports_and_comparison(board, tmp_path):
    board.audit()
    board.export(tmp_path / "a.json")
    assert () == board.compare(tmp_path / "a.json")
    (tmp_path / "files" / "torn.cer").unlink()
    board.fill(passphrases=practice.PASSPHRASE)
    board.audit()
    assert ["gone"] == [c.change.value for c in board.compare(tmp_path / "a.json")]
    (name,) = (t for t in seen.every(board, widgets.Text) if t.value == "audit.xlsx")
    name.value = str(tmp_path / "a.xlsx")
    seen.button(board, "Save report").click()
    assert (tmp_path / "a.xlsx").exists()


def test_what_strangers_wrote_is_escaped(board, tmp_path):
    evil = "<img src=x onerror=alert(1)>$x^$"
    forge.leaf(common_name=evil).write(tmp_path / "evil.cer")
    board.fill(paths=str(tmp_path / "evil.cer"))
    board.audit()
    board.choose(0)
    assert "<img" not in seen.html(board)
    assert "<img" not in board.twin()


def test_a_deep_look_at_the_chosen_one(board):
    with pytest.raises(InputError, match="no certificate is chosen"):
        board.deep_look()
    board.audit()
    board.choose(0)
    if importlib.util.find_spec("pkilint") is None:
        missing("the package pkilint", reason="certlib[pkilint]")
    before = seen.html(board).count("<tr>")
    assert len(board.deep_look()) == seen.html(board).count("<tr>") - before - 1


def test_a_run_begins_afresh_after_a_stop(board):
    board.stop()
    assert 8 == len(board.audit())
