"""Names: what counts as one, and what a certificate's name stands for."""

from __future__ import annotations

import string

import forge
import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from certlib import names, x500
from certlib.errors import InputError

LABEL_63 = "a" * 63
NAME_253 = ".".join([LABEL_63, LABEL_63, LABEL_63, "a" * 61])

labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
hosts = st.builds(
    lambda parts, last: ".".join([*parts, last]),
    st.lists(labels, max_size=4),
    st.from_regex(r"[a-z]{2,6}", fullmatch=True),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Server.Example.COM", "server.example.com"),
        ("  server.example.com\n", "server.example.com"),
        ("*.Example.com", "*.example.com"),
        ("SRV01", "srv01"),
        ("3com.example", "3com.example"),
        ("müller.example", "xn--mller-kva.example"),
        ("MÜLLER.example", "xn--mller-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("*.müller.example", "*.xn--mller-kva.example"),
        (f"{LABEL_63}.example", f"{LABEL_63}.example"),
        (NAME_253, NAME_253),
    ],
)
def test_dns_name_in_its_canonical_form(text: str, expected: str) -> None:
    assert expected == names.dns_name(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("https://server.example.com", "it is a URL"),
        ("server.example.com/path", "it is a URL"),
        ("server.example.com:443", "it has a port"),
        ("a*.example.com", "the whole left-most label only"),
        ("www.*.example.com", "the whole left-most label only"),
        ("*.*.example.com", "the whole left-most label only"),
        ("*", "the whole left-most label only"),
        ("my_server.example.com", "an underscore"),
        ("server.example.com.", "ends with a dot"),
        ("two names", "a space"),
        ("-server.example.com", "the label '-server'"),
        ("server-.example.com", "the label 'server-'"),
        ("server..example.com", "the label ''"),
        (".example.com", "the label ''"),
        ("*.", "the label ''"),
        ("a@example.com", "the label 'a@example'"),
        ("server\0.example.com", "the label"),
        (LABEL_63 + "a.example", "the label"),
        ("a" + NAME_253, "it has 254 characters"),
        ("1.2.3", "it ends in a number"),
        ("1.2.3.256", "it ends in a number"),
        ("１.２.３.４", "it ends in a number"),
        ("ü" * 64 + ".example", "not an international DNS name"),
        ("a\ud800b.example", "not an international DNS name"),
    ],
)
def test_what_is_no_dns_name_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        names.dns_name(text)
    assert reason in caught.value.message
    assert caught.value.fix


@given(st.text() | st.text(alphabet=string.printable + "ü*。．xn-", max_size=80))
def test_dns_name_raises_nothing_but_input_error_and_is_idempotent(text: str) -> None:
    try:
        name = names.dns_name(text)
    except InputError:
        return
    assert name == names.dns_name(name)
    assert name.isascii()
    assert len(name) <= names.MAX_DNS_NAME


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 2001:DB8:0::1 ", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("Server", "server"),
    ],
)
def test_server_name_is_an_address_or_a_dns_name(text: str, expected: str) -> None:
    assert expected == names.server_name(text)


def test_an_address_with_a_zone_is_refused() -> None:
    with pytest.raises(InputError, match="only this computer knows"):
        names.server_name("fe80::1%eth0")


def test_server_names_stand_each_once_in_their_order() -> None:
    given_names = ["B.example", "192.0.2.1", "", "a.example", "b.EXAMPLE"]
    expected = ("b.example", "192.0.2.1", "a.example")
    assert expected == names.server_names(given_names)


