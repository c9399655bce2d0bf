"""Issuers: the contract that every way to a certification authority keeps.

A new issuer gets a row in `ISSUERS`; the first test asks for it.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import forge
import pebble
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import clock, issuers, keys, requesting
from certlib.errors import CertlibError
from certlib.issuers import Chain, Issuer, Order, training
from certlib.issuers.acme import AcmeCA
from certlib.issuers.by_hand import ByHand
from certlib.issuers.training import TrainingCA
from certlib.keys import KeyKind
from certlib.specs import CertificateSpec
from certlib.trust import chains

SPEC = CertificateSpec(("board.example.com",), KeyKind.ECDSA_P256)


@dataclass(frozen=True)
class Case:
    """An issuer, and what else the contract needs of it.

    Attributes:
        issuer: returns it as it is after a restart.
        release: does what a person at the authority does for an order.
        waits: whether an order is pending until then.
    """

    issuer: Callable[[], Issuer]
    release: Callable[[Order], None]
    waits: bool = True


@contextmanager
def by_hand(folder: Path) -> Iterator[Case]:
    authority = training.found(folder / "ca", at=forge.AT, fixed=True)

    def release(order: Order) -> None:
        taken = authority.submit(order.request)
        authority.approve(taken, at=forge.AT)
        answer = b"".join(
            one.public_bytes(Encoding.PEM) for one in authority.collect(taken) or ()
        )
        (folder / "exchange" / order.reference).with_suffix(".pem").write_bytes(answer)

    yield Case(lambda: ByHand(folder / "exchange"), release)


@contextmanager
def practice(folder: Path) -> Iterator[Case]:
    authority = training.found(folder, at=forge.AT, fixed=True)
    yield Case(
        lambda: training.load(folder),
        lambda order: authority.approve(order, at=forge.AT),
    )


@contextmanager
def public(folder: Path) -> Iterator[Case]:
    with pebble.running(folder) as server:
        yield Case(
            lambda: server.ca(folder, server.http_server()),
            lambda order: None,
            waits=False,
        )


ISSUERS = {ByHand: by_hand, TrainingCA: practice, AcmeCA: public}


def test_every_issuer_is_held_to_the_contract() -> None:
    found = set()
    for module in pkgutil.iter_modules(issuers.__path__):
        loaded = importlib.import_module(f"certlib.issuers.{module.name}")
        found |= {
            kind
            for _, kind in inspect.getmembers(loaded, inspect.isclass)
            if kind.__module__ == loaded.__name__
            and (hasattr(kind, "submit") or hasattr(kind, "collect"))
        }
    assert set(ISSUERS) == found


def keeps_the_contract(case: Case, folder: Path) -> None:
    """Fail where an issuer breaks what `certlib.issuers.Issuer` promises."""
    request = requesting.prepare(SPEC, folder, at=clock.now()).csr
    order = case.issuer().submit(request)
    assert (case.issuer().name, request) == (order.issuer, order.request)
    again = Order(order.issuer, str(order.reference), request)  # after a restart
    if case.waits:
        assert [None, None] == [case.issuer().collect(again) for _ in range(2)]
    case.release(order)
    chain = case.issuer().collect(again)
    assert chain is not None
    assert keys.has_key(chain[0], request.public_key())
    assert chains.order(chain[0], chain[1:]) == chain[1:]
    assert chain == case.issuer().collect(order)
    with pytest.raises(CertlibError):
        case.issuer().collect(Order(order.issuer, "../elsewhere", request))


@pytest.mark.parametrize("kind", ISSUERS, ids=lambda kind: kind.__name__)
def test_an_issuer_keeps_its_contract(kind, tmp_path: Path) -> None:
    (tmp_path / "issuer").mkdir()
    with ISSUERS[kind](tmp_path / "issuer") as case:
        keeps_the_contract(case, tmp_path / "requests")


@dataclass(frozen=True)
class HalfMade:
    """A right issuer, of which the cases below spoil one thing each."""

    right: TrainingCA

    @property
    def name(self) -> str:
        return self.right.name

    def refuse(self, server_names: tuple[str, ...]) -> None:
        self.right.refuse(server_names)

    def submit(self, request: x509.CertificateSigningRequest) -> Order:
        return self.right.submit(request)

    def collect(self, order: Order) -> Chain | None:
        return self.right.collect(order)


class NamesItselfAnew(HalfMade):
    @property
    def name(self) -> str:
        return f"issuer {id(self)}"


class AnswersLeafLast(HalfMade):
    def collect(self, order: Order) -> Chain | None:
        chain = super().collect(order)
        return chain and chain[::-1]


class ForgetsTheChain(HalfMade):
    def collect(self, order: Order) -> Chain | None:
        chain = super().collect(order)
        return chain and (chain[0], forge.ca("Another CA").leaf)


class CollectsOnce(HalfMade):
    def collect(self, order: Order) -> Chain | None:
        chain = super().collect(order)
        mark = self.right.folder / "collected"
        if chain and mark.exists():
            return None
        if chain:
            mark.touch()
        return chain


class AnswersForAnyOrder(HalfMade):
    def collect(self, order: Order) -> Chain | None:
        number = order.reference if order.reference.isdigit() else "1"
        return super().collect(dataclasses.replace(order, reference=number))


class RefusesToWait(HalfMade):
    def collect(self, order: Order) -> Chain | None:
        chain = super().collect(order)
        if chain is None:
            raise ValueError("it is not there")
        return chain


@pytest.mark.parametrize("kind", HalfMade.__subclasses__())
def test_the_contract_fails_for_a_half_made_issuer(kind, tmp_path: Path) -> None:
    with practice(tmp_path / "issuer") as right:
        spoilt = dataclasses.replace(
            right, issuer=lambda: kind(training.load(tmp_path / "issuer"))
        )
        with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
            keeps_the_contract(spoilt, tmp_path / "requests")


def test_the_contract_is_kept_by_what_the_half_made_ones_begin_with(tmp_path) -> None:
    with practice(tmp_path / "issuer") as right:
        whole = dataclasses.replace(
            right, issuer=lambda: HalfMade(training.load(tmp_path / "issuer"))
        )
        keeps_the_contract(whole, tmp_path / "requests")
