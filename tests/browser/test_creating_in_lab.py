"""1-creating as a person uses it: run all, type into the form, press the button."""

from __future__ import annotations

import pytest

# The first form makes a real certificate, with a fresh key.
FORM = ".jp-OutputArea-output:has(button.jupyter-button) >> nth=0"


@pytest.fixture(scope="module")
def notebook(lab):
    page = lab.open("1-creating.ipynb")
    page.run_all()
    return page


def test_a_wrong_name_is_named_while_one_types(notebook):
    notebook.fill("Server names", "todd.example.com:8165")
    notebook.panel.get_by_text("✗ 'todd.example.com:8165'").wait_for()
    assert notebook.button("Create").first.is_disabled()


def test_the_form_creates_a_certificate(notebook, pictures):
    notebook.fill("Server names", "lab.example.com, lab")
    notebook.panel.get_by_text("CN = lab.example.com").wait_for()
    notebook.fill("File", "lab.pfx")
    notebook.fill("Passphrase", "practice only")
    notebook.click("Create")
    notebook.panel.get_by_text("The certificate is made.").first.wait_for()
    notebook.panel.get_by_text("CN=lab.example.com").wait_for()
    notebook.panel.get_by_role("link", name="Download lab.pfx").wait_for()
    notebook.screenshot(pictures / "creating.png", selector=FORM)
    assert (pictures / "creating.png").stat().st_size > 10_000
