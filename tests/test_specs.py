"""Specs: what may be wished for, and what is refused before anything is made."""

from __future__ import annotations

from datetime import timedelta

import pytest

from certlib import x500
from certlib.errors import InputError
from certlib.specs import MAX_VALIDITY, CertificateSpec

LONG = "a" * 61 + ".com"  # 65 characters


def test_names_are_canonical_and_each_once() -> None:
    spec = CertificateSpec(("Server.example.com", "server.EXAMPLE.com", "192.0.2.1"))
    assert ("server.example.com", "192.0.2.1") == spec.server_names


def test_the_common_name_is_the_first_dns_name() -> None:
    spec = CertificateSpec(("192.0.2.1", "server.example.com", "b.example.com"))
    assert "server.example.com" == spec.common_name
    assert "CN=server.example.com" == x500.x500(spec.subject)


def test_a_long_name_may_follow_and_not_lead() -> None:
    assert LONG[1:] == CertificateSpec((LONG[1:],)).common_name
    assert (LONG[1:], LONG) == CertificateSpec((LONG[1:], LONG)).server_names
    with pytest.raises(InputError, match="65 characters, 64 are allowed") as caught:
        CertificateSpec((LONG, LONG[1:]))
    assert "put a shorter DNS name of the server first" in caught.value.fix


@pytest.mark.parametrize(
    ("server_names", "reason"),
    [
        ((), "no DNS name was given"),
        ((" ",), "no DNS name was given"),
        (("192.0.2.1", "::1"), "no DNS name was given"),
        (("server.example.com", "my_server"), "an underscore"),
        ("server.example.com", "the server names are one text"),
    ],
)
def test_what_no_server_is_called_is_refused(
    server_names: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(InputError) as caught:
        CertificateSpec(server_names)
    assert reason in caught.value.message


def test_a_validity_has_a_day_at_least() -> None:
    day = timedelta(days=1)
    assert day == CertificateSpec(("a.example",), validity=day).validity
    for validity in (day - timedelta.resolution, timedelta(0), -day):
        with pytest.raises(InputError, match="less than a day"):
            CertificateSpec(("a.example",), validity=validity)


def test_a_validity_has_an_end_that_somebody_may_see() -> None:
    assert (
        MAX_VALIDITY == CertificateSpec(("a.example",), validity=MAX_VALIDITY).validity
    )
    for validity in (MAX_VALIDITY + timedelta.resolution, timedelta.max):
        with pytest.raises(InputError, match="more than a hundred years"):
            CertificateSpec(("a.example",), validity=validity)


@pytest.mark.parametrize("name", ["\udcff", "a\nb", "\0", "\x7f", "\u202e"])
def test_a_friendly_name_can_be_shown(name: str) -> None:
    with pytest.raises(InputError, match="cannot be shown") as caught:
        CertificateSpec(("a.example",), friendly_name=name)
    assert str(caught.value).isascii()


def test_a_friendly_name_may_be_in_any_language() -> None:
    for name in ("", "Xtract Universal – Prüfung", "証明書"):
        assert name == CertificateSpec(("a.example",), friendly_name=name).friendly_name
