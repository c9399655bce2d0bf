"""Renewal in the stores of Windows: rights, the service's file, back if it must be."""

from __future__ import annotations

import contextlib
import sys
import threading
from datetime import timedelta
from pathlib import Path

import forge
import pytest

from certlib import bundles, clock, endpoints, importing, integrating
from certlib.endpoints import serving
from certlib.issuers import training
from certlib.requesting import renewing
from certlib.requesting.renewing import Job, Kind, Service, StorePlace
from certlib.stores import INTERMEDIATE, PERSONAL
from certlib.stores.windows import WindowsMachine

NAME = "renewed.example.com"
NETWORK_SERVICE = "NT AUTHORITY\\NETWORK SERVICE"


@pytest.fixture
def machine():
    machine = WindowsMachine()
    stores = [machine.open(address) for address in (PERSONAL, INTERMEDIATE)]
    before = [{entry.thumbprint for entry in store} for store in stores]
    yield machine
    for store, known in zip(stores, before, strict=True):
        for thumbprint in {entry.thumbprint for entry in store} - known:
            store.remove(thumbprint)


@contextlib.contextmanager
def service(machine, tls: Path, restart: Path):
    """Answer with what the file names, read anew when somebody asks for it."""
    ended, ready, where = threading.Event(), threading.Event(), []

    def run() -> None:
        port = 0
        while not ended.is_set():
            bundle = importing.servable(machine, integrating.chosen(tls))
            with serving.serve(bundle, port=port) as endpoint:
                port = endpoint.port
                where[:] = [endpoint]
                restart.unlink(missing_ok=True)
                ready.set()
                while not ended.wait(0.05) and not restart.exists():
                    pass

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(30)
    try:
        yield endpoints.Endpoint(where[0].host, where[0].port, NAME)
    finally:
        ended.set()
        thread.join()


def presented(endpoint) -> str:
    return bundles.thumbprint(endpoints.look(endpoint).leaf)


def lying(machine) -> list[set[str]]:
    stores = (machine.open(address) for address in (PERSONAL, INTERMEDIATE))
    return [{entry.thumbprint for entry in store} for store in stores]


def test_a_certificate_is_renewed_for_the_same_accounts_or_taken_back(
    machine, tmp_path
):
    now = clock.now()
    old = forge.leaf(
        common_name=NAME,
        san=(NAME,),
        private_key=forge.key(31),
        not_before=now - timedelta(days=80),
        not_after=now + timedelta(days=10),
    )
    store, tls, restart = machine.open(PERSONAL), tmp_path / "tls.json", tmp_path / "re"
    store.add(old, exportable=True)
    store.grant_read(old.thumbprint, NETWORK_SERVICE)
    integrating.configure(tls, old.thumbprint, machine)
    before, ca = lying(machine), training.found(tmp_path / "ca", at=now)
    touch = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()"

    with service(machine, tls, restart) as endpoint:

        def renew(program: str) -> renewing.Outcome:
            told = Service(
                tls_file=tls,
                after=(sys.executable, "-c", program, str(restart)),
                endpoint=endpoint,
                patience=timedelta(seconds=20 if program == touch else 3),
            )
            place = StorePlace(machine, PERSONAL, server=NAME)
            job = Job(place, machine, tmp_path / "requests", ca, service=told)
            plan = renewing.plan(job, at=clock.now(), if_needed=True)
            return renewing.carry_out(plan, at=clock.now())

        assert Kind.WAITING is renew(touch).kind
        ca.approve(ca.waiting()[0], at=clock.now())

        assert Kind.TAKEN_BACK is renew("pass").kind
        assert before == lying(machine)
        assert old.thumbprint == integrating.chosen(tls) == presented(endpoint)

        done = renew(touch)
        assert Kind.RENEWED is done.kind
        assert done.new == integrating.chosen(tls) == presented(endpoint)
        assert set(store.readers(old.thumbprint)) == set(store.readers(done.new))
        assert store.may_read(done.new, NETWORK_SERVICE)
        store.prove_key(done.new)
        assert Kind.NOT_DUE is renew(touch).kind
