"""Which approach for which case: the whole table."""

from __future__ import annotations

import itertools

import pytest

from certlib.products import PRODUCTS, Environment, Reachability, advise

TEST, PRODUCTION = Environment
INTERNAL, INTERNET = Reachability

OTHERS = {
    (TEST, INTERNAL): "self-signed",
    (TEST, INTERNET): "self-signed",
    (PRODUCTION, INTERNAL): "internal CA",
    (PRODUCTION, INTERNET): "public CA",
}
BOARD_CLOUD = dict.fromkeys(OTHERS, "public CA")


@pytest.mark.parametrize(
    ("slug", "case"), list(itertools.product(PRODUCTS, OTHERS)), ids=str
)
def test_the_table(slug, case):
    advice = advise(PRODUCTS[slug], *case)

    table = BOARD_CLOUD if slug == "board-cloud" else OTHERS
    assert table[case] == advice.approach
    assert advice.reason


def test_the_reason_names_the_product_that_is_special():
    reason = advise(PRODUCTS["board-cloud"], PRODUCTION).reason

    assert reason.startswith("Board Connector for Board Cloud is called")
