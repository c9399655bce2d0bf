"""Look: the few pieces of HTML that all widgets share, everything escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from certlib.errors import CertlibError
from certlib.rules import Tone

# JupyterLab's own colours, light or dark; fixed ones where there is no Lab.
COLOURS: dict[Tone, tuple[str, str]] = {
    "good": ("var(--jp-success-color1, #1a7f37)", "✓"),
    "bad": ("var(--jp-error-color1, #cf222e)", "✗"),
    "warn": ("var(--jp-warn-color0, #9a6700)", "!"),
    "plain": ("var(--jp-ui-font-color2, #57606a)", "i"),
}


def note(text: str, tone: Tone = "plain") -> str:
    """Return one line with a sign and a colour for its tone."""
    colour, sign = COLOURS[tone]
    return (
        f'<span style="color:{colour}"><b>{sign}</b> {escape(text, quote=False)}</span>'
    )


def box(title: str, body: str = "", tone: Tone = "plain") -> str:
    """Return a box with a coloured edge; `body` is HTML."""
    colour, sign = COLOURS[tone]
    return (
        f'<div style="border-left:4px solid {colour};padding:6px 12px;margin:6px 0">'
        f'<b style="color:{colour}">{sign} {escape(title, quote=False)}</b>'
        f"{'<br>' if body else ''}{body}</div>"
    )


def failure(error: CertlibError) -> str:
    """Return an error as a box: what happened, and the fix."""
    return box(error.message, f"<b>Fix:</b> {escape(error.fix, quote=False)}", "bad")


def table(rows: Iterable[Sequence[str]], *, header: Sequence[str] = ()) -> str:
    """Return rows of plain text as a table."""
    cell = "padding:2px 14px 2px 0;text-align:left;vertical-align:top"
    head = "".join(f'<th style="{cell}">{escape(h)}</th>' for h in header)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{cell}">{escape(value)}</td>' for value in row)
        + "</tr>"
        for row in rows
    )
    return (
        '<table style="border-collapse:collapse;margin:4px 0">'
        + (f"<thead><tr>{head}</tr></thead>" if head else "")
        + f"<tbody>{body}</tbody></table>"
    )


def code(text: str) -> str:
    """Return a command as a block to copy from."""
    return (
        '<pre style="padding:8px 12px;background:rgba(127,127,127,.12);'
        f'overflow-x:auto;margin:4px 0">{escape(text, quote=False)}</pre>'
    )
