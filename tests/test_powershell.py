"""PowerShell: text that can be copied, in which nothing is expanded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certlib.powershell import ASK_PASSPHRASE, Raw, command, quote

QUOTES = "'\u2018\u2019\u201a\u201b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "''"),
        ("plain", "'plain'"),
        ("O'Brien", "'O''Brien'"),
        ("a\u2019b", "'a\u2019\u2019b'"),
        ('$env:X `n "q"', "'$env:X `n \"q\"'"),
        ("'; Remove-Item C:\\", "'''; Remove-Item C:\\'"),
    ],
)
def test_quote(text: str, expected: str) -> None:
    assert expected == quote(text)


def unquoted(literal: str) -> str:
    """Read a literal as PowerShell does: two quotation marks stand for the first."""
    assert literal[0] == literal[-1] == "'"
    body, text = list(literal[1:-1]), ""
    while body:
        character = body.pop(0)
        if character in QUOTES:
            assert body, "the literal ends too early"
            assert body.pop(0) in QUOTES, "the literal ends too early"
        text += character
    return text


@given(st.text() | st.text(alphabet=QUOTES + 'a$`"'))
def test_quote_keeps_every_text(text: str) -> None:
    assert text == unquoted(quote(text))


def test_a_command_has_its_parameters_in_their_order() -> None:
    expected = (
        "Import-PfxCertificate -FilePath 'server.pfx' -Exportable "
        "-Password (Read-Host -AsSecureString 'Passphrase')"
    )
    actual = command(
        "Import-PfxCertificate",
        FilePath="server.pfx",
        Exportable=True,
        Confirm=False,
        FriendlyName="",
        DnsName=[],
        Password=ASK_PASSPHRASE,
    )
    assert expected == actual.replace(" `\n    ", " ")


def test_a_list_a_number_and_an_expression() -> None:
    assert "X -A 'a', 'b' -N 0 -M 1 -E (Get-Date)" == command(
        "X", A=("a", "b"), N=0, M=1, E=Raw("(Get-Date)")
    )


@pytest.mark.parametrize(("width", "lines"), [(88, 1), (89, 2)])
def test_a_long_command_has_a_line_for_each_parameter(width: int, lines: int) -> None:
    line = command("X", A="a" * (width - len("X -A ''")))
    assert lines == len(line.splitlines())
    assert (lines - 1) == line.count(" `\n    -A")
