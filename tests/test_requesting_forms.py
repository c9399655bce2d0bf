"""Requesting through its forms."""

from __future__ import annotations

import forge
import ipywidgets as widgets
import pytest
import seen
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import keys, requesting
from certlib.bundles import Bundle
from certlib.errors import InputError, PassphraseError
from certlib.issuers.by_hand import ByHand
from certlib.widgets.requesting import AnswerForm, PendingPanel, request_form

AT = forge.AT


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "requests"


def make(folder, **changes):
    form = request_form(folder, at=AT, private_key=keys.practice_key("ecdsa"))
    values = {"server_names": "TODD.example.com; a.example.com", "passphrase": "secret"}
    form.fill(**values | changes)
    return form, form.submit()


def test_the_form_makes_a_request_and_forgets_the_passphrase(folder):
    form, request = make(folder, friendly_name="TLS")

    assert ("todd.example.com", "a.example.com") == request.spec.server_names
    assert request.private_key("secret") is not None
    assert "" == form.values["passphrase"]
    assert "secret" not in form.picture()
    assert "BEGIN CERTIFICATE REQUEST" in form.picture()
    assert "PRIVATE KEY" not in form.picture()


def test_the_form_wants_a_passphrase_and_a_name(folder):
    form = request_form(folder, at=AT)
    form.fill(server_names="todd.example.com")
    with pytest.raises(PassphraseError):
        form.submit()
    form.fill(server_names="todd/path")
    with pytest.raises(InputError, match="it is a URL"):
        form.submit()

    assert not folder.exists()


def test_a_second_request_has_to_be_asked_for(folder):
    make(folder)
    with pytest.raises(InputError, match="already"):
        make(folder)

    _, request = make(folder, again=True)

    assert "todd.example.com~2" == request.name


def test_what_waits_is_listed(folder):
    assert "No request waits" in PendingPanel(folder).picture()

    make(folder)

    panel = PendingPanel(folder)
    assert "<PendingPanel: Pending requests>" == repr(panel)
    assert "not submitted" in panel.picture()


def test_a_request_whose_order_is_closed_is_withdrawn(folder, tmp_path):
    _, request = make(folder)
    panel = PendingPanel(folder)
    assert [()] == [d.options for d in seen.every(panel, widgets.Dropdown)]
    requesting.submit(request, ByHand(tmp_path / "exchange"), at=AT)
    panel.renew()
    seen.button(panel, "Withdraw").click()
    assert "todd.example.com can be submitted again" in seen.html(panel)
    (waiting,) = requesting.pending(folder)
    assert waiting.submission is None
    with pytest.raises(InputError, match="no request other waits"):
        panel.withdraw("other")


def test_the_answer_becomes_a_pfx_file(folder, tmp_path):
    _, request = make(folder)
    answer = forge.chain(
        private_key=request.private_key("secret"), san=request.spec.server_names
    )
    (tmp_path / "leaf.cer").write_bytes(answer.to_der())
    chain = b"".join(c.public_bytes(Encoding.PEM) for c in answer.chain)
    (tmp_path / "chain.pem").write_bytes(chain)

    form = AnswerForm(folder, at=AT)
    form.fill(answer=f"{tmp_path / 'leaf.cer'}; {tmp_path / 'chain.pem'}")
    form.fill(key_passphrase="secret", pfx_passphrase="another")
    bundle = form.submit()

    assert form.file == request.folder / "todd.example.com.pfx"
    written = Bundle.read(form.file, passphrase="another")
    assert written.certificates == bundle.certificates == answer.certificates
    assert "secret" not in form.picture() + str(form.values)
    assert [] == requesting.pending(folder)


def test_a_wrong_passphrase_writes_no_file(folder, tmp_path):
    _, request = make(folder)
    answer = forge.chain(
        private_key=request.private_key("secret"), san=request.spec.server_names
    )
    (tmp_path / "leaf.cer").write_bytes(answer.to_der())
    form = AnswerForm(folder, at=AT)
    form.fill(answer=str(tmp_path / "leaf.cer"))
    form.fill(key_passphrase="wrong", pfx_passphrase="another")

    with pytest.raises(PassphraseError):
        form.submit()

    assert form.file is None
    assert not list(request.folder.glob("*.pfx"))


def test_a_missing_answer_is_said_while_typing(folder, tmp_path):
    form = AnswerForm(folder, at=AT)
    for answer in (str(tmp_path / "nothing.cer"), "x" * 5000, "a\0b"):
        form.fill(answer=answer)
        with pytest.raises(InputError, match="is not there"):
            form.submit()
