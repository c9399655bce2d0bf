"""Pages of the reference that are written from the code when the site is built."""

from __future__ import annotations

import pkgutil
import shutil
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from certlib import reports
from certlib.auditing import settings
from certlib.bundles import endings
from certlib.cli import commands

ROOMS = {
    "Steps": ("creating", "requesting", "inspecting", "importing", "integrating",
              "auditing"),
    "Things": ("specs", "bundles", "summaries", "rules", "stores", "issuers",
               "endpoints", "trust", "products", "symptoms"),
    "Words": ("names", "keys", "clock", "x500", "texts", "errors"),
    "Reports": ("reports",),
}  # fmt: skip
"""What the reference of the library has; practice, widgets and cli are faces."""


_WINDOWS = {"certlib.stores.windows", "certlib.stores.windows_keys"}
"""Modules that load on Windows only."""


def write(folder: Path) -> None:
    """Write all of them into a folder, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ctx = click.Context(commands)
    for name in commands.list_commands(ctx):
        command = commands.get_command(ctx, name)
        assert command is not None
        (folder / f"certlib-{name}.rst").write_text(_command(name, command), "utf-8")
    for names in ROOMS.values():
        for name in names:
            (folder / f"{name}.rst").write_text(_module(name), "utf-8")
    (folder / "formats.txt").write_text(_formats(), "utf-8")
    (folder / "nightly.txt").write_text(_nightly(), "utf-8")


def _titled(title: str) -> str:
    return f"{title}\n{'=' * len(title)}\n\n"


def _command(name: str, command: click.Command) -> str:
    module = command.callback.__module__  # type: ignore[union-attr]
    inside = command.callback.__name__  # type: ignore[union-attr]
    return f".. click:: {module}:{inside}\n   :prog: certlib {name}\n   :nested: full\n"


def _module(room: str) -> str:
    """Return a page with what a room offers, and what its modules offer besides."""
    name = f"certlib.{room}"
    module = import_module(name)
    offered = _names(module, name)
    text = f"{_titled(name)}{_automodule(name, offered)}\n"
    for below in pkgutil.iter_modules(getattr(module, "__path__", ())):
        inner = f"{name}.{below.name}"
        if below.name.startswith("_") or inner in _WINDOWS:
            continue
        own = [n for n in _names(import_module(inner), inner) if n not in offered]
        if own:
            text += f"{inner}\n{'-' * len(inner)}\n\n{_automodule(inner, own)}"
            # A function of the same name has the place in the index.
            text += "   :no-index:\n\n" if below.name in offered else "\n"
    return text


def _automodule(name: str, members: list[str]) -> str:
    listed = f"   :members: {', '.join(members)}\n" if members else ""
    return f".. automodule:: {name}\n{listed}   :show-inheritance:\n"


def _names(module: ModuleType, home: str) -> list[str]:
    """Return the public names that were made there, or below."""
    found = vars(module).items()
    return [
        name
        for name, thing in found
        if not name.startswith("_")
        and (made := getattr(thing, "__module__", None))
        and (made == home or made.startswith(f"{home}."))
    ]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _formats() -> str:
    """Return tables of the files that are read and written."""
    text = _row("File", "Endings", "Holds the private key", "Written by")
    text += "|---|---|---|---|\n"
    for one in endings.FORMATS:
        ends = ", ".join(f"`{ending}`" for ending in one.endings)
        by = "`convert`, `export`" if one.write else ""
        text += _row(one.name, ends, "yes" if one.holds_key else "no", by)
    names = ", ".join(f"`{name}`" for name in reports.FORMATS)
    return f"{text}\nReports of an audit: {names}.\n"


def _nightly() -> str:
    """Return a table of the keys of a nightly file."""
    schema = settings.schema()
    text = _row("Key", "Value", "Needed") + "|---|---|---|\n"
    for table, part in (("", schema), *_tables(schema)):
        for key, value in part["properties"].items():
            if value.get("items", {}).get("type") == "object":
                continue
            needed = "yes" if key in part["required"] else ""
            text += _row(f"`{table}{key}`", _value(value), needed)
    return text


def _tables(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"[[{key}]] ", value["items"])
        for key, value in schema["properties"].items()
        if value.get("items", {}).get("type") == "object"
    ]


def _value(value: dict[str, Any]) -> str:
    if "enum" in value:
        return ", ".join(f"`{one}`" for one in value["enum"])
    if "pattern" in value:
        return "`30d`, `12h` or `20%`"
    kinds = {"string": "a text", "boolean": "`true` or `false`",
             "array": "a list of texts", "integer": "a whole number",
             "number": "a number"}  # fmt: skip
    return kinds[value["type"]]
