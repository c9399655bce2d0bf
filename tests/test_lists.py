"""Lists of servers: no port is dropped, no key is looked up, one bad line is named."""

from __future__ import annotations

import base64
import contextlib
import io

import forge
import openpyxl
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from certlib.endpoints import Endpoint, lists
from certlib.errors import InputError

ERP = "erp.example.com:8165"


def said(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    return [
        str(server) if isinstance(server, Endpoint) else f"{place}!"
        for place, server in lists.read(data)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "erp.example.com:8165",
        "erp.example.com 8165",
        "erp.example.com\t8165",
        "erp.example.com;8165",
        "erp.example.com,8165",
        "erp.example.com, 8165",
        '"erp.example.com","8165"',
        "https://erp.example.com:8165/designer?a=b#c",
        "tls://erp.example.com:8165",
        "\u200eerp.example.com:8165",
        "# mine\n\n  erp.example.com:8165  # the ERP\n",
        "erp.example.com;8165;Doe, J",
        "Hostname;Port\nerp.example.com;8165",
        'FQDN,Port,Owner\nerp.example.com,8165,"Doe, J"',
        "Owner,FQDN,TCP-Port\nDoe,erp.example.com,8165",
        "sep=;\r\nhost;port\r\nerp.example.com;8165\r\n",
        'sep=|\nhost|port\nerp.example.com|"8165"',
        "HOST\tPORT\nerp.example.com\t8165",
        "Rechner;Port\nerp.example.com;8165",
        "Irgendwas;Port\nerp.example.com;8165",
        "url\nhttps://erp.example.com:8165/x",
        "host\nerp.example.com:8165",
        "Server,Port\nerp.example.com,8165/tcp",
        "host,port\nerp.example.com:8165,8165",
        "host,port\nERP.example.com,8165\nerp.example.com,8165",
        "Port;Name\n8165;erp.example.com",
        "Besitzer;Name;Dienst-Port\nich;erp.example.com;8165",
        "Host,Owner,Port (TLS)\nerp.example.com,me,8165",
        "sep=\t\nHost\tPort\nerp.example.com\t8165",
    ],
)
def test_a_server_is_understood(text):
    assert {ERP} == set(said(text))
    for code in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
        assert {ERP} == set(said(text.encode(code)))
    for end in ("\r\n", "\r"):
        assert {ERP} == set(said(text.replace("\r\n", "\n").replace("\n", end)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:1\n\n# no\nb:2 # yes\n", ["a:1", "b:2"]),
        ("Host,Port\na,1\nb,\n", ["a:1", "b:443"]),
        ("note;server\nx;a\n", ["a:443"]),
        (
            "[2001:db8::1]:8165\n2001:db8::1\n",
            ["[2001:db8::1]:8165", "[2001:db8::1]:443"],
        ),
        ("Name,Address,Port\nERP Production,10.0.0.1,8165", ["10.0.0.1:8165"]),
        ("Name,Address,Port\na.example,10.0.0.1,1", ["10.0.0.1:1 (a.example)"]),
        ("host,ip,port\na.example,10.0.0.1,1", ["10.0.0.1:1 (a.example)"]),
        ("host,port,sni\n10.0.0.1,1,a.example", ["10.0.0.1:1 (a.example)"]),
        ("ip,https port,http port\n10.0.0.1,8165,8065", ["10.0.0.1:8165"]),
        ("ID,Host\n1,a.example", ["a.example:443"]),
        ("", []),
        ("# nobody\n;;;\n", []),
        ("host,port\n", []),
    ],
)
def test_lists_of_servers_are_read(text, expected):
    assert expected == said(text)


@pytest.mark.parametrize(
    "bad",
    [
        "erp.example.com,Doe",
        "erp.example.com,8165,8166",
        "erp.example.com:8165,8166",
        "erp.example.com:99999",
        "erp.example.com,0",
        "a b c",
        "a:1,b:2",
        "ERP,10.0.0.1,8165",
        "http://erp.example.com:8065/",
        "a 8165/8166",
        "a / 8165",
        "10.0.0.0/24",
        "[servers]",
        "x." * 100_000,
    ],
)
def test_what_is_not_clear_is_refused_with_its_line_and_blocks_nothing(bad):
    assert ["a:1", "line 2!", "b:2"] == said(f"a:1\n{bad}\nb:2")


def test_a_quote_that_is_not_closed_swallows_no_other_line():
    assert ["a:1", ERP, "b:2"] == said(f'a:1\n"{ERP}\nb:2')


@pytest.mark.parametrize(
    "text",
    [
        "host\na.example,8165",  # one more cell than the head has
        "host,cpu\na.example,8165",
        "host,port\na.example,8165 8166",
        "host,port\na.example:1,2",
        "host,ip\na b,10.0.0.1",
        "host,owner,RDP port,web port\na.example,me,3389,8165",
    ],
)
def test_a_port_under_a_head_is_never_dropped(text):
    assert ["line 2!"] == said(text)


KEY = forge.key(0)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
BODY = "\n".join(PEM.splitlines()[1:-1])


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.replace("\n", "\r\n"),
        f"a.example:443\n{PEM}",
        "\n".join(PEM.splitlines()[1:]),
        "\n".join(PEM.splitlines()[:-1]),
        BODY,
        BODY.replace("\n", ""),
        BODY.splitlines()[-1] if BODY.endswith("=") else BODY,
        PEM.replace("\n", "\\n"),
        PEM.replace("-----BEGIN", "----BEGIN"),
        base64.b64decode(BODY).hex(),
        f'{{"kty": "RSA", "d": "{BODY[:60]}"}}',
    ],
    ids=map(str, range(12)),  # never by their text, which differs in each worker
)
def test_nothing_of_a_key_is_looked_up_or_said(text):
    for code in ("utf-8", "utf-16"):
        assert not lists.is_list(text.encode(code))
        with pytest.raises(InputError) as refused:
            lists.read(text.encode(code))
        assert not any(line in str(refused.value) for line in BODY.splitlines())


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_list_or_refused(data):
    if lists.is_list(data):
        with contextlib.suppress(InputError):
            assert all(line.place for line in lists.read(data))


def workbook(*sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for n, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"S{n}")
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_is_a_list():
    data = workbook(
        [["Hostname", "Port"], ["erp.example.com", 8165.0], [None], ["a b", 1]],
        [["Some notes"], ["of somebody"]],
        [["FQDN"], ["a.example"]],
    )
    assert [ERP, "sheet 'S1' line 4!", "a.example:443"] == said(data)


def test_a_workbook_with_a_key_or_none_at_all():
    with pytest.raises(InputError, match="may hold a key"):
        lists.read(workbook([["host"], [PEM]]))
    for torn in (b"PK\x03\x04", workbook([["a.example"]])[:-40]):
        with pytest.raises(Exception, match="no workbook"):
            lists.read(torn)
