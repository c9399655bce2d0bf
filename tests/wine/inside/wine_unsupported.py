"""Skip, under Wine only, the tests of what Wine lacks.

A pytest plugin that test_wine.py loads into the Windows Python. On real Windows
the marker does nothing, so the same tests run there.
"""

import ctypes

import pytest
import win32api
import win32security


def under_wine() -> bool:
    # Wine tells its version; Windows has no such function.
    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def pytest_configure() -> None:
    """Let a key's access list be set a second time.

    Wine's CryptSetProvParam opens a key for its audit list (SACL), too, even
    when only its DACL is to be set; that takes a privilege once it has a DACL.
    """
    if not under_wine():
        return
    token = win32security.OpenProcessToken(
        win32api.GetCurrentProcess(),
        win32security.TOKEN_ADJUST_PRIVILEGES | win32security.TOKEN_QUERY,
    )
    privilege = win32security.LookupPrivilegeValue(None, "SeSecurityPrivilege")
    win32security.AdjustTokenPrivileges(
        token, False, [(privilege, win32security.SE_PRIVILEGE_ENABLED)]
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("wine_unsupported")
    parameters = getattr(item, "callspec", None) and item.callspec.params
    if parameters and parameters.get("machine") == "folder":
        return  # files on disk are no matter of Wine's
    if marker and under_wine():
        pytest.skip(f"Wine: {marker.args[0]}")
