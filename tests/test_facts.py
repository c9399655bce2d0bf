"""Facts that texts state and a slip would change unseen: each compared at its edge."""

from __future__ import annotations

import json
import re
from datetime import timedelta, timezone
from pathlib import Path

import forge
import pytest
from test_twins import parse

from certlib import clock, products
from certlib.bundles import PfxProtection
from certlib.products import PRODUCTS
from certlib.rules import Context, judge
from certlib.summaries import of_certificate

ROOT = Path(__file__).parent.parent
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def texts():
    """The texts of notebooks, docs and README, by where they stand."""
    found = {p.name: p.read_text("utf-8") for p in ROOT.glob("docs/*.md")}
    found["README.md"] = (ROOT / "README.md").read_text("utf-8")
    for path in ROOT.glob("notebooks/*.ipynb"):
        for number, cell in enumerate(json.loads(path.read_text("utf-8"))["cells"]):
            if cell["cell_type"] == "markdown":
                found[f"{path.name} {number}"] = "".join(cell["source"])
    return found


TEXTS = texts()


def test_texts_name_accounts_of_products_only():
    known = {product.service_account for product in PRODUCTS.values()}
    named = {
        (place, account)
        for place, text in TEXTS.items()
        for account in re.findall(r"NT Service\\[A-Za-z][\w ]*", text)
    }
    assert [] == [one for one in named if one[1].strip() not in known]


def test_texts_name_ports_of_products_only():
    known = {port.number for product in PRODUCTS.values() for port in product.ports}
    named = {
        (place, int(port))
        for place, text in TEXTS.items()
        for port in re.findall(r"example\.com:(\d+)", text)
    }
    assert [] == [one for one in named if one[1] not in {*known, 443}]


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)
def test_the_table_of_products_in_the_docs_is_that_of_the_code(product):
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in TEXTS["integrating.md"].splitlines()
    ]
    (row,) = [r for r in rows if re.sub(r" \(\d\)$", "", r[0]) == product.name]
    account = re.sub(r"` \(\d\)$", "", row[4])
    expected = [str(product.http_port), str(product.https_port)]
    assert (expected, product.service_account) == (row[2:4], account)


BLOCKS = [
    (place, block)
    for place, text in TEXTS.items()
    for block in re.findall(r"```powershell\n(.*?)```", text, re.DOTALL)
]


@pytest.mark.parametrize(("place", "block"), BLOCKS, ids=[b[0] for b in BLOCKS])
def test_what_is_to_be_typed_by_hand_is_powershell(place, block):
    def quoted(words):
        return ", ".join(f"'{word}'" for word in words[0].split(", "))

    # The grammar of the check knows no list of bare words, which PowerShell takes.
    parse(re.sub(r"\b\w+(?:, \w+)+", quoted, block))


AES_256 = bytes.fromhex("60864801650304012a")  # 2.16.840.1.101.3.4.1.42
TRIPLE_DES = bytes.fromhex("2a864886f70d010c0103")  # 1.2.840.113549.1.12.1.3


@pytest.mark.parametrize("protection", [None, *PfxProtection])
def test_the_protection_of_a_pfx_file_is_what_it_says(protection, tmp_path):
    chosen = {} if protection is None else {"protection": protection}
    forge.leaf().write(tmp_path / "a.pfx", passphrase="secret", **chosen)
    data = (tmp_path / "a.pfx").read_bytes()
    old = protection is PfxProtection.TRIPLE_DES
    assert (not old, old) == (AES_256 in data, TRIPLE_DES in data)


@pytest.mark.parametrize("hours", [-11, 0, 5.5, 14])
def test_moments_are_shown_in_utc_wherever_they_come_from(hours):
    there = clock.PRACTICE_TIME.astimezone(timezone(timedelta(hours=hours)))
    assert "2026-11-02 08:00 UTC" == clock.minute(there)
    assert "2026-11-02 08:00:00 UTC" == clock.second(there)


ENDS = [
    (-SECOND, {"expired"}),
    (0 * SECOND, {"about-to-expire"}),
    (30 * DAY - SECOND, {"expiring"}),
    (30 * DAY, set()),
]


@pytest.mark.parametrize(("left", "expected"), ENDS, ids=str)
def test_the_end_counts_to_the_second(left, expected):
    leaf = forge.leaf(not_before=forge.AT - 300 * DAY, not_after=forge.AT + left).leaf
    found = {f.rule for f in judge(of_certificate(leaf), Context(forge.AT))}
    assert expected == found & {"expired", "about-to-expire", "expiring"}


LIVES = [(200 * DAY - SECOND, set()), (200 * DAY, {"lifetime-too-long"})]


@pytest.mark.parametrize(("lived", "expected"), LIVES, ids=str)
def test_the_limit_of_200_days_counts_to_the_second(lived, expected):
    leaf = forge.leaf(not_before=forge.AT, not_after=forge.AT + lived).leaf
    context = Context(forge.AT, approach=products.Approach.PUBLIC_CA)
    found = {f.rule for f in judge(of_certificate(leaf), context)}
    assert expected == found & {"lifetime-too-long"}
