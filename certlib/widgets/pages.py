"""Pages: the tabs of the certificate viewer as HTML, everything escaped.

In JupyterLab they stand in the widget, elsewhere they are its still picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from certlib.inspecting.details import Detail
from certlib.inspecting.views import Element, General
from certlib.widgets import look

# Colours of JupyterLab's theme where there is one, light or dark.
STYLE = """<style>
.certlib-viewer .widget-tab-contents, .certlib-viewer .jupyter-widget-tab-contents
  { padding: 12px 14px; }
.certlib-viewer .certlib-list
  { border: 1px solid var(--jp-border-color1, #bbb); overflow-y: auto;
    background: var(--jp-layout-color1, #fff); }
.certlib-viewer .certlib-row
  { white-space: pre; tab-size: 216px; text-align: left; background: none;
    color: var(--jp-ui-font-color1, #222); width: 100%; height: 24px;
    line-height: 24px; margin: 0; padding: 0 8px; flex: none; box-shadow: none;
    overflow: hidden; text-overflow: ellipsis; }
.certlib-viewer .certlib-row i { width: 22px; margin: 0; text-align: left;
    color: var(--jp-ui-font-color2, #777); font-size: 12px; }
.certlib-viewer .certlib-extension i { color: #1a7f37; }
.certlib-viewer .certlib-critical i { color: #bf8700; }
.certlib-viewer .certlib-row:hover { background: rgba(127,127,127,.15); }
.certlib-viewer .certlib-row.certlib-selected, .certlib-viewer .certlib-selected i
  { background: #0b5cad; color: #fff; }
.certlib-viewer .certlib-row:focus-visible { outline: 2px solid #0969da;
    outline-offset: -2px; }
.certlib-viewer textarea { font-family: var(--jp-code-font-family, monospace);
    font-size: 12px; line-height: 1.5; background: var(--jp-layout-color1, #fff);
    color: var(--jp-ui-font-color1, #222); }
</style>"""

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
