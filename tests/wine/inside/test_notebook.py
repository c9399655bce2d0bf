"""The notebook of importing runs on Windows, cell by cell, as a script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from certlib.errors import CertlibError

NOTEBOOK = Path(__file__).resolve().parents[3] / "notebooks" / "4-importing.ipynb"


def code_cells() -> list[dict]:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def printed(cell: dict) -> str:
    streams = [o for o in cell["outputs"] if o["output_type"] == "stream"]
    return "".join("".join(stream["text"]) for stream in streams)


def test_the_code_cells_of_importing_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "__main__"}
    for cell in code_cells():
        program = compile("".join(cell["source"]), cell["id"], "exec")
        if "raises-exception" in cell["metadata"].get("tags", ()):
            with pytest.raises(CertlibError):
                exec(program, namespace)
        else:
            exec(program, namespace)
        assert printed(cell) == capsys.readouterr().out
    assert [Path("work")] == [path.relative_to(tmp_path) for path in tmp_path.iterdir()]