@pytest.mark.parametrize(
    ("presented", "reference", "expected"),
    [
        ("server.example.com", "server.example.com", True),
        ("SERVER.example.com", "server.EXAMPLE.com", True),
        ("server.example.com", "other.example.com", False),
        ("*.example.com", "server.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.b.example.com", False),
        ("*.b.example.com", "a.b.example.com", True),
        ("*.example.com", ".example.com", False),
        ("s*.example.com", "server.example.com", False),
        ("*", "server", False),
        ("*.", "server.", False),
        ("*.0.2.1", "192.0.2.1", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("2001:DB8::1", "2001:db8::1", True),
    ],
)
def test_matches(presented: str, reference: str, expected: bool) -> None:
    assert expected is names.matches(presented, reference)


@given(hosts, labels)
def test_a_wildcard_stands_for_exactly_one_label(host: str, label: str) -> None:
    assert names.matches(host, host.upper())
    assert names.matches(f"*.{host}", f"{label}.{host}")
    assert not names.matches(f"*.{host}", host)
    assert not names.matches(f"*.{host}", f"{label}.{label}.{host}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("server.example.com", False),
        ("*.example.com", False),
        ("server.example.co.uk", False),
        ("srv01", True),
        ("server.corp", True),
        ("server.local", True),
        ("co.uk", True),
        ("10.0.0.1", True),
        ("8.8.8.8", False),
        ("fd00::1", True),
    ],
)
def test_is_internal_what_no_public_ca_can_validate(name: str, expected: bool) -> None:
    assert expected is names.is_internal(name)


def test_a_common_name_has_at_most_64_characters() -> None:
    longest = "a" * 60 + ".com"
    assert f"CN={longest}" == x500.x500(names.common_name(longest))
    with pytest.raises(InputError, match="65 characters, 64 are allowed"):
        names.common_name("a" + longest)


def test_general_name_tells_addresses_from_dns_names() -> None:
    assert x509.DNSName("a.example") == names.general_name("a.example")
    address = names.general_name("2001:db8::1")
    assert isinstance(address, x509.IPAddress)
    assert "2001:db8::1" == str(address.value)


def test_x500_has_the_most_specific_part_first() -> None:
    name = forge.x500(DC="local", O="Müller, Söhne", ST="BW", CN="server")
    assert 'CN=server, S=BW, O="Müller, Söhne", DC=local' == x500.x500(name)
    expected = "CN = server\nS = BW\nO = Müller, Söhne\nDC = local"
    assert expected == x500.x500_lines(name)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "CN=plain"),
        ('say "a"', 'CN="say ""a"""'),
        (" leading", 'CN=" leading"'),
        ("a+b", 'CN="a+b"'),
        ("a\nb", 'CN="a\nb"'),
    ],
)
def test_x500_quotes_what_could_be_misread(value: str, expected: str) -> None:
    assert expected == x500.x500(forge.x500(CN=value))


def test_x500_shows_several_values_and_unknown_types() -> None:
    name = x509.Name(
        [
            x509.RelativeDistinguishedName(
                [
                    x509.NameAttribute(NameOID.COMMON_NAME, "server"),
                    x509.NameAttribute(NameOID.POSTAL_CODE, "70563"),
                ]
            )
        ]
    )
    shown = set(x500.x500(name).split(" + "))
    assert {"CN=server", "OID.2.5.4.17=70563"} == shown


def test_a_server_that_is_there_may_have_an_underscore() -> None:
    assert "my_app.example.com" == names.host("My_App.example.com ")
    assert "192.0.2.1" == names.host("192.0.2.1")
    with pytest.raises(InputError):
        names.host("my_app example.com")
    with pytest.raises(InputError, match="underscore"):
        names.server_name("my_app.example.com")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.example.com", "a.example.com"),
        ("*.example.com", "*.example.com"),
        (" a.example.com", "' a.example.com'"),
        ("a\u202eb", "'a\\u202eb'"),
        ("müller.example", "'müller.example'"),
    ],
)
def test_a_name_is_quoted_where_it_is_not_plain(name: str, expected: str) -> None:
    assert expected == names.quoted(name)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *(("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True)),
        *(("192.0.2.1", False), ("10.0.0.1", False), ("2001:db8::1", False)),
        *(("localhost.example.com", False), ("server.example.com", False)),
    ],
)
def test_only_this_computer_reaches_loopback(host: str, expected: bool) -> None:
    assert expected is names.is_loopback(host)


@pytest.mark.parametrize(
    ("common_name", "name", "expected"),
    [
        ("müller.example", "xn--mller-kva.example", True),
        ("*.example.com", "a.example.com", True),
        ("a.example.com", "*.example.com", True),
        ("b.example.com", "a.example.com", False),
        ("Müller GmbH & Co", "a.example.com", False),
        ("\u202ea.example.com", "a.example.com", False),
    ],
)
def test_a_common_name_agrees_with_the_name_that_it_means(
    common_name: str, name: str, expected: bool
) -> None:
    assert expected is names.agree(common_name, name)
