"""Look: the few pieces of HTML that all widgets share, everything escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from certlib import texts
from certlib.errors import CertlibError
from certlib.rules import Tone
from certlib.texts import rendered as rendered

# JupyterLab's own colours, light or dark; fixed ones where there is no Lab.
COLOURS: dict[Tone, tuple[str, str]] = {
    "good": ("var(--jp-success-color1, #1a7f37)", "✓"),
    "bad": ("var(--jp-error-color1, #cf222e)", "✗"),
    "warn": ("var(--jp-warn-color0, #9a6700)", "!"),
    "plain": ("var(--jp-ui-font-color2, #57606a)", "i"),
}

_STATIC = Path(__file__).parent / "static"

WRAPPED = {"flex_flow": "row wrap"}
"""The layout of a row that goes on below where the page is narrow."""

LINKS = {**WRAPPED, "grid_gap": "0 10px"}
"""The layout of a button with links beside it."""

# White is read on it whatever the theme, which a stored notebook cannot ask for.
_PRACTICE = "#8a5cc7"


def picture(
    title: str,
    rows: Iterable[tuple[str, str]] = (),
    *,
    button: str = "",
    above: str = "",
    practice: datetime | None = None,
) -> str:
    """Return a form as it looks, for a notebook that does not run yet.

    Args:
        title: its heading.
        rows: labels and values.
        button: what stands on its button.
        above: HTML over the rows.
        practice: the moment of an exercise.
    """
    return rendered(
        "form.html.j2",
        title=title,
        rows=rows,
        button=button,
        above=above,
        edge=frame(practice),
        sign=sign(practice),
    )


def frame(moment: datetime | None) -> str:
    """Return the colour of a panel's frame: practice has its own."""
    return _PRACTICE if moment else "rgba(127,127,127,.35)"


def sign(moment: datetime | None) -> str:
    """Return the sign that something is an exercise, and when it takes place."""
    if not moment:
        return ""
    style = f"background-color:{_PRACTICE};color:#fff;border-radius:8px;padding:1px 8px"
    return f' <b style="{style}">Practice, {moment.day} {moment:%b %Y}</b>'


def style(name: str) -> str:
    """Return a style sheet of the folder `static` as HTML."""
    return f"<style>\n{(_STATIC / name).read_text(encoding='utf-8')}</style>"


def plain(text: str) -> str:
    """Return a stranger's text as HTML, escaped, with nothing that cannot be seen."""
    return escape(texts.shown(text), quote=False)


def note(text: str, tone: Tone = "plain") -> str:
    """Return one line with a sign and a colour for its tone."""
    colour, sign = COLOURS[tone]
    return f'<span style="color:{colour}"><b>{sign}</b> {plain(text)}</span>'


def notes(said: Iterable[tuple[str, Tone]]) -> str:
    """Return such lines below each other."""
    return "".join(
        f'<div style="margin:4px 0">{note(text, tone)}</div>' for text, tone in said
    )


def box(title: str, body: str = "", tone: Tone = "plain") -> str:
    """Return a box with a coloured edge; `body` is HTML."""
    colour, sign = COLOURS[tone]
    return (
        f'<div style="border-left:4px solid {colour};padding:6px 12px;margin:6px 0">'
        f'<b style="color:{colour}">{sign} {plain(title)}</b>'
        f"{'<br>' if body else ''}{body}</div>"
    )


def card(title: str, body: str) -> str:
    """Return a result under its heading; `body` is HTML."""
    return (
        '<div class="certlib-card" style="border:1px solid rgba(127,127,127,.35);'
        'border-radius:8px;padding:8px 16px;margin:4px 0;max-width:1000px">'
        f"<b>{plain(title)}</b>{body}</div>"
    )


def listed(lines: Iterable[str]) -> str:
    """Return sentences below each other."""
    return "".join(f"<div>{plain(line)}</div>" for line in lines)


def failure(error: CertlibError) -> str:
    """Return an error as a box: what happened, and the fix."""
    return trouble(error.message, error.fix, "bad")


def trouble(text: str, fix: str, tone: Tone) -> str:
    """Return what is wrong as a box, and what to do about it."""
    return box(text, f"<b>Fix:</b> {plain(fix)}", tone)


def table(rows: Iterable[Sequence[str]], *, header: Sequence[str] = ()) -> str:
    """Return rows of plain text as a table."""
    head = "".join(f'<th style="{_CELL}">{escape(h)}</th>' for h in header)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    return (
        '<table style="border-collapse:collapse;margin:4px 0">'
        + (f"<thead><tr>{head}</tr></thead>" if head else "")
        + f"<tbody>{body}</tbody></table>"
    )


_CELL = "padding:2px 14px 2px 0;text-align:left;vertical-align:top"


def _cell(value: str) -> str:
    style = _CELL + ";white-space:nowrap" * texts.stays_whole(value)
    return f'<td style="{style}">{escape(texts.shown(value))}</td>'


def code(text: str) -> str:
    """Return a command as a block to copy from."""
    shown = escape(texts.shown_lines(text), quote=False)
    return (
        '<pre style="padding:8px 12px;background:rgba(127,127,127,.12);'
        "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;"
        f'margin:4px 0">{shown}</pre>'
    )


# JupyterLab gives links in widgets no look of their own.
_LINK = "color:var(--jp-content-link-color, #0969da);text-decoration:underline"


def link(url: str, text: str) -> str:
    """Return a link that opens in another tab."""
    return (
        f'<a href="{escape(url)}" target="_blank" rel="noreferrer noopener" '
        f'style="{_LINK}">{escape(text)}</a>'
    )


def notebook(name: str, text: str = "") -> str:
    """Return a link to another notebook, which opens in the same JupyterLab."""
    # Lab's own command; elsewhere the address has to do.
    arguments = escape(json.dumps({"path": name}))
    return (
        f'<a href="{escape(name)}" data-commandlinker-command="docmanager:open" '
        f'data-commandlinker-args="{arguments}" style="{_LINK}">'
        f"{escape(text or name)}</a>"
    )


def download(name: str, data: str) -> str:
    """Return a link that saves a file.

    Args:
        name: of the file.
        data: its bytes in base64.
    """
    return (
        f'<a download="{escape(name)}" href="data:application/octet-stream;base64,'
        f'{escape(data)}" style="{_LINK}">Download {escape(name)}</a>'
    )


_STALE = '<div class="certlib-stale" style="opacity:.45;filter:grayscale(1)">'


def stale(shown: str) -> str:
    """Return what was said before something was changed: grey, and said so."""
    if not shown or shown.startswith(_STALE):
        return shown
    said = note("This was said before something was changed; press the button again.")
    return f"{_STALE}{said}{shown}</div>"
