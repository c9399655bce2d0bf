"""A JupyterLab for a module of tests, with copies of the notebooks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from components import require

from certlib.practice.lab import lay

if find_spec("playwright"):
    import lab
elif os.environ.get("CI"):
    raise ModuleNotFoundError("playwright", name="playwright")
else:  # `uv run --all-groups pytest` brings it
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="module", name="lab")
def _lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Lab]:
    """A JupyterLab that shows copies of the project's notebooks."""
    chromium = require("chromium", reason="it opens the notebooks")
    folder = tmp_path_factory.mktemp("notebooks")
    lay(folder)
    with lab.running(folder, tmp_path_factory.mktemp("jupyter"), chromium) as running:
        yield running


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: a folder that is thrown away.

    With the environment variable CERTLIB_PICTURES that folder, which is how
    the pictures of the documentation are made.
    """
    wanted = os.environ.get("CERTLIB_PICTURES")
    return Path(wanted) if wanted else tmp_path_factory.mktemp("pictures")
