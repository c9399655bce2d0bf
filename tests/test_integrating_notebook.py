"""The notebook 5b-answering runs for every product."""

import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from certlib.products import PRODUCTS

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
CHOICE = 'product = products.product("board-connector")'


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """A computer without any client program but Python, and a folder on it."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    return tmp_path


@pytest.mark.parametrize("slug", PRODUCTS)
def test_the_checklist_is_written_for(slug, alone):
    notebook = nbformat.read(NOTEBOOKS / "5b-answering.ipynb", as_version=4)
    (cell,) = [cell for cell in notebook.cells if CHOICE in cell.source]
    cell.source = cell.source.replace("board-connector", slug)
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(alone)}},
    ).execute()
    pages = list(alone.rglob("checklist.html"))
    assert 1 == len(pages)
    assert f"<h1>HTTPS for {PRODUCTS[slug].name}</h1>" in pages[0].read_text("utf-8")
