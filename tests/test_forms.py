"""Forms: checked while one types, driven without a person, silent about secrets."""

from __future__ import annotations

import json
import re
import threading
from datetime import timedelta

import forge
import ipywidgets as widgets
import pytest
import seen

from certlib import keys, stores
from certlib.bundles import Bundle
from certlib.clock import PRACTICE_TIME
from certlib.errors import InputError, PassphraseError, StoreError
from certlib.stores import PERSONAL
from certlib.widgets import fields, forms, look
from certlib.widgets.creating import creating_form
from certlib.widgets.forms import Field, Form
from certlib.widgets.importing import ImportForm
from certlib.widgets.inspecting import InspectingForm

SECRET = "correct horse <battery>"


def number(text):
    if not text.isdigit():
        raise InputError(f"{text!r} is not a number", fix="type digits")
    return f"that is {text}"


def make(action=lambda values: values["n"]):
    fields = [
        Field("n", "Number", widgets.Text("1"), number),
        Field("secret", "Passphrase", widgets.Password()),
    ]
    return Form("Count", fields, "Go", action)


def test_a_wrong_value_is_named_at_once_and_the_button_is_off():
    form = make()
    form.fill(n="one")
    assert "is not a number; type digits" in seen.html(form)
    assert seen.button(form, "Go").disabled
    with pytest.raises(InputError, match="'one' is not a number"):
        form.submit()
    form.fill(n="2")
    assert not seen.button(form, "Go").disabled
    assert "2" == form.submit()


def test_the_button_is_grey_until_one_of_what_is_needed_is_given():
    first, second = widgets.Text(), widgets.Text()
    fields = [
        Field("file", "File", first, needed="file"),
        Field("path", "or its path", second, needed="file"),
    ]
    go = seen.button(form := Form("Read", fields, "Go", dict), "Go")
    assert go.disabled
    for field in (first, second):
        field.value = "a.pfx"
        assert not go.disabled
        field.value = ""
        assert go.disabled
    assert {"file": "", "path": ""} == form.submit()  # code is told by the action


def _luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_practice_is_readable_in_a_stored_notebook_whatever_its_theme():
    shown = look.picture("Read", practice=PRACTICE_TIME)
    # JupyterLab takes away what is neither a name nor a number of a colour.
    (ground,) = re.findall("background-color:(#[0-9a-f]{6});color:#fff", shown)
    assert 4.5 <= 1.05 / (_luminance(ground) + 0.05)


def test_a_verdict_greys_out_as_soon_as_something_changes():
    form = make()
    form.submit()
    assert "certlib-stale" not in seen.html(form)
    form.fill(n="2")
    assert "certlib-stale" in seen.html(form)
    form.fill(n="3")
    assert 1 == seen.html(form).count("certlib-stale")
    form.submit()
    assert "certlib-stale" not in seen.html(form)


def test_what_a_form_led_to_greys_out_with_its_verdict():
    led = widgets.HTML("on")
    field = Field("n", "Number", widgets.Text("1"), number)
    form = Form("Count", [field], "Go", dict, leads=lambda result: [led])
    form.submit()
    (box,) = [b for b in seen.every(form, widgets.VBox) if led in b.children]
    assert "certlib-before" not in box._dom_classes
    form.fill(n="2")
    assert "certlib-before" in box._dom_classes
    form.submit()
    assert "certlib-before" not in box._dom_classes


def test_an_error_of_the_action_is_shown_and_raised():
    def refuse(values):
        raise InputError("the <door> is shut", fix="knock")

    form = make(refuse)
    with pytest.raises(InputError, match="shut"):
        form.submit()
    assert "the &lt;door&gt; is shut" in seen.html(form)
    assert form.result is None


def test_the_passphrase_is_handed_on_and_forgotten():
    taken = []
    form = make(lambda values: taken.append(values["secret"]))
    form.fill(secret=SECRET)
    form.submit()
    assert [SECRET] == taken
    assert "" == form.values["secret"]


def test_no_passphrase_in_what_a_notebook_would_store():
    form = make(lambda values: "done")
    form.fill(secret=SECRET)
    data, _ = form._repr_mimebundle_()
    assert {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"} <= (
        data.keys()
    )
    assert SECRET not in json.dumps(data)
    assert "horse" not in json.dumps(data)


def test_the_text_of_a_form_is_constant():
    assert "<Form: Count>" == repr(make())


@pytest.fixture
def creating(tmp_path):
    return creating_form(
        tmp_path, at=PRACTICE_TIME, private_key=keys.practice_key(), serial_number=7
    )


def test_creating_writes_a_file_that_only_the_passphrase_opens(creating, tmp_path):
    creating.fill(server_names="a.example.com, a", passphrase=SECRET)
    bundle = creating.submit()
    read = Bundle.read(tmp_path / "server.pfx", passphrase=SECRET)
    assert bundle.thumbprint == read.thumbprint
    with pytest.raises(PassphraseError):
        Bundle.read(tmp_path / "server.pfx", passphrase="wrong")


def test_creating_wants_a_passphrase(creating, tmp_path):
    creating.fill(server_names="a.example.com")
    with pytest.raises(PassphraseError, match="needs a passphrase"):
        creating.submit()
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("passphrase", "warned"), [("Correct horse", False), ("Pässwörter-12", True)]
)
def test_a_passphrase_that_java_does_not_take_is_said(creating, passphrase, warned):
    creating.fill(passphrase=passphrase)
    assert warned == ("Java opens no PFX file" in seen.html(creating))


