"""Linting: `pkilint` beside certlib's own findings."""

import importlib.util
import sys

import forge
import pytest
from components import missing

from certlib.auditing import linting
from certlib.errors import EncodingError, InputError


@pytest.fixture(autouse=True)
def pkilint():
    if importlib.util.find_spec("pkilint") is None:
        missing("the package pkilint", reason="certlib[pkilint]")


def test_what_the_linter_says():
    long = forge.leaf(serial_number=2**159 - 1, eku=None, common_name=None, san=None)
    remarks = linting.lint(forge.der(long))
    assert {"ERROR", "WARNING", "NOTICE", "INFO"} >= {r.severity for r in remarks}
    assert any("subject" in remark.code for remark in remarks)


def test_what_it_cannot_read():
    with pytest.raises(EncodingError, match="pkilint cannot read"):
        linting.lint(b"noise")


def test_without_it_the_fix_says_what_to_install(monkeypatch):
    linting.linter.cache_clear()
    monkeypatch.setitem(sys.modules, "pkilint", None)
    with pytest.raises(InputError, match="not installed"):
        linting.lint(forge.der(forge.leaf()))
