"""The forms of integrating: what they refuse while one types, and what comes of it."""

import forge
import pytest
import seen

from certlib import clock
from certlib.endpoints import serving
from certlib.errors import InputError, StoreError
from certlib.integrating import tls_settings
from certlib.products import PRODUCTS
from certlib.stores import PERSONAL, TRUSTED_ROOT, practice_machine
from certlib.widgets import integrating as views
from certlib.widgets.designer import Designer
from certlib.widgets.service import service_form


@pytest.fixture
def machine(tmp_path):
    return practice_machine(tmp_path / "stores")


def failed(form):
    return [check.subject for check in form.submit() if not check.passed]


def test_the_roots_of_the_machine_count(machine):
    bundle = forge.chain()
    machine.open(TRUSTED_ROOT).add(forge.ca("Example Root CA"))
    form = views.check_form(machine, at=lambda: forge.AT)
    with serving.serve(bundle) as service:
        form.fill(address=f"127.0.0.1:{service.port}", server_name=service.server_name)
        assert [] == failed(form)


def test_a_root_of_ones_own_is_given_as_a_file(machine, tmp_path):
    (path := tmp_path / "root.cer").write_bytes(forge.der(forge.ca("Example Root CA")))
    form = views.check_form(machine, at=lambda: forge.AT)
    with serving.serve(forge.chain()) as service:
        form.fill(address=f"127.0.0.1:{service.port}", server_name=service.server_name)
        form.fill(root=str(path))
        assert [] == failed(form)


def test_the_form_of_a_service_takes_a_root_of_ones_own(machine, tmp_path):
    own, other = (forge.ca(f"{name} Root") for name in ("Own", "Other"))
    bundle = forge.leaf(issuer=own, not_before=clock.now() - forge.DAY)
    account = PRODUCTS["board-connector"].service_account
    store = machine.open(PERSONAL)
    store.add(bundle)
    store.grant_read(bundle.thumbprint, account)
    for root, nothing in ((own, True), (other, False)):
        (path := tmp_path / "root.cer").write_bytes(forge.der(root))
        form = service_form(machine, tmp_path)
        form.fill(product="board-connector", root=str(path))
        form.submit()
        (tool,) = seen.every(form, Designer)
        tool.choose("HTTPS - Unrestricted")
        tool.click("Select X.509 certificate")
        tool.pick(bundle.thumbprint)
        said = seen.html(tool)
        assert nothing is ("Nothing is in the way" in said)
        assert nothing is not ("has a gap" in said)
    form.fill(root=str(tmp_path / "none.cer"))
    with pytest.raises(InputError):
        form.submit()


def test_a_root_that_nobody_trusts_is_told(machine):
    form = views.check_form(machine, at=lambda: forge.AT)
    with serving.serve(forge.chain()) as service:
        form.fill(address=f"127.0.0.1:{service.port}", server_name=service.server_name)
        assert ["trust"] == failed(form)


def test_the_certificate_that_was_selected_is_compared(machine):
    old, new = forge.leaf(not_before=forge.AT - 80 * forge.DAY), forge.leaf()
    machine.open(PERSONAL).add(new)
    form = views.check_form(machine, trusted=[old.leaf], at=lambda: forge.AT)
    with serving.serve(old) as service:
        form.fill(address=f"127.0.0.1:{service.port}", server_name=service.server_name)
        form.fill(selected=new.thumbprint)
        # It is self-signed, too, which is no good for production.
        assert ["selected certificate", "certificate"] == failed(form)
    assert "still presents the OLD certificate" in form.picture()


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"address": ""}, InputError),
        ({"address": "server:70000"}, InputError),
        ({"address": "server:443", "selected": "AB"}, InputError),
        ({"address": "server:443", "selected": "0" * 40}, StoreError),
    ],
)
def test_what_cannot_be_looked_at_is_refused(machine, values, error):
    form = views.check_form(machine)
    form.fill(**values)
    with pytest.raises(error):
        form.submit()


def test_tls_json_is_written_from_the_store(machine, tmp_path):
    bundle, path = forge.leaf(), tmp_path / "tls.json"
    machine.open(PERSONAL).add(bundle)
    form = views.tls_form(PRODUCTS["xtract-core"], machine, path)
    with pytest.raises(InputError, match="no certificate is chosen"):
        form.submit()
    form.fill(thumbprint=bundle.thumbprint)
    assert form.submit() == tls_settings.read(path).choice
    assert "SAP Connector Service" in form.picture()


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=lambda p: p.slug)
def test_every_product_shows_its_steps(product):
    twin = views.steps_table(product).picture()
    assert f":{product.https_port}/ from another computer." in twin
