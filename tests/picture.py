"""Picture: which room imports which, as docs/explanation/architecture.md shows it.

``python tests/picture.py`` draws it anew in that file.
"""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

from test_layers import LAYERS, MODULES, ROOT, imports, layer, part

PAGE = ROOT / "docs" / "explanation" / "architecture.md"

_BLOCK = re.compile(
    r"(?<=<!-- drawn by tests/picture.py -->\n).*?(?=<!-- end of the picture -->)",
    re.DOTALL,
)


def drawn_into(text: str) -> str:
    """Return a text with the picture in its place."""
    return _BLOCK.sub(lambda _: f"```\n{picture()}\n```\n", text)


def picture() -> str:
    """Return a square of all rooms: a row has an x for each room that it imports.

    The rooms stand in an order in which each only needs later ones, so that
    everything lies right of the diagonal.
    """
    graph = arrows()
    rooms = in_order(graph)
    width = max(map(len, rooms))
    lines = [" " * (width + 12) + "".join(f"{n:>3}" for n in range(1, len(rooms) + 1))]
    before = ""
    for number, room in enumerate(rooms, start=1):
        level = layer(f"certlib.{room}")
        marks = (mark(room, other, graph) for other in rooms)
        label = "" if level == before else level
        line = f"{label:<7}{number:>3}  {room:<{width}}{''.join(marks)}"
        lines.append(line.rstrip())
        before = level
    count = sum(map(len, graph.values()))
    return "\n".join([*lines, "", f"{len(rooms)} rooms, {count} arrows"])


def mark(room: str, other: str, graph: dict[str, set[str]]) -> str:
    """Return what stands in a row and column."""
    return "  x" if other in graph[room] else "  ." if other == room else "   "


def arrows() -> dict[str, set[str]]:
    """Return the rooms and what each imports of the others."""
    graph: dict[str, set[str]] = {}
    for module in MODULES:
        if (room := part(module)) and room != "__main__":
            needed = {part(n) for n in imports(module) if n.startswith("certlib.")}
            graph.setdefault(room, set()).update(needed - {room, ""})
    return graph


def in_order(graph: dict[str, set[str]]) -> list[str]:
    """Return the rooms, faces first, each before those that it needs."""
    needed_first = TopologicalSorter({r: sorted(graph[r]) for r in sorted(graph)})
    rooms = list(needed_first.static_order())
    rooms.reverse()
    levels = [*reversed(LAYERS)]
    return sorted(rooms, key=lambda room: levels.index(layer(f"certlib.{room}")))


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    Path(PAGE).write_text(drawn_into(text), encoding="utf-8")
