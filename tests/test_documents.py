"""Documents: every form takes a file of the browser, a path as pasted, or its text."""

from __future__ import annotations

import json

import forge
import ipywidgets as widgets
import pytest
import seen
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import keys, requesting, stores
from certlib.bundles import Bundle
from certlib.clock import PRACTICE_TIME
from certlib.errors import InputError
from certlib.specs import CertificateSpec
from certlib.widgets import documents, look, pages
from certlib.widgets.importing import ImportForm
from certlib.widgets.inspecting import InspectingForm
from certlib.widgets.requesting import AnswerForm
from certlib.widgets.viewer import CertificateViewer

OWN = forge.leaf(private_key=keys.practice_key())
FORMS = ("inspecting", "importing", "joining")


@pytest.fixture
def made(tmp_path):
    """Make a form by name, with the field for paths, and what it is to be given."""

    def make(name):
        if name == "inspecting":
            return InspectingForm(at=forge.AT), "path", OWN.to_pem()
        if name == "importing":
            machine = stores.practice_machine(tmp_path / "stores")
            return ImportForm(machine), "file", OWN.to_pem()
        spec = CertificateSpec(("todd.example.com",))
        request = requesting.prepare(
            spec, tmp_path / "r", at=PRACTICE_TIME, passphrase="one"
        )
        answer = forge.chain(
            private_key=request.private_key("one"), san=["todd.example.com"]
        )
        form = AnswerForm(tmp_path / "r", at=forge.AT)
        form.fill(key_passphrase="one", pfx_passphrase="another")
        return form, "answer", Bundle(answer.leaf, chain=answer.chain).to_pem()

    return make


def chosen(data: bytes, name: str = "server.pem") -> dict[str, object]:
    return {
        "name": name,
        "type": "",
        "size": len(data),
        "content": memoryview(data),
        "last_modified": PRACTICE_TIME,
    }


@pytest.mark.parametrize("name", FORMS)
def test_a_form_takes_a_file_of_the_browser(made, name):
    form, _, data = made(name)
    form.fill(upload=(chosen(data),))
    assert form.submit() is not None
    assert () == form.values["upload"]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("around", ["{}", '"{}"', "\u202a{}", '  "{}" ', "‘{}’"])
def test_a_form_takes_a_path_as_it_is_pasted(made, name, around, tmp_path):
    form, field, data = made(name)
    path = tmp_path / "a file; of two parts.pem"
    path.write_bytes(data)
    form.fill(**{field: around.format(path)})
    assert form.submit() is not None


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("lines", ["\n", ""])
def test_a_form_takes_a_text_and_forgets_it(made, name, lines):
    form, field, data = made(name)
    # A browser drops the ends of lines that are pasted into one line.
    form.fill(**{field: data.decode().replace("\n", lines)})
    assert "PRIVATE KEY" not in form.picture()
    assert form.submit() is not None
    assert "" == form.values[field]
    assert "PRIVATE KEY" not in json.dumps(form._repr_mimebundle_()[0])


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_given_nothing_says_so(made, name):
    form, _, _ = made(name)
    with pytest.raises(InputError, match="no file is chosen"):
        form.submit()


def test_what_a_path_or_text_is_stands_below_it(tmp_path):
    path = tmp_path / "a.cer"
    path.write_bytes(b"x")
    assert "is there" == documents.meaning(str(path))
    assert "2 files" == documents.meaning(f"{path}; {path}")
    assert "pasted" == documents.meaning(OWN.leaf.public_bytes(Encoding.PEM).decode())
    assert "" == documents.meaning(" ")


# What strangers wrote

EVIL = "a<b>\u202egnp.exe\x1b[31m\nnext"


@pytest.mark.parametrize(
    "html",
    [
        look.note(EVIL),
        look.box(EVIL),
        look.card(EVIL, ""),
        look.listed([EVIL]),
        look.table([(EVIL, EVIL)]),
    ],
    ids=["note", "box", "card", "listed", "table"],
)
def test_nothing_in_a_widget_is_more_than_text(html):
    assert r"a&lt;b&gt;\u202egnp.exe\x1b[31m\nnext" in html


def test_the_viewer_shows_what_cannot_be_seen():
    subject = forge.x500(CN=EVIL)
    viewer = CertificateViewer(forge.leaf(subject=subject), at=forge.AT)
    viewer.select("Subject")
    rows = [button.description for button in seen.every(viewer, widgets.Button)]
    for shown in (seen.html(viewer), viewer.picture(), viewer.value, *rows):
        assert not {"\u202e", "\x1b"} & set(shown)
    assert r"a&lt;b&gt;\u202egnp.exe\x1b[31m\nnext" in pages.general_tab(
        viewer.view.general
    )
