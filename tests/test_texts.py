"""Texts: decoded, cleaned of what nobody typed, shown without harm."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certlib import texts
from certlib.errors import CertlibError, InputError

LINES = "erp.example.com:8165\r\nmüller.example;443\r\n"


@pytest.mark.parametrize(
    "code",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"],
)
def test_a_file_is_read_in_the_encoding_it_has(code):
    assert LINES == texts.decoded(LINES.encode(code))
    assert LINES == texts.decoded(codecs.BOM_UTF16_BE + LINES.encode("utf-16-be"))


@given(st.binary())
def test_any_bytes_are_some_text(data):
    texts.decoded(data)


@pytest.mark.parametrize(
    "written",
    [
        "  a b ",
        "\u200ea b",
        "\u202aa b\u202c",
        "\ufeff\u200b\u2060a b\xad",
        '"a b"',
        '" a b "',
        "'a b'",
        "“a b”",
        "„a b“",
        "`a b`",
        "<a b>",
        '\u202a"a b"\u202c ',
        "a\xa0b\u3000",
        "a b\r\n",
        "a\ufe0f b",
    ],
)
def test_what_is_pasted_is_cleaned(written):
    assert "a b" == texts.pasted(written)


@pytest.mark.parametrize("text", ["", "it's", 'a "b" c', "ن\u200cا", "a*b", "-a"])
def test_what_was_typed_stays(text):
    assert text == texts.pasted(text)


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    once = texts.pasted(text)
    assert once == texts.pasted(once)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Müller & Söhne – 中文", "Müller & Söhne – 中文"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("a\x9bb\x7f", r"a\x9bb\x7f"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("a\u200bb\u2028c", r"a\u200bb\u2028c"),
        ("b\udcfccher", r"b\xfccher"),
        ("a\u3164b", r"a\u3164b"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_a_strangers_text_is_shown_without_harm(text, shown):
    assert shown == texts.shown(text)


@given(st.text(st.characters(categories=None)))
def test_shown_is_one_printable_line_in_any_encoding(text):
    shown = texts.shown(text)
    assert shown.isprintable()
    assert shown == texts.shown(shown)
    shown.encode()
    for code in ("ascii", "cp437", "cp850", "cp1252"):
        shown.encode(code, texts.PLAIN)


@given(st.text(), st.text())
def test_an_error_is_shown_without_harm(message, fix):
    error = InputError(message, fix=fix)
    assert error.message.isprintable()
    assert all(line.isprintable() for line in str(error).split("\n"))
    assert isinstance(error, CertlibError)


def test_signs_have_a_plain_form():
    said = "✓ a – b … ✗ „c“ → d"
    assert b'+ a - b ... x "c" -> d' == said.encode("ascii", texts.PLAIN)
    assert "✗" not in "✗ é".encode("cp850", texts.PLAIN).decode("cp850")
    assert "x é" == "✗ é".encode("cp850", texts.PLAIN).decode("cp850")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("todd.example.com:8165", True),
        ("a" * 40, True),
        ("a" * 41, False),
        ("a few words together", True),
        ("words that are a sentence", False),
        ("EXAMPLE\\svc-board", True),
        ("a/b.cer", False),
        ("/srv/" + "long/" * 20 + "b.cer", False),
        ("C:\\b.cer", False),
        ("\\\\server\\share\\b.cer", False),
        ("Cert:\\LocalMachine\\My", False),
    ],
)
def test_what_stays_on_one_line_does_not_depend_on_the_length_of_a_path(text, whole):
    assert whole is texts.stays_whole(text)
