"""The certificate viewer and the inspecting form, driven without a browser."""

import json
import re

import forge
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from forge import AT

from certlib import files, inspecting, keys
from certlib.bundles import Bundle
from certlib.errors import InputError, PassphraseError
from certlib.inspecting import views
from certlib.widgets.inspecting import inspecting_form
from certlib.widgets.viewer import CertificateViewer

PASSPHRASE = "correct horse"


def viewer(thing=None, **options):
    return CertificateViewer(thing or forge.leaf(), **{"at": AT} | options)


def everything_shown(widget):
    """Return the state of a widget and of all below it, as the browser gets it."""
    states = [widget.get_state()]
    for child in getattr(widget, "children", ()):
        states += everything_shown(child)
    return states


# --- the viewer


def test_the_common_name_is_found_where_the_documents_say():
    opened = viewer()
    assert "General" == opened.tab
    assert "CN = server.example.com" == opened.select("Subject")
    assert ("Details", "CN = server.example.com") == (opened.tab, opened.value)


def test_a_field_is_found_without_regard_to_case():
    assert "DNS Name=server.example.com" == viewer().select("subject alternative name")


def test_the_list_show_filters_and_empties_the_box():
    opened = viewer()
    opened.select("Subject")
    assert ("Basic Constraints", "Key Usage") == opened.show("Critical Extensions Only")
    assert "" == opened.value


def test_a_field_that_the_filter_hides_cannot_be_selected():
    opened = viewer()
    opened.show("Properties Only")
    with pytest.raises(InputError, match="hides the field 'Subject'"):
        opened.select("Subject")


@pytest.mark.parametrize(
    ("name", "expected"), [("a.cer", 1), ("a.pem", 3), ("a.p7b", 3)]
)
def test_a_copy_holds_the_certificates_and_never_the_key(tmp_path, name, expected):
    bundle = forge.chain()
    path = viewer(bundle).copy_to(tmp_path / name)
    copy = Bundle.read(path)
    assert (bundle.leaf, None, expected) == (
        copy.leaf,
        copy.private_key,
        len(copy.certificates),
    )


def test_a_copy_of_a_request(tmp_path):
    request = forge_request()
    path = viewer(request).copy_to(tmp_path / "a.req")
    assert request == x509.load_pem_x509_csr(path.read_bytes())


@pytest.mark.parametrize("name", ["a.pfx", "a.key", "a", "a.txt"])
def test_a_copy_is_of_a_kind_without_private_key(tmp_path, name):
    with pytest.raises(InputError, match=r"end the name in \.cer or \.pem or \.p7b"):
        viewer().copy_to(tmp_path / name)


def test_a_copy_without_a_name_is_refused():
    with pytest.raises(InputError, match="an empty text names no file"):
        viewer().copy_to("")


def test_a_private_key_is_not_copied(tmp_path):
    with pytest.raises(InputError, match="a private key is not copied from here"):
        viewer(forge.key()).copy_to(tmp_path / "a.pem")
    assert [] == list(tmp_path.iterdir())


def test_a_file_that_is_there_stays_as_it_is(tmp_path):
    path = tmp_path / "a.cer"
    path.write_bytes(b"precious")
    with pytest.raises(InputError, match="exists already"):
        viewer().copy_to(path)
    assert b"precious" == path.read_bytes()


def test_an_issuer_opens_in_a_viewer_of_its_own():
    opened = viewer(forge.chain())
    opened.choose("Example Issuing CA")
    issuer = opened.view_certificate()
    assert "CN = Example Issuing CA" == issuer.select("Subject")
    assert ["Example Root CA", "Example Issuing CA"] == [
        step.name for step in issuer.view.path
    ]


def test_the_status_of_a_step_of_the_path():
    opened = viewer(forge.chain())
    assert views.OK == opened.choose("server.example.com")
    assert views.NOT_A_TRUSTED_ROOT == opened.choose("Example Root CA")
    with pytest.raises(InputError, match="no 'Nobody' in the certification path"):
        opened.choose("Nobody")


def forge_request():
    builder = x509.CertificateSigningRequestBuilder()
    name = forge.x500(CN="todd.example.com")
    return builder.subject_name(name).sign(forge.key(), forge.hashes.SHA256())


@pytest.mark.parametrize(
    "thing",
    [
        forge_request(),
        forge.key(),
        forge.chain(),
        forge.leaf(subject=forge.x500(), san=None),
        x509.load_der_x509_certificate(forge.with_unreadable_extensions()),
    ],
    ids=["request", "key", "chain", "nameless", "unreadable"],
)
def test_everything_that_can_be_read_can_be_viewed(thing):
    opened = viewer(thing)
    for field in opened.view.details:
        assert field.value == opened.select(field.name)
    assert opened.picture()


def test_an_extension_that_is_there_twice_is_shown_twice():
    numbers = [x509.ObjectIdentifier(f"1.2.3.4.{last}") for last in (5, 6)]
    extra = [(x509.UnrecognizedExtension(n, b"\x05\x00"), False) for n in numbers]
    data = forge.damaged(
        forge.leaf(extra=extra),
        b"\x06\x04\x2a\x03\x04\x06",
        b"\x06\x04\x2a\x03\x04\x05",
    )
    opened = viewer(x509.load_der_x509_certificate(data))
    assert 2 == opened.show("Extensions Only").count("1.2.3.4.5")


