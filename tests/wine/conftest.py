"""The Windows machine under Wine."""

import os
import sys

import pytest
from harness import WindowsPython, missing_component

# These need Windows: they run there, and under Wine by way of test_wine.py.
collect_ignore = [] if sys.platform == "win32" else ["inside"]


@pytest.fixture(scope="session")
def windows(tmp_path_factory):
    """A `harness.WindowsPython` of this session; its MY store starts empty."""
    missing = missing_component()
    if missing and os.environ.get("CI") and sys.platform == "linux":
        pytest.fail(f"CI has to run these tests: {missing}", pytrace=False)
    if missing:
        pytest.skip(missing)
    with WindowsPython.session(tmp_path_factory.mktemp("windows")) as machine:
        yield machine
