"""What all tests share: an environment of their own and the pace of hypothesis."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest

TRUST_VARIABLES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
"""Where an environment tells its programs whom to trust: not the tests' matter."""

with contextlib.suppress(ImportError):  # the store contract runs without it too
    from hypothesis import HealthCheck, settings

    _calm = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("thorough", max_examples=1000, **_calm)
    settings.register_profile("local", max_examples=100, **_calm)
    settings.register_profile(
        "ci", max_examples=30, derandomize=True, database=None, **_calm
    )
    settings.load_profile(
        os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "local")
    )


@pytest.fixture(scope="session", autouse=True)
def _own_trust() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for variable in TRUST_VARIABLES:
            patch.delenv(variable, raising=False)
        yield


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: made ones differ in each worker of xdist."""
    return argname if isinstance(val, bytes) and len(val) > 64 else None


def pytest_terminal_summary(terminalreporter):
    """Print what tests recorded with `record_property("summary", text)`.

    Printed output of a passing test is lost, more so in a worker of xdist.
    Stands here as a session that distributes its tests loads no conftest below.
    """
    lines = [
        f"{report.nodeid}: {text}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, text in report.user_properties
        if name == "summary"
    ]
    if lines:
        terminalreporter.section("summaries")
        terminalreporter.write_line("\n".join(sorted(lines)))
