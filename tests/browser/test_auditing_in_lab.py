"""6-auditing as a person uses it: the auditor's page inside JupyterLab."""

from __future__ import annotations

import pytest
import scenes
from playwright.sync_api import expect

from certlib import practice


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_board_answers_in_the_notebook(lab, tmp_path, pictures, dark):
    practice.files_to_audit(tmp_path / "files")
    notebook = lab.open("6-auditing.ipynb", dark=dark, width=900 if dark else 1400)
    notebook.keys = dark
    outside = scenes.follow_requests(notebook.page)
    notebook.run_all()
    assert [] == notebook.errors()
    board = notebook.panel.frame_locator("iframe[title=Audit]")
    board.get_by_label("Files and folders").fill(str(tmp_path / "files"))
    notebook.press(board.get_by_role("button", name="Audit", exact=True))
    expect(board.locator("#shown")).to_contain_text("8 rows of 8 results")
    notebook.press(board.locator("#table .open").first)
    expect(board.locator("#detail")).to_contain_text("What to do")
    theme = board.locator(":root").evaluate("e => getComputedStyle(e).colorScheme")
    assert ("dark" if dark else "light") == theme
    notebook.screenshot(pictures / f"board-in-lab-{'dark' if dark else 'light'}.png")
    wide = board.locator(":root").evaluate("e => e.scrollWidth - e.clientWidth")
    assert wide <= 0
    assert [] == outside
