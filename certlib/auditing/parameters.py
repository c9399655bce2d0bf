"""Parameters: what a nightly audit's file says, as values of a notebook.

papermill sets them. Each key of the file is one of them: ``EXPIRING_WITHIN`` is
``expiring-within``. Several texts are parted by ``;``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from certlib.auditing import settings
from certlib.auditing.settings import Settings

NOT_TAKEN = frozenset({"file", "name", "url", "url-file"})
"""Keys of a report and of who is told: `REPORT` and `NOTIFY` name files. An address of
its own might have a password, and papermill stores all values in the notebook."""


def names() -> frozenset[str]:
    """Return the names of all: where they lie, and one for each key of the file."""
    keys = settings.schema()["properties"]
    tables = [keys[name]["items"]["properties"] for name in ("group", "notify")]
    more = {key for table in tables for key in table} - NOT_TAKEN
    return frozenset(map(_name, keys.keys() | more | {"file", "folder"}))


def of(values: Mapping[str, Any]) -> Settings | None:
    """Return what they say; None if they name nothing to audit.

    Args:
        values: by `names`; others are passed over. `FILE` says all by itself.
            Otherwise `SOURCES` are one group, or `GROUP` has tables as the file does.
            Paths are meant from `FOLDER`.

    Raises:
        InputError: a value is wrong, or a file cannot be read.
        EncodingError: `FILE` is not TOML.
    """
    given = {name: values[name] for name in names() if values.get(name)}
    if "FILE" in given:
        return settings.read(Path(given["FILE"]))
    if not given.keys() & {"SOURCES", "GROUP"}:
        return None
    known = settings.schema()["properties"]
    said = _taken(given, known)
    said.setdefault("group", [_taken(given, known["group"]["items"]["properties"])])
    said["report"] = [{"file": one} for one in _texts(given.get("REPORT", ""))]
    severity = settings.words(severity=given.get("SEVERITY"))
    said["notify"] = [
        {"name": Path(one).stem, "url-file": one, **severity}
        for one in _texts(given.get("NOTIFY", ""))
    ]
    folder = Path(given.get("FOLDER", ".")).absolute()
    return settings.of(said, folder / "nightly.toml")


def _name(key: str) -> str:
    return key.replace("-", "_").upper()


def _taken(given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a table and their values."""
    lists = [key for key, one in known.items() if one.get("type") == "array"]
    return {
        key: _texts(given[_name(key)]) if key in lists else given[_name(key)]
        for key in known
        if _name(key) in given
    }


def _texts(value: Any) -> Any:
    return value.split(";") if isinstance(value, str) and value else value
