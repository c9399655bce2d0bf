"""The texts for AD CS, read back with other readers than our own."""

from __future__ import annotations

import configparser
import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certlib import names
from certlib.errors import InputError
from certlib.issuers import adcs
from certlib.issuers.adcs import EnterpriseCA
from certlib.keys import KeyKind
from certlib.specs import CertificateSpec

SPEC = CertificateSpec(
    ("todd.example.com", "todd", "192.0.2.17", "2001:db8::17"),
    friendly_name="Xtract Universal TLS",
)


def sections(text: str) -> dict[str, list[tuple[str, str]]]:
    """Read an INF file the way Windows does: keys repeat, quotation marks go."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in text.splitlines():
        if head := re.fullmatch(r"\[(\w+)\]", line):
            found[head[1]] = []
        elif line:
            key, equals, value = line.partition("=")
            assert equals, line
            found[list(found)[-1]].append((key.strip(), value.strip().strip('"')))
    return found


def extension(text: str, oid: str) -> str:
    """Return an extension with the lines that continue it."""
    value, inside = "", False
    for key, part in sections(text)["Extensions"]:
        inside = key == oid or (inside and key == "_continue_")
        value += part if inside else ""
    return value


def test_the_inf_file_asks_for_exactly_the_spec():
    text = adcs.inf(SPEC)

    assert [("Signature", "$Windows NT$")] == sections(text)["Version"]
    assert {
        "Subject": "CN=todd.example.com",
        "FriendlyName": "Xtract Universal TLS",
        "KeyAlgorithm": "RSA",
        "KeyLength": "3072",
        "KeyUsage": "0xa0",
        "HashAlgorithm": "sha256",
        "ProviderName": "Microsoft Software Key Storage Provider",
        "MachineKeySet": "TRUE",
        "Exportable": "FALSE",
        "RequestType": "PKCS10",
    } == dict(sections(text)["NewRequest"])
    assert extension(text, "2.5.29.17") == (
        "{text}DNS=todd.example.com&DNS=todd&IPAddress=192.0.2.17&IPAddress=2001:db8::17"
    )
    assert "{text}1.3.6.1.5.5.7.3.1" == extension(text, "2.5.29.37")
    assert "{text}ca=0" == extension(text, "2.5.29.19")
    assert [("CertificateTemplate", "WebServer")] == sections(text)["RequestAttributes"]


def test_another_reader_of_ini_files_agrees():
    text = adcs.inf(CertificateSpec(("todd.example.com",)))
    parser = configparser.ConfigParser(interpolation=None, strict=True)

    parser.read_string(text)

    assert '"DNS=todd.example.com"' == parser["Extensions"]["_continue_"]
    assert [
        "Version",
        "NewRequest",
        "Extensions",
        "RequestAttributes",
    ] == parser.sections()


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (KeyKind.RSA_2048, ("RSA", "2048", "0xa0", "sha256")),
        (KeyKind.ECDSA_P256, ("ECDSA_P256", "256", "0x80", "sha256")),
        (KeyKind.ECDSA_P384, ("ECDSA_P384", "384", "0x80", "sha384")),
    ],
)
def test_the_inf_file_has_the_kind_of_key(kind, wanted):
    new = dict(
        sections(adcs.inf(CertificateSpec(("a.example.com",), kind)))["NewRequest"]
    )

    keys = ("KeyAlgorithm", "KeyLength", "KeyUsage", "HashAlgorithm")
    assert tuple(new[key] for key in keys) == wanted


@given(st.text(min_size=1, max_size=40))
def test_no_friendly_name_changes_another_line(friendly_name):
    plain = CertificateSpec(("todd.example.com",), friendly_name="X")
    try:
        spec = CertificateSpec(("todd.example.com",), friendly_name=friendly_name)
        text = adcs.inf(spec)
    except InputError:
        return  # refused is fine, too

    swapped = text.replace(f'FriendlyName = "{friendly_name}"', 'FriendlyName = "X"')
    assert swapped == adcs.inf(plain)
    assert text.count("\n") == adcs.inf(plain).count("\n")


@pytest.mark.parametrize("friendly_name", ["100%", 'say "hi"'])
def test_a_friendly_name_that_would_break_the_file_is_refused(friendly_name):
    spec = CertificateSpec(("todd.example.com",), friendly_name=friendly_name)

    with pytest.raises(InputError, match="cannot hold"):
        adcs.inf(spec)


def test_a_friendly_name_with_umlauts_is_written_as_windows_reads_it(tmp_path):
    spec = CertificateSpec(("todd.example.com",), friendly_name="Müller TLS")

    adcs.write_inf(tmp_path / "request.inf", spec)

    data = (tmp_path / "request.inf").read_bytes()
    assert data.startswith(b"\xff\xfe")
    assert data.decode("utf-16") == adcs.inf(spec)


def test_the_sequence():
    steps = adcs.certreq_steps(EnterpriseCA(r"ca.example.com\Example Issuing CA"))

    config = r"'ca.example.com\Example Issuing CA'"
    assert [step.command for step in steps] == [
        "certreq -new -machine 'request.inf' 'request.req'",
        "certutil -dump 'request.req'",
        rf"certreq -submit -config {config} 'request.req' 'request.cer'",
        rf"certreq -retrieve -config {config} '<RequestId>' 'request.cer'",
        "certreq -accept -machine 'request.cer'",
    ]


def test_a_request_of_ours_is_sent_with_its_template():
    submit, retrieve = adcs.answer_steps(request="todd.csr")

    assert "-attrib 'CertificateTemplate:WebServer' 'todd.csr'" in submit.command
    assert retrieve.command.startswith("certreq -retrieve")


@pytest.mark.parametrize(
    "config",
    [
        r"host\O'Brien's CA",
        r"host\CA; Remove-Item C:",
        r"host\CA $(whoami) `n",
        "host\\CA \u2018quoted\u2019 & more",
    ],
)
def test_an_odd_name_of_a_ca_stays_one_word(config):
    command = adcs.certreq_steps(EnterpriseCA(config))[2].command

    # PowerShell's single quotes: everything is literal, a doubled one is one.
    plain = re.sub("[\u2018\u2019\u201a\u201b]", "'", command)
    words = re.findall(r"'(?:[^']|'')*'|[^\s']+", plain)
    unquoted = [w[1:-1].replace("''", "'") if w[0] == "'" else w for w in words]
    expected = re.sub("[\u2018\u2019\u201a\u201b]", "'", config)
    assert unquoted[3] == expected
    assert len(unquoted) == len(shlex.split("certreq -submit -config C R A"))


@pytest.mark.parametrize(
    "config", ["", "only a name", 'host\\CA" /x', "host\\CA\nrm", "host\\%PATH%"]
)
def test_what_cannot_be_the_place_of_a_ca_is_refused(config):
    with pytest.raises(InputError, match="does not say where a CA is"):
        EnterpriseCA(config)


@pytest.mark.parametrize("template", ["", 'Web"Server', "Web\nServer", "a&b", "x%y"])
def test_what_cannot_be_a_template_is_refused(template):
    with pytest.raises(InputError, match="not the name of a template"):
        EnterpriseCA(template=template)


def test_the_steps_by_hand_name_this_spec():
    page = adcs.web_enrolment_steps(EnterpriseCA(web_enrolment="pki.example.com"))
    manager = " ".join(adcs.mmc_steps(SPEC))

    assert "Open https://pki.example.com/certsrv" == page[0]
    assert "WebServer" in " ".join(page)
    for name in SPEC.server_names:
        assert names.text_entry(name) in manager


def test_the_documented_traps_are_named():
    text = " ".join(f"{trap.what} {trap.why} {trap.instead}" for trap in adcs.TRAPS)

    for word in ("EDITF_ATTRIBUTESUBJECTALTNAME2", "SHA-1", "-accept", "MachineKeySet"):
        assert word in text
