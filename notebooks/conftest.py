"""The notebooks as tests: what such a run needs, in a checkout and from a wheel."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from nbval import _cover5 as coverage_of_a_kernel
from nbval import kernel as kernels
from nbval.plugin import IPyNbCell

# Kernels inherit it: no form of theirs may touch a real store.
os.environ["CERTLIB_PRACTICE_ONLY"] = "1"
os.environ["CERTLIB_PROGRESS"] = f"{tempfile.mkdtemp()}/progress.json"

FOLDER = Path(__file__).parent
TOGETHER = (
    "the cells of a notebook build on each other: run the whole notebook, in order"
)
NEVER_RUN = (
    "this cell was never run, so there is no output to compare with: store it with "
    "`python notebooks/refresh.py {}`"
)
# nbval's kernels write what they have run (`--cov`) into the file of their worker,
# which coverage names after the worker's own part: nothing, so all look alike to it
# and are passed over. Each kernel gets a file of its own.
coverage_of_a_kernel._python_setup = coverage_of_a_kernel._python_setup.replace(
    "data_suffix='.nbval'", "data_suffix=True"
).replace("__cov.load()\n", "")
_start = kernels.start_new_kernel
_last_run = pytest.StashKey[int]()


def _started(**options):
    """Start a kernel, with other ports if some other program took one of them.

    Jupyter chooses the ports, and it takes the kernel a second to listen there.
    """
    for _ in range(2):
        try:
            return _start(**options)
        except RuntimeError as error:
            if "died before" not in str(error):
                raise
    return _start(**options)


kernels.start_new_kernel = _started


def pytest_configure(config):
    """Keep a notebook in one worker, and write nothing into an installation."""
    if config.getoption("dist", "no") not in ("no", "loadscope", "loadfile"):
        raise pytest.UsageError(f"{TOGETHER} (with workers: --dist=loadscope)")
    if config.option.nbval_sanitize_with is None:
        config.option.nbval_sanitize_with = str(FOLDER / "nbval-sanitize.cfg")
    if (FOLDER.parent / "__init__.py").is_file():  # from a wheel: write no cache there
        for name in ("lfplugin", "nfplugin"):
            config.pluginmanager.unregister(name=name)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put the cells of each notebook in order again, whatever shuffled them."""
    first = {}
    for position, item in enumerate(items):
        first.setdefault(item.path if isinstance(item, IPyNbCell) else item, position)
    items.sort(
        key=lambda item: (
            (first[item.path], item.cell_num)
            if isinstance(item, IPyNbCell)
            else (first[item], 0)
        )
    )


def pytest_runtest_setup(item):
    """Say it when a cell is to run without those before it."""
    if not isinstance(item, IPyNbCell):
        return
    if item.cell_num != item.parent.stash.get(_last_run, -1) + 1:
        pytest.fail(TOGETHER, pytrace=False)
    item.parent.stash[_last_run] = item.cell_num


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Fail a cell that has nothing to be compared with."""
    yield
    if not isinstance(item, IPyNbCell) or not item.parent.compare_outputs:
        return
    if item.cell.execution_count is None:
        pytest.fail(NEVER_RUN.format(item.path.name), pytrace=False)
