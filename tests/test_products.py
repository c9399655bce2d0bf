"""The products' table: every product renders, and the documents' conditions hold."""

import pytest

from certlib import products
from certlib.errors import InputError
from certlib.integrating import instructions
from certlib.products import PRODUCTS, WITHOUT_WEB_SERVER, Setup

ALL = pytest.mark.parametrize("product", PRODUCTS.values(), ids=lambda p: p.slug)


def actions(product):
    return " ".join(
        f"{step.window}: {step.action}" for step in instructions.steps(product)
    )


@ALL
def test_every_product_renders_from_the_window_to_the_browser(product):
    steps = instructions.steps(product)
    assert all(step.window and step.action for step in steps)
    assert steps[-1].action.endswith(f":{product.https_port}/ from another computer.")


@ALL
def test_a_product_is_found_by_its_short_name_in_any_case(product):
    assert products.product(f" {product.slug.upper()} ") is product


@ALL
def test_every_product_has_an_account_and_distinct_ports(product):
    numbers = [port.number for port in product.ports]
    assert product.service_account.startswith("NT Service\\")
    assert len(numbers) == len(set(numbers))
    assert not product.designer or "Designer" in {p.purpose for p in product.ports}


@ALL
def test_only_products_with_a_designer_show_its_windows(product):
    shown = "Edit certificate location" in actions(product)
    assert shown is (product.setup is Setup.DESIGNER) is product.designer


def test_without_a_designer_the_file_is_named():
    file = r"C:\Program Files\Theobald Software\Xtract Core\config\servers\tls.json"
    assert instructions.steps(PRODUCTS["xtract-core"])[0].window == file


def test_only_board_products_speak_of_the_board_cloud():
    speaking = {slug for slug, p in PRODUCTS.items() if "Board Cloud" in p.note}
    assert {"board-connector", "board-cloud"} == speaking


def test_only_the_board_cloud_demands_a_public_ca():
    demanding = [slug for slug, p in PRODUCTS.items() if p.public_ca_only]
    assert ["board-cloud"] == demanding


def test_an_installation_folder_that_is_not_documented_is_not_made_up():
    assert PRODUCTS["xtract-universal"].tls_file == (
        r"<installation folder of Xtract Universal>\config\servers\tls.json"
    )


@pytest.mark.parametrize("slug", WITHOUT_WEB_SERVER)
def test_a_product_without_a_web_server_says_so(slug):
    with pytest.raises(InputError, match="has no web server of its own"):
        products.product(slug)


def test_an_unknown_product_is_told_the_known_ones():
    with pytest.raises(InputError) as caught:
        products.product("xtract-nothing")
    assert caught.value.fix == f"take one of {', '.join(PRODUCTS)}"
