"""What was tried to break certlib, in the short form. See `attacks`."""

from __future__ import annotations

import importlib
import sys

import pytest

from attacks.__main__ import ATTACKS
from attacks.breakages import BREAKAGES, ROOT


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_goes_wrong(name, record_property):
    outcomes = importlib.import_module(f"attacks.{name}").attack()
    record_property("summary", "; ".join(map(str, outcomes)))
    assert [] == [bad for outcome in outcomes for bad in outcome.bad]
    assert all(outcome.tried for outcome in outcomes)


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_breakage_changes_words_that_are_there(name):
    one = BREAKAGES[name]
    source = (ROOT / "certlib" / one.module).read_text(encoding="utf-8")
    assert one.before in source
