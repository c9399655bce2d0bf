"""tls.json: written whole, read back, compared, taken aside."""

import contextlib
import json
import stat
import sys

import forge
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certlib.errors import CertlibError, InputError
from certlib.integrating import tls_settings
from certlib.integrating.tls_settings import Choice, TlsSettings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "servers" / "tls.json"


@pytest.fixture
def written(path):
    path.parent.mkdir(parents=True)

    def write(content):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.write_bytes(data)
        return path

    return write


def certificate(**overrides):
    issuer = forge.ca(subject=forge.x500(DC="local", O="x", CN="Example CA"))
    return forge.leaf(issuer=issuer, **overrides).leaf


def content(**changes):
    choice = TlsSettings(True, Choice.of(certificate())).to_json()["certificate"]
    return {"tlsEnabled": True, "certificate": choice | changes}


def test_a_new_file_holds_exactly_what_the_service_expects(path):
    leaf = certificate(not_after=forge.AT)
    assert tls_settings.write(path, leaf) is None
    assert json.loads(path.read_bytes()) == {
        "tlsEnabled": True,
        "certificate": {
            "subjectAltName": "server.example.com",
            "issuer": "CN=Example CA, O=x, DC=local",
            "notAfter": "20261102T080000.000Z",
            "thumbprint": Choice.of(leaf).thumbprint,
        },
    }


def test_what_is_written_is_what_is_read(path):
    leaf = certificate()
    tls_settings.write(path, leaf)
    assert tls_settings.read(path) == TlsSettings(True, Choice.of(leaf))


def test_the_earlier_file_is_kept_each_time(written):
    path = written(content())
    before = path.read_bytes()
    kept = [tls_settings.write(path, certificate()) for _ in range(2)]
    assert ["tls.json.1.bak", "tls.json.2.bak"] == [backup.name for backup in kept]
    assert kept[0].read_bytes() == before


def test_values_of_others_are_taken_over(written):
    path = written({"tlsEnabled": False, "minVersion": "1.2"})
    tls_settings.write(path, certificate())
    assert "1.2" == json.loads(path.read_bytes())["minVersion"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{tlsEnabled", "it is not JSON"),
        (b"\xff\xfe\x00", "it is not UTF-8"),
        (b"[" * 100_000, "it is not JSON"),
        ([], "it is not a JSON object"),
        ({}, "tlsEnabled is neither"),
        ({"tlsEnabled": "yes"}, "tlsEnabled is neither"),
        ({"tlsEnabled": True}, "the part 'certificate' is missing"),
        (content(issuer=None), "certificate.issuer is missing"),
        (content(notAfter="2027-07-17"), "notAfter is '2027-07-17'"),
        (content(notAfter="00010101T000000.000+1400"), "notAfter is '00010101"),
        (content(thumbprint="AB CD"), "'AB CD' is not a thumbprint"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(written, content, reason):
    with pytest.raises(InputError) as caught:
        tls_settings.read(written(content))
    assert reason in caught.value.message


def test_what_is_not_json_is_never_overwritten(written):
    path = written(b"{tlsEnabled")
    with pytest.raises(InputError, match="not JSON"):
        tls_settings.write(path, certificate())
    assert {".lock", "tls.json"} >= {p.name for p in path.parent.iterdir()}
    assert b"{tlsEnabled" == path.read_bytes()


def test_a_certificate_without_a_dns_name_leaves_the_file_alone(written):
    path = written(content())
    before = path.read_bytes()
    with pytest.raises(InputError, match="has no DNS name"):
        tls_settings.write(path, certificate(san=["10.0.0.1"]))
    assert path.read_bytes() == before


def test_a_certificate_without_an_issuer_leaves_the_file_alone(written):
    path = written(content())
    before = path.read_bytes()
    nameless = forge.leaf(issuer=forge.ca(), issuer_name=forge.x500()).leaf
    with pytest.raises(InputError, match="does not name its issuer"):
        tls_settings.write(path, nameless)
    assert path.read_bytes() == before
    assert ["tls.json"] == [p.name for p in path.parent.iterdir()]


def test_the_mark_of_windows_editors_is_read(written):
    path = written(b"\xef\xbb\xbf" + json.dumps(content()).encode())
    assert tls_settings.read(path).enabled


def test_tls_switched_off_needs_no_certificate(written):
    assert tls_settings.read(written({"tlsEnabled": False})) == TlsSettings(False)


def test_differences_name_the_value(path):
    one, other = Choice.of(certificate()), Choice.of(certificate(san=["b.example"]))
    assert () == one.differences(one)
    assert one.differences(other)[0] == (
        "subject_alt_name: server.example.com | b.example"
    )


def test_putting_aside_keeps_the_file_under_another_name(written):
    path = written(content())
    before = path.read_bytes()
    backup = tls_settings.put_aside(path)
    assert not path.exists()
    assert backup.read_bytes() == before


def test_a_file_that_is_not_there_cannot_be_put_aside(path):
    with pytest.raises(InputError, match="does not exist"):
        tls_settings.put_aside(path)


def test_the_recovery_by_hand():
    assert tls_settings.recovery_twin(r"C:\x\tls.json", "yunIO Service") == (
        "Rename-Item -Path 'C:\\x\\tls.json' -NewName 'tls.json.expired'\n"
        "Restart-Service -Name 'yunIO Service'"
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
parts = st.fixed_dictionaries(
    {"tlsEnabled": json_values, "certificate": json_values | st.just(content())}
)


@given(parts | json_values)
def test_no_json_ends_in_a_bare_traceback(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("tls") / "tls.json"
    path.write_text(json.dumps(content))
    with contextlib.suppress(CertlibError):
        assert isinstance(tls_settings.read(path), TlsSettings)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_file_and_backup_keep_their_mode(written):
    path = written(content())
    path.chmod(0o640)
    backup = tls_settings.write(path, certificate())
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, backup)]
    assert [0o640, 0o640] == modes


def test_what_cannot_be_written_again_is_left_as_it_is(written):
    content = b'{"note": "\\ud800"}'
    path = written(content)
    with pytest.raises(InputError, match="cannot be written again"):
        tls_settings.write(path, certificate())
    assert content == path.read_bytes()
