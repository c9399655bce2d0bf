"""Windows: dialogs in a notebook that look like those of a Windows program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

import ipywidgets as widgets

from certlib.errors import InputError
from certlib.widgets import look

# A dialog of the Designer is light whatever the theme around it.
STYLE = """<style>
.certlib-desktop { position:relative; min-height:590px; overflow:auto; }
.certlib-window { max-width:100%; --jp-ui-font-color0:#111;
  --jp-ui-font-color1:#111; --jp-ui-font-color2:#444; --jp-widgets-color:#111;
  --jp-widgets-label-color:#111; --jp-widgets-input-color:#111;
  --jp-widgets-input-background-color:#fff; --jp-widgets-input-border-color:#8d8d8d;
  --jp-layout-color0:#fff; --jp-layout-color1:#fff; --jp-layout-color2:#e1e1e1;
  --jp-border-color1:#adadad; --jp-content-font-color1:#111;
  --jp-widgets-font-size:12px; --jp-brand-color1:#0078d7;
  font-family:"Segoe UI",Tahoma,Arial,sans-serif; font-size:12px; color:#111;
  background:#f0f0f0; border:1px solid #5a5a5a; box-shadow:3px 4px 12px rgba(0,0,0,.35);
  margin:8px 14px 14px 4px; overflow:hidden; flex:none; color-scheme:light; }