# --- what stands in a stored notebook


def test_the_twin_shows_the_three_tabs_and_the_selected_field():
    opened = viewer()
    opened.select("Subject")
    text = re.sub(r"<[^>]+>", "\n", opened.picture())
    for expected in ("General", "Details", "Certification Path", "CN = server.exam"):
        assert expected in text


def test_texts_of_a_certificate_are_not_html():
    evil = "<img src=x onerror=alert(1)>"
    opened = viewer(forge.leaf(common_name=evil, friendly_name=evil))
    opened.select("Subject")
    form = inspecting_form(at=AT)
    assert "<img" not in opened.picture() + form.picture()
    for state in everything_shown(opened):
        assert state["_model_name"] != "HTMLModel" or "<img" not in state["value"]


def test_no_private_key_is_in_the_widget_or_its_picture():
    key = forge.key()
    pem = keys.write_private_key(key).decode().splitlines()[5]
    number = f"{key.private_numbers().d:x}"
    for thing in (forge.leaf(private_key=key), key):
        opened = viewer(thing)
        bundle, _ = opened._repr_mimebundle_()
        shown = json.dumps([bundle, everything_shown(opened)], default=str)
        shown = shown.replace(" ", "")
        assert pem not in shown
        assert number not in shown


# --- the form


def fill(form, **values):
    form.fill(passphrase=PASSPHRASE, **values)
    return form.submit()


@pytest.fixture
def pfx(tmp_path):
    path = tmp_path / "server.pfx"
    forge.leaf().write(path, passphrase=PASSPHRASE)
    return path


def test_a_right_certificate_has_no_findings(pfx):
    form = inspecting_form(str(pfx), at=AT)
    summary = fill(form, server_name="server.example.com")
    assert (("server.example.com",), ()) == (summary.dns_names, form.findings)
    assert "CN = server.example.com" == form.viewer.select("Subject")


def test_a_wrong_name_is_found(pfx):
    form = inspecting_form(str(pfx), at=AT)
    fill(form, server_name="other.example.com")
    assert ["san-without-server-name", "common-name-without-server-name"] == [
        finding.rule for finding in form.findings
    ]


def test_the_server_name_is_checked_while_one_types(pfx):
    form = inspecting_form(str(pfx), at=AT)
    form.fill(server_name="server.example.com/")
    with pytest.raises(InputError, match="it is a URL"):
        form.submit()


def test_without_a_file_the_form_says_so():
    with pytest.raises(InputError, match="no file is chosen"):
        inspecting_form(at=AT).submit()


def test_after_an_error_nothing_of_the_last_file_is_left(pfx):
    form = inspecting_form(str(pfx), at=AT)
    fill(form, server_name="other.example.com")
    form.fill(passphrase="wrong")
    with pytest.raises(PassphraseError):
        form.submit()
    assert (None, None, ()) == (form.result, form.viewer, form.findings)


def test_an_uploaded_file_is_read_and_not_kept(pfx):
    form = inspecting_form(at=AT)
    upload = {
        "name": "sent.pfx",
        "type": "",
        "size": pfx.stat().st_size,
        "content": memoryview(pfx.read_bytes()),
        "last_modified": AT,
    }
    assert fill(form, upload=(upload,)).private_key
    assert ((), "") == (form.values["upload"], form.values["passphrase"])


def test_an_uploaded_file_has_a_limit():
    form = inspecting_form(at=AT)
    upload = {
        "name": "huge.bin",
        "type": "",
        "size": files.MAX_SIZE + 1,
        "content": memoryview(bytes(files.MAX_SIZE + 1)),
        "last_modified": AT,
    }
    form.fill(upload=(upload,))
    with pytest.raises(InputError, match=r"huge\.bin"):
        form.submit()


def test_an_empty_server_name_compares_cn_and_san():
    form = inspecting_form(at=AT)
    summary = inspecting.summarize(forge.leaf(common_name="old", san=["new.local"]))
    found = inspecting.check_names(summary, "", at=AT)
    assert ["common-name-without-server-name"] == [finding.rule for finding in found]
    assert "" == form.values["server_name"]


def test_a_request_and_a_key_can_be_inspected(tmp_path):
    form = inspecting_form(at=AT)
    (tmp_path / "a.req").write_bytes(forge_request().public_bytes(Encoding.PEM))
    (tmp_path / "a.key").write_bytes(keys.write_private_key(forge.key()))
    kinds = [fill(form, path=str(tmp_path / name)).kind for name in ("a.req", "a.key")]
    assert ["signing request", "private key"] == kinds


def test_neither_form_nor_twin_keeps_the_passphrase(pfx):
    form = inspecting_form(str(pfx), at=AT)
    fill(form, server_name="server.example.com")
    shown = json.dumps([form.picture(), everything_shown(form)], default=str)
    assert PASSPHRASE not in shown


def test_a_certificate_that_is_refused_is_shown_and_copied(tmp_path):
    odd = inspecting.read(forge.unparsable())
    viewer = CertificateViewer(odd, at=AT)
    assert "Most programs refuse this certificate" in viewer.picture()
    copy = viewer.copy_to(f' "{tmp_path / "odd.cer"}" ')
    assert (odd.der, tmp_path / "odd.cer") == (copy.read_bytes(), copy)
