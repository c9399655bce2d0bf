"""Catalogue: what can be broken, and what an administrator can do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from certlib import stores
from certlib.bundles import Bundle
from certlib.errors import InputError, PassphraseError
from certlib.practice.service import Service, Settings
from certlib.stores import INTERMEDIATE, PERSONAL


@dataclass(frozen=True)
class Repair:
    """Something that an administrator can do, and that is then done.

    Attributes:
        text: what it is.
        change: does it to a service.
        restarts: the service is restarted after it.
    """

    text: str
    change: Callable[[Service], None]
    restarts: bool = True

    def do(self, service: Service) -> None:
        """Repair a service."""
        self.change(service)
        if self.restarts:
            service.restart()


def _ask_for_another(service: Service) -> None:
    service.use(service.release())


def _import_again(service: Service) -> None:
    if not service.reads_aes:
        raise PassphraseError(
            "The password you entered is incorrect", fix="look at what wrote the file"
        )
    _import(service)


def _import_old(service: Service) -> None:
    service.reads_aes = True
    _import(service)


def _import(service: Service) -> None:
    if not service.made:
        raise InputError("there is no PFX file", fix="get another certificate")
    newest = max(service.made, key=lambda bundle: bundle.leaf.not_valid_before_utc)
    store = service.machine.open(PERSONAL)
    if stores.has(store, newest.thumbprint):
        store.remove(newest.thumbprint)
    service.use(newest)


def _select_newest(service: Service) -> None:
    entries = list(service.machine.open(PERSONAL))
    newest = max(entries, key=lambda e: e.certificate.not_valid_before_utc)
    service.set(selected=newest.thumbprint)


def _grant(service: Service) -> None:
    store = service.machine.open(PERSONAL)
    store.grant_read(service.settings.selected, service.product.service_account)


def _import_issuer(service: Service) -> None:
    store = service.machine.open(INTERMEDIATE)
    for entry in list(store):
        if entry.certificate.not_valid_after_utc < service.material.at:
            store.remove(entry.thumbprint)
    issuer = Bundle(service.issuing.certificate)
    if not stores.has(store, issuer.thumbprint):
        store.add(issuer)


def _trust_root(service: Service) -> None:
    service.trusted = (*service.trusted, service.root.certificate)


def _call_right(service: Service) -> None:
    service.called, service.called_port = service.host, 0


def _settings(service: Service) -> None:
    kept = service.settings
    service.settings = Settings(kept.selected, reversed_chain=kept.reversed_chain)


REPAIRS = {
    "certificate": Repair(
        "get another certificate of the company's authority, for the server's name, "
        "and select it",
        _ask_for_another,
    ),
    "import": Repair(
        "import the newest PFX file into Local Machine > Personal, let the service "
        "read the key, and select it",
        _import_again,
    ),
    "protection": Repair(
        "have the PFX file written again, protected with TripleDES-SHA1, and import "
        "that",
        _import_old,
    ),
    "select": Repair(
        "select the newest certificate in the Designer, or in tls.json where that is "
        "what the product reads",
        _select_newest,
    ),
    "grant": Repair("let the service's account read the private key", _grant),
    "issuer": Repair(
        "put the present certificate of the issuing authority into Intermediate "
        "Certification Authorities, in place of one that has ended",
        _import_issuer,
    ),
    "order": Repair(
        "write the chain anew: the server's certificate first, then the issuer of each",
        lambda service: service.set(reversed_chain=False),
    ),
    "root": Repair(
        "have the clients trust the company's root", _trust_root, restarts=False
    ),
    "call": Repair("tell the users the right address", _call_right, restarts=False),
    "settings": Repair(
        "set the web server to HTTPS with TLS 1.2 and 1.3, without certificates of "
        "clients",
        _settings,
    ),
    "restart": Repair("only restart the service", lambda service: None),
}
"""What can be done, by name."""


@dataclass(frozen=True)
class Fault:
    """A cause of trouble.

    Attributes:
        name: in words with hyphens.
        cause: in a sentence.
        report: what users say.
        level: 1 for easy to 3 for hard.
        repair: the name of what repairs it.
        lay: lays it into a service.
    """

    name: str
    cause: str
    report: str
    level: int
    repair: str
    lay: Callable[[Service], None]


FAULTS: dict[str, Fault] = {}
"""All faults by name."""

Lay = Callable[[Service], None]


def fault(repair: str, *, level: int = 1) -> Callable[[Lay], Lay]:
    """Publish a function as a fault, repaired by one of `REPAIRS`."""

    def publish(lay: Lay) -> Lay:
        name = lay.__name__.strip("_").replace("_", "-")
        cause, _, report = (lay.__doc__ or name).partition("\n")
        FAULTS[name] = Fault(name, cause, " ".join(report.split()), level, repair, lay)
        return lay

    return publish
