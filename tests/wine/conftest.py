"""The Windows machine under Wine, and a summary of what was tested inside it."""

import os
import sys

import pytest

# These need Windows: they run there, and under Wine by way of test_wine.py.
collect_ignore = [] if sys.platform == "win32" else ["inside"]

INNER_SUMMARY = "summary inside Windows Python"


@pytest.fixture(scope="session")
def windows(tmp_path_factory):
    """A `harness.WindowsPython` of this session; its stores start empty."""
    # Here because the tests inside load this file too, and have no need of it.
    import harness

    missing = harness.missing_component()
    if missing and os.environ.get("CI") and sys.platform == "linux":
        pytest.fail(f"CI has to run these tests: {missing}")
    if missing:
        pytest.skip(missing)
    with harness.WindowsPython.session(tmp_path_factory.mktemp("windows")) as machine:
        yield machine


def pytest_terminal_summary(terminalreporter):
    """Show how the tests inside went, which reports of workers bring along."""
    lines = [
        f"{report.nodeid.partition('::')[2]}: {value}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == INNER_SUMMARY
    ]
    if lines:
        terminalreporter.section("Windows Python under Wine")
        terminalreporter.write_line("\n".join(sorted(lines)))
