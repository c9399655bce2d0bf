"""Errors: two lines that say what happened and what to do next."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone

import forge
import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from certlib import clock, errors
from certlib.errors import CertlibError, StoreError
from certlib.parsers import attempt, panics_as_errors

FAMILY = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, CertlibError)
]


def test_the_family_is_as_drawn() -> None:
    drawn = str(errors.__doc__)
    assert {kind.__name__ for kind in FAMILY} == {
        word for word in drawn.replace(".", " ").split() if word.endswith("Error")
    }


@pytest.mark.parametrize("kind", FAMILY)
@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy])
def test_an_error_crosses_to_another_process(kind, again) -> None:
    error = again(kind("server.pfx is empty", fix="ask again"))
    assert kind is type(error)
    assert "server.pfx is empty\n  fix: ask again" == str(error)
    assert ("server.pfx is empty", "ask again") == (error.message, error.fix)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("'tls://me:word@host:1' is none", "'tls://***@host:1' is none"),
        ("https://me:@host/a and http://:w@b", "https://***@host/a and http://***@b"),
        ("https://host:1/me@here stays", "https://host:1/me@here stays"),
        ("http://[::1]:80/a@b stays", "http://[::1]:80/a@b stays"),
    ],
)
def test_an_error_keeps_the_password_of_an_address_to_itself(given, said) -> None:
    assert said == CertlibError(given, fix="ask again").message


def test_a_store_error_keeps_windows_code() -> None:
    error = StoreError("refused", fix="look", code=-2146885628)
    again = pickle.loads(pickle.dumps(error))
    assert "refused (Windows error 0x80092004)" == again.message
    assert -2146885628 == again.code
    assert None is StoreError("refused", fix="look").code


def test_a_notebook_shows_two_lines() -> None:
    error = CertlibError("what", fix="next")
    assert ["CertlibError: what\n  fix: next"] == error._render_traceback_()


def test_a_panic_becomes_an_error_that_quotes_nothing() -> None:
    class PanicException(BaseException):  # as PyO3 has it
        pass

    with pytest.raises(ValueError, match="broke down") as caught, panics_as_errors():
        raise PanicException("secret")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, KeyError])
def test_nothing_else_is_held_up(kind: type[BaseException]) -> None:
    with pytest.raises(kind), panics_as_errors():
        raise kind


def test_a_real_panic_of_the_library_is_caught() -> None:

    data = forge.leaf().to_pfx("right")
    with pytest.raises(ValueError), panics_as_errors():  # noqa: PT011
        pkcs12.load_pkcs12(data, b"a\0b")


def test_clock_wants_a_zone_and_knows_whole_seconds() -> None:
    east = datetime(2026, 11, 2, 9, 0, 0, 999999, timezone(timedelta(hours=1)))
    assert clock.PRACTICE_TIME == clock.moment(east)
    assert UTC is clock.moment(east).tzinfo
    assert 0 == clock.now().microsecond
    with pytest.raises(errors.InputError, match="has no time zone"):
        clock.moment(east.replace(tzinfo=None))


def test_an_attempt_keeps_why_something_could_not_be_read() -> None:
    class PanicException(BaseException):  # as PyO3 has it
        pass

    with attempt() as reading:
        raise PanicException("secret")
    assert "the library that reads it broke down over it" == reading.reason
    with attempt() as fine:
        pass
    assert (True, False, "") == (reading.failed, fine.failed, fine.reason)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_attempt_stops_nobody_from_ending_the_program(kind) -> None:
    with pytest.raises(kind), attempt():
        raise kind
