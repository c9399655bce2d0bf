"""Windows: dialogs in a notebook that look like those of a Windows program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

import ipywidgets as widgets

from certlib.errors import InputError
from certlib.widgets import look

# A dialog of the Designer is light whatever the theme around it.
STYLE = look.style("dialogs.css")


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
