"""Architecture: the page says what the code is."""

from __future__ import annotations

import picture


def test_the_picture_is_drawn_from_todays_imports() -> None:
    text = picture.PAGE.read_text(encoding="utf-8")
    assert "<!-- drawn by tests/picture.py -->" in text
    assert picture.drawn_into(text) == text, "run: uv run python tests/picture.py"


def test_all_arrows_of_the_picture_point_down() -> None:
    graph = picture.arrows()
    place = {room: n for n, room in enumerate(picture.in_order(graph))}
    wrong = {(a, b) for a, below in graph.items() for b in below if place[b] < place[a]}
    assert set() == wrong
