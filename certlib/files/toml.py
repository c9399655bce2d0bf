"""TOML: the files that people write, read within bounds."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

from certlib import files, texts
from certlib.errors import EncodingError, InputError
from certlib.parsers import plain_reason

MAX_BYTES = 256 * 1024
"""Of a file: some thousand entries."""

MAX_LINE = 4000
"""Bytes of a line: a key of many parts takes the square of their number."""


def read(path: Path) -> tuple[dict[str, Any], str]:
    """Return what a TOML file says, and its text.

    Raises:
        InputError: the file cannot be read, or is too large.
        EncodingError: it is not TOML.
    """
    return parsed(path, files.read(path))


def parsed(path: Path, data: bytes) -> tuple[dict[str, Any], str]:
    """Return what the bytes of a TOML file say, and its text; raises as `read`."""
    if len(data) > MAX_BYTES or max(map(len, data.splitlines()), default=0) > MAX_LINE:
        raise InputError(
            f"{path} has more than {MAX_BYTES:,} bytes, or {MAX_LINE:,} in a line",
            fix="write a list over several lines, and say less with *",
        )
    text = texts.decoded(data)
    if "\n" not in text:  # as editors of old Macs end lines, which TOML does not know
        text = text.replace("\r", "\n")
    try:
        return tomllib.loads(text, parse_float=_number), text
    except (ValueError, RecursionError) as error:  # a deep nesting, too
        raise EncodingError(
            f"{path} is not TOML: {plain_reason(error)}",
            fix="correct the line that it names",
        ) from None


def _number(written: str) -> float:
    if math.isnan(value := float(written)):  # it passes every comparison
        raise ValueError("nan stands where a number has to be")
    return value
