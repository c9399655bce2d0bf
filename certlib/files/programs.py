"""Programs: those of the user that certlib starts, within a time."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import IO

from certlib import clock
from certlib.errors import InputError
from certlib.files import environment

PATIENCE = timedelta(minutes=5)
"""How long a program may take."""


def run(
    words: Sequence[str],
    *,
    called: str,
    patience: timedelta = PATIENCE,
    variables: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run a program to its end; return its exit code and the last line it said.

    The words are handed over as they are, no shell reads them. What it leaves
    running is not waited for.

    Args:
        words: the program and its arguments.
        called: what to call it in an error, ``the DNS hook``.
        patience: after which it is ended.
        variables: for its environment, which has no passphrase.

    Raises:
        InputError: it could not be run, or took too long.
    """
    # Not pipes: a server that it starts would hold their ends.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(  # noqa: S603 # the user's own program
                words,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment.for_programs() | dict(variables or {}),
            )
        except (OSError, ValueError) as error:
            raise InputError(
                f"{called} {words[0]} could not be run: {error}",
                fix="give the full path of the program, and try it by hand",
            ) from None
        try:
            code = process.wait(patience.total_seconds())
        except subprocess.TimeoutExpired:  # its text has the whole command
            raise InputError(
                f"{called} {words[0]} took longer than {clock.length(patience)}",
                fix="try it by hand, or give it more time (patience)",
            ) from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        return code, _last_line(err) or _last_line(out)


def _last_line(stream: IO[bytes]) -> str:
    size = stream.seek(0, 2)
    stream.seek(max(size - 4096, 0))
    lines = stream.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""
