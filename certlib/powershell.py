"""PowerShell: the by-hand twin of a step, as text to read and to copy.

Nothing here is ever run. A passphrase never stands in a command: the twin asks
for it with ``Read-Host -AsSecureString``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Raw:
    """A PowerShell expression that is not to be quoted."""

    expression: str


ASK_PASSPHRASE = Raw("(Read-Host -AsSecureString 'Passphrase')")

Value = str | int | bool | Raw | list[str] | tuple[str, ...]


def quote(text: str) -> str:
    """Return a text as a PowerShell literal, in which nothing is expanded."""
    # PowerShell takes typographic single quotes for delimiters too.
    for mark in "'\u2018\u2019\u201a\u201b":
        text = text.replace(mark, mark * 2)
    return f"'{text}'"


def command(cmdlet: str, /, **parameters: Value) -> str:
    """Return one command, each parameter on a line of its own if it is long.

    True stands for a switch; False and empty values are left out.
    """
    words = [
        f"-{name}" if value is True else f"-{name} {_literal(value)}"
        for name, value in parameters.items()
        if value is not False and value not in ("", [], ())
    ]
    line = " ".join([cmdlet, *words])
    return line if len(line) <= 88 else " `\n    ".join([cmdlet, *words])


def _literal(value: Value) -> str:
    match value:
        case Raw():
            return value.expression
        case str():
            return quote(value)
        case list() | tuple():
            return ", ".join(map(quote, value))
        case _:
            return str(value)
