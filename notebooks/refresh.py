"""Run notebooks and store their outputs, the way the tests compare them.

uv run python notebooks/refresh.py [NAME.ipynb ...]      (all without a name)

Widget state is not stored: it would hold what was typed, passphrases too. Nor
are the references to live widgets, so that a reader without a kernel sees the
static twin of each.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def refresh(path: Path) -> None:
    """Run one notebook in its folder and write it back with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        allow_errors=False,
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
            output.get("metadata", {}).pop(WIDGET_VIEW, None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)


def main() -> None:
    """Refresh the notebooks that are named, or all."""
    os.environ["CERTLIB_PRACTICE_ONLY"] = "1"
    names = sys.argv[1:] or sorted(path.name for path in FOLDER.glob("*.ipynb"))
    for name in names:
        refresh(FOLDER / Path(name).name)
        print(f"refreshed {Path(name).name}")


if __name__ == "__main__":
    main()
