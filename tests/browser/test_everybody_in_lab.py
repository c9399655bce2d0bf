"""Forms, viewer, store and Designer in JupyterLab: for everybody's eyes and hands."""

from __future__ import annotations

import pytest
import scenes
from playwright.sync_api import expect

OUTPUTS = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output"


def test_what_was_only_opened_is_not_unsaved(lab):
    notebook = lab.open("0-start-here.ipynb")
    expect(notebook.page.locator(".jp-mod-dirty")).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "name",
    [
        "0-start-here",
        "1-creating",
        "2-requesting",
        "3-inspecting",
        "4-importing",
        "5-integrating",
        "7-diagnosing",
    ],
)
def test_nothing_serious_stands_against_it(lab, pictures, name, dark):
    notebook = lab.open(f"{name}.ipynb", dark=dark)
    outside = scenes.follow_requests(notebook.page)
    notebook.run_all()
    assert [] == notebook.errors()
    assert [] == scenes.grave(notebook.page, OUTPUTS)
    assert [] == outside


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_viewer_by_keyboard(lab, pictures, dark):
    notebook = lab.open("3-inspecting.ipynb", dark=dark)
    notebook.run_all()
    notebook.tab("Details")
    lines = notebook.panel.locator(".certlib-viewer").first.locator(".certlib-row")
    lines.nth(0).focus()
    for _ in range(2):
        notebook.page.keyboard.press("ArrowDown")
    expect(lines.nth(2)).to_be_focused()
    expect(lines.nth(2)).to_contain_text("Signature algorithm")
    expect(notebook.panel.locator(".certlib-viewer textarea").first).not_to_have_value(
        ""
    )
    notebook.page.keyboard.press("ArrowUp")
    expect(lines.nth(1)).to_be_focused()
    # Letters are for the list and the fields: Lab's "b" would add a cell.
    cells = notebook.panel.locator(".jp-Cell").count()
    notebook.page.keyboard.press("b")
    assert cells == notebook.panel.locator(".jp-Cell").count()
    assert [] == scenes.grave(notebook.page, OUTPUTS)
    picture = pictures / f"viewer-details-{'dark' if dark else 'light'}.png"
    notebook.screenshot(picture, selector=".certlib-viewer")


@pytest.mark.parametrize("zoom", [1.0, 1.25])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_window_of_the_designer_is_not_cut_off(lab, pictures, dark, zoom):
    notebook = lab.open("5-integrating.ipynb", dark=dark)
    page = notebook.page
    # What a browser shows at a zoom is a page that is so much smaller.
    page.set_viewport_size({"width": int(900 / zoom), "height": int(900 / zoom)})
    notebook.run_all()
    desktop = page.locator(".certlib-desktop").first
    desktop.get_by_text("HTTPS - Unrestricted", exact=True).click()
    select = desktop.locator("button:visible", has_text="Select X.509")
    select.click()
    window = page.locator(".certlib-dialog", has_text="Edit certificate location")
    cancel = window.get_by_role("button", name="Cancel").locator("visible=true")
    cancel.scroll_into_view_if_needed()
    box, width = cancel.bounding_box(), page.viewport_size["width"]
    page.screenshot(path=pictures / f"designer-{dark}-{zoom}.png")
    assert 0 == desktop.evaluate("e => e.scrollLeft")
    assert box["x"] >= 0
    assert width >= box["x"] + box["width"]
    page.keyboard.press("Escape")
    expect(window.locator("visible=true")).to_have_count(0)
