"""2-requesting as a person uses it: make a request, read what it says."""

from __future__ import annotations

import pytest

FORM = ".jp-OutputArea-output:has(button.jupyter-button)"


@pytest.fixture(scope="module")
def notebook(lab):
    page = lab.open("2-requesting.ipynb")
    page.run_all()
    return page


def test_what_waits_stands_in_a_list(notebook):
    notebook.panel.get_by_text("Pending requests").first.wait_for()
    notebook.panel.get_by_text("waiting at practice CA as number 1").first.wait_for()


def test_the_form_makes_a_request(notebook, pictures):
    notebook.fill("Server names", "lab.example.com, alias.example.com", nth=0)
    notebook.panel.get_by_text("CN = lab.example.com").wait_for()
    notebook.fill("Passphrase", "practice only", nth=0)
    notebook.click("Make it")
    notebook.panel.get_by_text("requests/lab.example.com/request.csr").wait_for()
    notebook.panel.get_by_text("The request is made.").scroll_into_view_if_needed()
    notebook.screenshot(pictures / "requesting.png", selector=FORM)
    assert (pictures / "requesting.png").stat().st_size > 10_000


def test_a_missing_answer_is_named_while_one_types(notebook):
    field = notebook.panel.locator(".certlib-field-answer input").last
    field.fill("nowhere.p7b")
    field.press("Tab")
    notebook.panel.get_by_text("nowhere.p7b is not there").wait_for()
    assert notebook.button("Join").last.is_disabled()
