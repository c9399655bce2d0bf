"""Skip, under Wine only, the tests of what Wine lacks.

A pytest plugin that test_wine.py loads into the Windows Python. On real Windows
the marker does nothing, so the same tests run there.
"""

import ctypes

import pytest


def under_wine() -> bool:
    # Wine tells its version; Windows has no such function.
    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("wine_unsupported")
    if marker and under_wine():
        pytest.skip(f"Wine: {marker.args[0]}")
