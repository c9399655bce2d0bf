"""Who opens which PFX file: the documentation says what is so (the quick part)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from components import require

from attacks import pfx_matrix

DOCS = Path(__file__).parent.parent / "docs/reference/pfx.md"
WRITERS = ["certlib", "certlib, for old Windows", "OpenSSL -legacy"]


def documented() -> list[dict[str, str]]:
    text = DOCS.read_text(encoding="utf-8")
    head, _, *rows = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    return [
        dict(zip(head.split(" | "), row.split(" | "), strict=False)) for row in rows
    ]


def test_every_writer_stands_in_the_documentation_with_every_passphrase() -> None:
    expected = [
        (w, kind) for w in pfx_matrix.WRITERS for kind in pfx_matrix.PASSPHRASES
    ]
    assert expected == [(row["Written by"], row["Passphrase"]) for row in documented()]


@pytest.mark.parametrize("reader", ["certlib", "OpenSSL", "NSS", "Java"])
def test_a_reader_opens_what_the_documentation_says(reader: str) -> None:
    for program in ("openssl", "pk12util", "java"):
        require(program)
    kinds = ["ASCII", "umlaut"]
    found = pfx_matrix.matrix(WRITERS, [reader], kinds)
    expected = {
        (row["Written by"], row["Passphrase"]): row[reader] == "✓"
        for row in documented()
        if row["Written by"] in WRITERS and row["Passphrase"] in kinds
    }
    assert expected == {at: opens and opens[reader] for at, opens in found.items()}
