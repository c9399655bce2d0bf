"""The certificate viewer in a real JupyterLab, as a person uses it."""

from __future__ import annotations

import forge
import pytest

BOX = ".certlib-viewer textarea"


@pytest.fixture(scope="module")
def notebook(lab):
    opened = lab.open("3-inspecting.ipynb")
    opened.run_all()
    return opened


def test_no_cell_failed(notebook):
    assert [] == notebook.errors()


def test_the_common_name_is_in_details_subject(notebook, pictures):
    notebook.tab("General")
    notebook.wait_for_text("Ensures the identity of a remote computer")
    notebook.tab("Details")
    notebook.click("Issuer")
    notebook.click("Subject")
    notebook.wait_for_value(BOX, "CN = todd.example.com")
    notebook.screenshot(pictures / "viewer.png", selector=".certlib-viewer")
    assert (pictures / "viewer.png").stat().st_size > 10_000


def test_the_filter_leaves_the_critical_extensions(notebook):
    notebook.tab("Details")
    notebook.choose("Show:", "Critical Extensions Only")
    rows = notebook.panel.locator(".certlib-viewer").first.locator(".certlib-row")
    rows.filter(has_text="Version").first.wait_for(state="detached")
    visible = [text.split("\t")[0].strip() for text in rows.all_inner_texts()]
    assert ["Basic Constraints", "Key Usage"] == [text for text in visible if text][:2]
    notebook.click("Key Usage")
    notebook.wait_for_value(BOX, "Digital Signature, Key Encipherment (a0)")
    notebook.choose("Show:", "<All>")


def test_a_copy_is_written_once(notebook):
    notebook.tab("Details")
    notebook.click("Copy to File")
    name = notebook.panel.locator(".certlib-viewer input[type=text]").first
    name.fill("copy.cer")
    name.press("Enter")
    notebook.click("Save")
    notebook.wait_for_text("written: copy.cer")
    notebook.click("Save")
    notebook.wait_for_text("copy.cer exists already and is left as it is")


def test_a_file_is_uploaded_and_judged(notebook, tmp_path):
    path = tmp_path / "board.pfx"
    forge.leaf(san=["board.example.com"], common_name="board.example.com").write(
        path, passphrase="sesame"
    )
    notebook.upload("Choose a file", path)
    notebook.fill("Passphrase", "sesame")
    notebook.fill("Server name", "board.example.com")
    notebook.click("Inspect")
    notebook.wait_for_text("SAN and CN name board.example.com.")
    assert "" == notebook.text("input[type=password]")


def test_a_wrong_passphrase_says_what_to_do(notebook, tmp_path):
    path = tmp_path / "locked.pfx"
    forge.leaf().write(path, passphrase="sesame")
    notebook.upload("Choose a file", path)
    notebook.fill("Passphrase", "wrong")
    notebook.click("Inspect")
    notebook.wait_for_text("the passphrase does not open locked.pfx")
