"""The documentation builds without a warning and without the internet."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from components import missing

ROOT = Path(__file__).parent.parent


def test_the_docs_build(tmp_path):
    if find_spec("myst_nb") is None:
        missing("the group 'docs'", reason="it builds the documentation")
    # conf.py copies the notebooks: build from a copy, not in the checkout.
    for part in ("docs", "notebooks"):
        shutil.copytree(
            ROOT / part,
            tmp_path / part,
            ignore=shutil.ignore_patterns("_build", "work", ".ipynb_checkpoints"),
        )
    run = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"),
            *(str(tmp_path / "docs"), str(tmp_path / "html")),
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (0, "") == (run.returncode, run.stderr)
    page = (tmp_path / "html/notebooks/1-creating.html").read_text(encoding="utf-8")
    assert "Create a self-signed certificate" in page
