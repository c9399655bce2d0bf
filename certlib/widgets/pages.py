"""Pages: the tabs of the certificate viewer as HTML, everything escaped.

In JupyterLab they stand in the widget, elsewhere they are its still picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from certlib.inspecting.details import Detail
from certlib.inspecting.views import Element, General
from certlib.widgets import look

# Colours of JupyterLab's theme where there is one, light or dark.
STYLE = look.style("viewer.css")

_RULE = '<div style="border-top:1px solid rgba(127,127,127,.4);margin:10px 0"></div>'


def heading(text: str) -> str:
    """Return the name of a tab as a heading, for the still picture."""
    return f'<div style="margin:10px 0 2px"><b>{text}</b></div>'


def general_tab(general: General) -> str:
    """Return the tab General."""
    parts = [f"<b>{look.plain(general.heading)}</b>", _RULE]
    if general.trouble:
        parts.append(f"<div>{look.note(general.trouble, 'bad')}</div>")
    if general.purposes:
        parts.append(_purposes(general))
    rows = [("Issued to:", general.issued_to), ("Issued by:", general.issued_by)]
    lines = [
        _line(f"<b>{label}</b> {look.plain(text)}") for label, text in rows if text
    ]
    if general.valid_from:
        lines.append(
            _line(
                f"<b>Valid from</b> {general.valid_from} <b>to</b> {general.valid_to}"
            )
        )
    if general.private_key:
        sign = '<i class="fa fa-key" style="color:#bf8700"></i>'
        lines.append(_line(f"{sign} {look.plain(general.private_key)}"))
    if lines:
        parts += [_RULE, *lines]
    return f'<div style="line-height:1.5">{"".join(parts)}</div>'


def details_tab(fields: Iterable[Detail], selected: Detail | None) -> str:
    """Return the list of the tab Details, and the box of the selected field."""
    table = look.table(
        ((field.name, field.short) for field in fields), header=("Field", "Value")
    )
    if selected is None:
        return table
    return f"{table}<div>{look.plain(selected.name)}:</div>{look.code(selected.value)}"


def path_tab(path: Sequence[Element]) -> str:
    """Return the tree of the tab Certification Path."""
    return "".join(
        f'<div style="padding-left:{2 * depth}em">'
        f"{look.note(step.name or '(no name)', 'good' if step.ok else 'bad')}</div>"
        for depth, step in enumerate(path)
    )


def status(step: Element) -> str:
    """Return the box 'Certificate status'."""
    edge = "border:1px solid rgba(127,127,127,.5);padding:6px 10px;margin-top:2px"
    text = look.note(step.status, "good" if step.ok else "bad")
    return (
        '<div style="margin-top:8px">Certificate status:</div>'
        f'<div style="{edge};line-height:1.5">{text}</div>'
    )


def _purposes(general: General) -> str:
    kind = "certificate" if general.valid_from else "request"
    bullets = "".join(f"<li>{look.plain(purpose)}</li>" for purpose in general.purposes)
    return (
        f'<div style="margin-top:8px">This {kind} is intended for the following '
        f'purpose(s):</div><ul style="margin:4px 0 4px 24px">{bullets}</ul>'
    )


def _line(html: str) -> str:
    return f'<div style="margin:6px 0">{html}</div>'