def test_who_opens_no_pfx_with_aes_is_said_where_nobody_can_choose():
    said = fields.pfx_passphrase_meaning("Correct horse")
    assert "Windows Server 2016 and older" in said
    assert "" == fields.pfx_passphrase_meaning("")


@pytest.mark.parametrize("name", ["../x.pfx", "x.txt", "", "/tmp/x.pfx"])
def test_creating_stays_in_its_folder(creating, name):
    creating.fill(server_names="a.example.com", file=name)
    with pytest.raises(InputError, match="not the name of a PFX file"):
        creating.submit()


def test_creating_never_replaces_unless_told(creating):
    creating.fill(server_names="a.example.com", passphrase=SECRET)
    creating.submit()
    creating.fill(passphrase=SECRET)
    with pytest.raises(InputError, match="exists already"):
        creating.submit()
    creating.fill(passphrase=SECRET, replace=True)
    creating.submit()


@pytest.fixture
def importing(tmp_path):
    bundle = forge.leaf(private_key=keys.practice_key())
    bundle.write(tmp_path / "server.pfx", passphrase=SECRET)
    machine = stores.practice_machine(tmp_path / "stores")
    return ImportForm(machine, str(tmp_path / "server.pfx")), machine, bundle


def test_importing_plans_first(importing):
    form, machine, _ = importing
    with pytest.raises(InputError, match="no plan yet"):
        form.carry_out()
    form.fill(passphrase=SECRET)
    form.submit()
    assert [] == list(machine.open(PERSONAL))
    form.carry_out()
    assert 1 == len(list(machine.open(PERSONAL)))


def test_a_changed_field_makes_the_plan_void(importing):
    form, _, _ = importing
    form.fill(passphrase=SECRET)
    form.submit()
    form.fill(exportable=True)
    with pytest.raises(InputError, match="no plan yet"):
        form.carry_out()


def test_a_certificate_and_the_key_beside_it_are_imported_together(importing, tmp_path):
    form, _, bundle = importing
    (tmp_path / "s.cer").write_bytes(bundle.to_der())
    (tmp_path / "s.key").write_bytes(keys.write_private_key(bundle.private_key))
    form.fill(file=str(tmp_path / "s.cer"), key=str(tmp_path / "s.key"))
    plan = form.submit()
    assert bundle.thumbprint == plan.steps[-1].bundle.thumbprint
    assert "with its private key" in str(plan)


def test_the_key_of_an_authority_has_to_be_meant(importing, tmp_path):
    form, _, _ = importing
    forge.ca().write(tmp_path / "ca.pfx", passphrase="ca")
    form.fill(file=str(tmp_path / "ca.pfx"), passphrase="ca")
    with pytest.raises(InputError, match="is a certification authority"):
        form.submit()
    form.fill(passphrase="ca", ca_key=True)
    assert "with its private key" in str(form.submit())


def test_two_files_are_looked_at_together(tmp_path):
    bundle = forge.leaf()
    (tmp_path / "s.cer").write_bytes(bundle.to_der())
    (tmp_path / "s.key").write_bytes(keys.write_private_key(bundle.private_key))
    form = InspectingForm(str(tmp_path / "s.cer"), at=forge.AT)
    form.fill(key=str(tmp_path / "s.key"))
    assert True is form.submit().private_key


def test_a_wrong_passphrase_is_said(importing):
    form, _, _ = importing
    form.fill(passphrase="wrong")
    with pytest.raises(PassphraseError, match=r"does not open server\.pfx"):
        form.submit()


@pytest.mark.parametrize("path", ["a" * 5000, "a\0b"])
def test_a_path_that_no_file_can_have_is_not_there(importing, path):
    form, _, _ = importing
    form.fill(file=path)
    with pytest.raises(InputError, match="is not there"):
        form.submit()


def test_the_real_store_is_out_of_reach_in_tests(importing):
    form, _, _ = importing
    form.fill(passphrase=SECRET, machine="real")
    with pytest.raises(StoreError, match="only the practice store"):
        form.submit()


def until_forgotten():
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.interval < 1:
            thread.join(10)


def test_what_nobody_submits_is_forgotten(monkeypatch):
    monkeypatch.setattr(forms, "HELD", timedelta(seconds=0.05))
    form = make()
    form.fill(n="2", secret="typed and left")
    until_forgotten()
    assert {"n": "2", "secret": ""} == form.values
    assert "typed and left" not in json.dumps(
        widgets.Widget.get_manager_state(), default=str
    )


def test_a_file_that_nobody_submits_is_forgotten(monkeypatch):
    monkeypatch.setattr(forms, "HELD", timedelta(seconds=0.05))
    upload = widgets.FileUpload()
    form = Form("Read", [Field("file", "File", upload)], "Go", lambda values: None)
    chosen = {"name": "a.pfx", "type": "", "size": 6, "content": b"secret"}
    upload.set_trait("value", ({**chosen, "last_modified": PRACTICE_TIME},))
    until_forgotten()
    assert () == form.fields["file"].widget.value