.certlib-window .lm-TabBar-tab { color:#555; }
.certlib-window .lm-TabBar-tab.lm-mod-current { color:#111; }
.certlib-dialog { position:absolute; top:70px; left:clamp(0px, 6%, 60px); z-index:2;
  max-width:calc(94% - 20px); }
.certlib-behind { pointer-events:none; filter:brightness(.9); }
.certlib-window .widget-html, .certlib-window .jupyter-widgets.widget-html,
.certlib-window .widget-html-content { height:auto; }
.certlib-window .certlib-list, .certlib-window .certlib-heads { margin:0; }
.certlib-window .certlib-titlebar { background:#fff; margin:0; padding:0 0 0 10px; }
.certlib-window .certlib-titlebar button.jupyter-button { border:0; background:none;
  font-size:15px; width:34px; min-width:0; height:28px; line-height:28px; }
.certlib-window .certlib-titlebar button.jupyter-button:hover { background:#e81123;
  color:#fff; }
.certlib-window .certlib-body { padding:10px 12px 12px; overflow:auto hidden;
  container-type:inline-size; }
/* One below the other: both have to fit into the height that one had. */
@container (max-width:660px) {
  .certlib-beside > .certlib-list { height:130px !important; }
  .certlib-beside .certlib-list { max-height:170px; } }
.certlib-window .certlib-foot { flex-wrap:wrap; }
.certlib-window .certlib-foot { padding-top:8px; justify-content:flex-end; }
.certlib-window button.jupyter-button { border:1px solid #adadad; background:#e1e1e1;
  color:#111; font-family:inherit; font-size:12px; line-height:22px; height:24px;
  box-shadow:none; border-radius:0; flex:none; }
.certlib-window button.jupyter-button:hover:enabled { background:#e5f1fb;
  border-color:#0078d7; }
.certlib-window button.jupyter-button:disabled { color:#838383; background:#ccc;
  opacity:1; border-color:#bfbfbf; }
.certlib-window button.jupyter-button.mod-primary { border:2px solid #0078d7;
  line-height:20px; }
.certlib-window button.jupyter-button:focus-visible { outline:1px dotted #111;
  outline-offset:-4px; }
.certlib-window .certlib-list { background:#fff; border:1px solid #828790;
  overflow:auto; }
.certlib-window .certlib-line { flex:none; margin:0; overflow:hidden;
  align-items:start; }
.certlib-window .certlib-line button.jupyter-button { height:auto; line-height:21px;
  min-height:21px; border:0; background:none; text-align:left; white-space:pre-wrap;
  overflow-wrap:anywhere; margin:0; padding:0 5px; }
.certlib-window .certlib-beside > .certlib-list button.jupyter-button {
  padding-left:27px; text-indent:-22px; }
.certlib-window .certlib-line button.jupyter-button:hover:enabled { background:none; }
.certlib-window .certlib-line:hover { background:#e5f3ff; }
.certlib-window .certlib-line.certlib-selected { background:#0078d7; }
.certlib-window .certlib-selected button.jupyter-button { color:#fff; }
.certlib-window .certlib-group { border:1px solid #dcdcdc; padding:4px 10px 8px;
  margin:4px 0 8px; overflow:hidden; }
.certlib-window .widget-radio-box label { font-size:12px; line-height:20px; }
.certlib-window .widget-inline-hbox { height:26px; }
.certlib-window input:disabled { color:#838383; background:#f0f0f0; }
.certlib-window .widget-tab-contents, .certlib-window .jupyter-widget-tab-contents
  { padding:10px; background:#fff; overflow:hidden; }
</style>"""


class Window(widgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """A dialog: a title bar, a body, and buttons along its foot.

    Attributes:
        title: what stands in the title bar.
        buttons: all its buttons by what stands on them.
        behind: the window that it belongs to, if it is a dialog of another.
    """

    def __init__(
        self,
        title: str,
        body: list[widgets.Widget],
        feet: dict[str, Callable[[], None]],
        *,
        width: str,
        default: str = "",
    ) -> None:
        """Make a window, which is closed at first.

        Args:
            title: for its title bar.
            body: what it shows.
            feet: the buttons at its foot, and what each does; the cross in the
                title bar does what the last one does.
            width: in CSS.
            default: the button at its foot that has the thick frame.
        """
        self.title = title
        self.buttons = {name: button(name, act) for name, act in feet.items()}
        if default:
            self.buttons[default].button_style = "primary"
        name = widgets.HTML(escape(title), layout={"flex": "1"})
        cross = button("✕", list(feet.values())[-1])  # as the last button
        cross.tooltip, cross.layout.min_width = "Close", "34px"
        bar = widgets.HBox([name, cross], layout={"align_items": "center"})
        bar.add_class("certlib-titlebar")
        foot = widgets.HBox(list(self.buttons.values()))
        foot.add_class("certlib-foot")
        inner = widgets.VBox([*body, foot])
        inner.add_class("certlib-body")
        super().__init__([bar, inner], layout={"width": width, "display": "none"})
        self.add_class("certlib-window")
        self.behind: Window | None = None

    @property
    def opened(self) -> bool:
        """Whether it can be seen."""
        return bool(self.layout.display != "none")

    def appear(self) -> None:
        """Show it; what is behind it cannot be clicked on meanwhile."""
        self.layout.display = None
        if self.behind is not None:
            self.behind.add_class("certlib-behind")

    def vanish(self) -> None:
        """Take it away."""
        self.layout.display = "none"
        if self.behind is not None:
            self.behind.remove_class("certlib-behind")

    def click(self, name: str) -> None:
        """Click on one of its buttons.

        Raises:
            InputError: it has no such button, or the button is grey.
        """
        found = self.buttons.get(name)
        if found is None:
            raise InputError(
                f"the window {self.title!r} has no button {name!r}",
                fix=f"take one of {', '.join(self.buttons)}",
            )
        if found.disabled:
            raise InputError(
                f"the button {name!r} in the window {self.title!r} is grey",
                fix="choose what it belongs to first",
            )
        found.click()


class List(widgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """Lines of which one is selected, as in a list box, a table or a tree."""

    def __init__(
        self, on_select: Callable[[str], None], *, widths: Sequence[str], height: str
    ) -> None:
        """Make an empty list.

        Args:
            on_select: is told the key of a line that was clicked on.
            widths: of the columns, in CSS.
            height: in CSS.
        """
        super().__init__(layout={"height": height})
        self._on_select, self._widths = on_select, widths
        self._lines: dict[str, widgets.HBox] = {}
        self.add_class("certlib-list")

    def fill(self, lines: Mapping[str, Sequence[str]]) -> None:
        """Show other lines: their cells by key; none of them is selected."""
        self._lines = {key: self._line(key, cells) for key, cells in lines.items()}
        self.children = tuple(self._lines.values())

    def select(self, key: str) -> None:
        """Click on a line.

        Raises:
            InputError: there is no such line.
        """
        if key not in self._lines:
            raise InputError(
                f"{key} is not in the list",
                fix=f"take one of {', '.join(self._lines) or 'nothing: it is empty'}",
            )
        for other in self._lines.values():
            other.remove_class("certlib-selected")
        self._lines[key].add_class("certlib-selected")
        self._on_select(key)

    def _line(self, key: str, cells: Sequence[str]) -> widgets.HBox:
        made = [
            widgets.Button(
                description=text,
                tooltip=text.strip() or "(empty)",
                layout={"width": width},
                tabbable=number == 0,  # one stop a line for the keyboard
            )
            for number, (text, width) in enumerate(
                zip(cells, self._widths, strict=True)
            )
        ]
        for cell in made:
            cell.on_click(lambda _: self.select(key))
        line = widgets.HBox(made)
        line.add_class("certlib-line")
        return line


def beside(
    tree: List,
    names: Sequence[str],
    widths: Sequence[str],
    table: List,
    *,
    width: str,
) -> widgets.HBox:
    """Return a tree and a table with its heads, which goes below where it is narrow.

    Args:
        tree: to the left.
        names: of the table's columns.
        widths: of the table's columns, in CSS.
        table: to the right.
        width: of the tree, in CSS.
    """
    right = widgets.VBox([_heads(names, widths), table])
    tree.layout.flex, right.layout.flex = f"1 1 {width}", "100 1 440px"
    right.layout.min_width = "0"
    row = widgets.HBox([tree, right], layout=look.WRAPPED)
    row.add_class("certlib-beside")
    return row


def _heads(names: Sequence[str], widths: Sequence[str]) -> widgets.HTML:
    cells = "".join(
        f'<span style="flex:none;width:{width};padding:0 6px;box-sizing:border-box">'
        f"{escape(name)}</span>"
        for name, width in zip(names, widths, strict=True)
    )
    row = widgets.HTML(
        '<div style="display:flex;background:#fff;line-height:24px;'
        f'border:1px solid #828790;border-bottom:0">{cells}</div>'
    )
    row.add_class("certlib-heads")
    return row


def button(text: str, act: Callable[[], None]) -> widgets.Button:
    """Return a button that does something."""
    made = widgets.Button(description=text, layout={"width": "auto"})
    made.layout.min_width, made.layout.align_self = "78px", "flex-start"
    made.on_click(lambda _: act())
    return made


def group(title: str, children: Iterable[widgets.Widget]) -> widgets.VBox:
    """Return a frame with a title, as Windows groups inputs."""
    head = widgets.HTML(f'<span style="color:#003399">{escape(title)}</span>')
    made = widgets.VBox([head, *children])
    made.add_class("certlib-group")
    return made


def labelled(text: str, widget: widgets.Widget) -> widgets.HBox:
    """Return an input with its label to the left."""
    row = widgets.HBox(
        [widgets.HTML(escape(text), layout={"width": "150px"}), widget],
        layout={"align_items": "center"},
    )
    row.add_class("certlib-labelled")
    return row
