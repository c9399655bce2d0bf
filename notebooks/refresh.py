"""Run notebooks and store their outputs, the way the tests compare them.

uv run python notebooks/refresh.py [NAME.ipynb ...]      (all without a name)

Where nothing has changed, nothing is written anew: an output that differs in each
run (`nbval-ignore-output`) stays as it is stored; clear it to have a new one.
Widget state is not stored: it would hold what was typed, passphrases too. Nor
are the references to live widgets, so that a reader without a kernel sees the
still picture of each.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from itertools import groupby
from pathlib import Path

import nbformat
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class ThisPython(KernelSpecManager):
    """Knows one kernel: the Python that runs this, whatever is called python3."""

    def get_kernel_spec(self, kernel_name):
        """Return that kernel."""
        return KernelSpec(**get_kernel_dict())


def refresh(path: Path) -> None:
    """Run one notebook in its folder and write it back with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    stored = [cell.get("outputs", []) for cell in notebook.cells]
    NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_spec_manager=ThisPython()),
        timeout=300,
        record_timing=False,
        store_widget_state=False,
        allow_errors=False,
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()
    for cell, before in zip(notebook.cells, stored, strict=True):
        if cell.cell_type == "code":
            varies = "nbval-ignore-output" in cell.metadata.get("tags", [])
            cell.outputs = before if varies and before else same(cell.outputs)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)


FOLDER_OF_THE_RUN = re.compile(r"""((?<![\w.-])/[^\s"'<>\\]*)?(work/\w+)-\d+""")


def same(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Return outputs without what differs from run to run."""
    text = FOLDER_OF_THE_RUN.sub(r"\2-1", json.dumps(outputs))
    outputs = [nbformat.from_dict(output) for output in json.loads(text)]
    for output in outputs:
        output.get("data", {}).pop(WIDGET_VIEW, None)
        output.get("metadata", {}).pop(WIDGET_VIEW, None)
    joined = []  # a stream comes in as many parts as the kernel pleases
    for name, parts in groupby(outputs, key=lambda output: output.get("name")):
        first, *more = parts
        if name is None:
            joined += [first, *more]
            continue
        first.text += "".join(part.text for part in more)
        joined.append(first)
    return joined


def main() -> None:
    """Refresh the notebooks that are named, or all."""
    os.environ["CERTLIB_PRACTICE_ONLY"] = "1"
    os.environ["CERTLIB_PROGRESS"] = f"{tempfile.mkdtemp()}/progress.json"
    names = sys.argv[1:] or sorted(path.name for path in FOLDER.glob("*.ipynb"))
    for name in names:
        refresh(FOLDER / Path(name).name)
        print(f"refreshed {Path(name).name}")


if __name__ == "__main__":
    main()
