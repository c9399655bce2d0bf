"""The board in a notebook: the auditor's page, and what is ticked there as a table."""

import urllib.error
import urllib.request

import forge
import pytest

from certlib.errors import InputError
from certlib.stores import practice_machine
from certlib.widgets.board import Board


@pytest.fixture
def board(tmp_path):
    (tmp_path / "files").mkdir()
    for name in ("one", "two"):
        forge.leaf(common_name=name).write(tmp_path / "files" / f"{name}.cer")
    return Board(practice_machine(tmp_path / "stores"), tmp_path / "accepted.toml")


def test_what_is_ticked_comes_back_as_a_table(board, tmp_path):
    assert 2 == len(board.audit(tmp_path / "files", environment="test"))
    assert {"CN=one", "CN=two"} == set(board.frame()["subject"])
    names = board.session.listing.names
    board.session.selected.add(names.index("two"))
    assert {"CN=two"} == set(board.frame()["subject"])


def test_nothing_named_is_said(board):
    with pytest.raises(InputError, match="nothing was chosen"):
        board.audit()


def test_its_token_is_stored_nowhere_and_wanted_by_the_page(board):
    (page,) = (part for part in board.children if hasattr(part, "url"))
    address, _, token = page.url.partition("?token=")
    data, _ = board._repr_mimebundle_()
    assert "<Board: Audit>" == data["text/plain"]
    assert token
    assert token not in str(data)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address, timeout=10)
