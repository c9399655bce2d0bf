"""Trust: Windows' codes in plain words, on any computer."""

from __future__ import annotations

import sys
from datetime import datetime

import forge
import pytest

from certlib import rules
from certlib.errors import InputError, StoreError
from certlib.stores import chain_engine
from certlib.stores.chain_engine import ChainStatus


def test_each_bit_has_its_words() -> None:
    assert "" == chain_engine.in_plain_words(0)
    for bit, text in chain_engine.STATUS.items():
        assert text == chain_engine.in_plain_words(bit)
    both = chain_engine.in_plain_words(0x21)
    assert f"{chain_engine.STATUS[0x1]} {chain_engine.STATUS[0x20]}" == both


def test_an_unknown_bit_is_shown_as_it_is() -> None:
    assert "Trust status 0x40000000." == chain_engine.in_plain_words(0x40000000)


def test_the_policy_has_its_words() -> None:
    assert "" == chain_engine.policy_in_plain_words(0, "a.example.com")
    assert "The certificate does not name the server a.example.com." == (
        chain_engine.policy_in_plain_words(0x800B010F, "a.example.com")
    )
    assert chain_engine.policy_in_plain_words(0x80090001, "a").endswith(": 0x80090001.")


@pytest.mark.parametrize(
    ("statuses", "policy", "reasons"),
    [
        (("", ""), "", ()),
        (("", "untrusted"), "", ("untrusted",)),
        (("", ""), "wrong name", ("wrong name",)),
        (("old", "old"), "wrong name", ("old", "wrong name")),
    ],
)
def test_both_answers_count(
    statuses: tuple[str, ...], policy: str, reasons: tuple[str, ...]
) -> None:
    status = ChainStatus(forge.leaf(), statuses, policy)
    assert reasons == status.reasons
    assert (not reasons) == status.trusted


def test_what_only_a_client_says_is_shown_at_the_leaf() -> None:
    made = forge.leaf()
    assert ("no", "") == ChainStatus(made, ("", ""), "no").in_viewer
    assert ("", "bad") == ChainStatus(made, ("", "bad"), "no").in_viewer
    assert ("", "") == ChainStatus(made, ("", ""), "").in_viewer


def test_each_bit_is_a_rule_of_ours() -> None:
    for bit, (of_leaf, of_issuer) in chain_engine.RULES.items():
        assert {of_leaf, of_issuer} <= set(rules.RULES)
        assert (of_leaf,) == chain_engine.rules_of([bit])
        assert (of_issuer,) == chain_engine.rules_of([0, bit])


@pytest.mark.parametrize(
    ("statuses", "good", "line"),
    [
        (("", ""), True, ""),
        (("It is old.", ""), False, ""),
        (("", ""), False, "Windows says otherwise: nothing is wrong with it"),
        (("It is old.", ""), True, "Windows says otherwise: It is old. (expired)"),
    ],
)
def test_windows_is_heard_where_it_says_otherwise(
    statuses: tuple[str, ...], good: bool, line: str
) -> None:
    known = ("expired",) if any(statuses) else ()
    status = ChainStatus(forge.leaf(), statuses, "", known)
    assert line == status.otherwise(good=good)


@pytest.mark.skipif(sys.platform == "win32", reason="this is Windows")
def test_elsewhere_nobody_can_say() -> None:
    with pytest.raises(StoreError, match="only Windows can say"):
        chain_engine.chain_status(forge.leaf(), "a.example.com", at=forge.AT)


def test_a_moment_needs_its_time_zone() -> None:
    with pytest.raises(InputError):
        chain_engine.chain_status(forge.leaf(), at=datetime(2026, 11, 1))  # noqa: DTZ001
