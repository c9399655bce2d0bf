"""Service: a Windows service as an exercise, with real TLS behind it.

It has a machine with stores, a choice in its Designer, an account, and clients
that call it. What it presents after a restart is what lies in the store and may
be read; whether clients accept that, real clients say. It runs on the real clock.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from certlib import clock, endpoints, importing, integrating, rules, stores
from certlib.bundles import Bundle
from certlib.endpoints import Endpoint, clients, serving
from certlib.endpoints.clients import Verdict
from certlib.errors import CertlibError, StoreError
from certlib.issuers import profiles
from certlib.practice.material import DAY, Authority, Material
from certlib.products import PRODUCTS, Environment, Product, Setup
from certlib.rules import RULES, Context
from certlib.stores import INTERMEDIATE, PERSONAL, Machine, StoreAddress
from certlib.trust.revocation import Lookup
from certlib.trust.revocation_lists import RevocationList
from certlib.trust.roots import Trust

DEADLINE = 2.0
"""Seconds that a client has: all of it is on this computer."""

QUICK = ("Python", "openssl s_client", "curl")
"""The clients that are asked each time; they answer at once."""


_SOME_REFUSE = [RULES["ca-as-server"], RULES["chain-in-wrong-order"]]
"""What those clients accept, and others do not."""


@dataclass(frozen=True)
class Settings:
    """What the service is set to.

    Attributes:
        selected: thumbprint of the certificate in the Designer.
        https: it speaks TLS at all.
        versions: the lowest and the highest version of TLS.
        asks_clients: it wants a certificate from its clients.
        hangs: it accepts connections and never answers.
        reversed_chain: it sends its issuers the other way round.
    """

    selected: str = ""
    https: bool = True
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion] = (
        ssl.TLSVersion.TLSv1_2,
        ssl.TLSVersion.TLSv1_3,
    )
    asks_clients: bool = False
    hangs: bool = False
    reversed_chain: bool = False


@dataclass(frozen=True)
class Look:
    """What is seen from outside.

    Attributes:
        verdicts: what each client says.
        failed: what `certlib check` complains about.
        presented: the certificates that were presented, the service's own first.
    """

    verdicts: tuple[Verdict, ...]
    failed: tuple[str, ...]
    presented: tuple[x509.Certificate, ...]

    @property
    def good(self) -> bool:
        """Every client that was asked accepts, and nothing else is wrong."""
        asked = [v.accepted for v in self.verdicts if v.accepted is not None]
        return bool(asked) and all(asked) and not self.failed

    @property
    def complaint(self) -> str:
        """The first thing that is wrong, in somebody's own words."""
        for verdict in self.verdicts:
            if verdict.accepted is False:
                return f"{verdict.client}: {verdict.words}"
        return self.failed[0] if self.failed else ""


@dataclass
class Service:
    """A service that works, until a fault is laid into it.

    Attributes:
        material: what its names and certificates come from; at this moment.
        product: whose service it is.
        machine: on which it runs.
        host: the name of its server.
        root, issuing: the authorities of the company.
        settings: what it is set to; they count from its next restart.
        trusted: the roots that its clients trust.
        revoked: serial numbers on the list of its authority, and since when.
        called: the name that its clients call.
        called_port: the port that they call; its own if 0.
        log: what it wrote when it started last.
        made: the PFX files that its authority has sent, as bundles.
        reads_aes: its Windows reads PFX files that are protected by AES-256.
        restarts: it was restarted after the last change.
    """

    material: Material
    product: Product
    machine: Machine
    host: str
    root: Authority
    issuing: Authority
    settings: Settings = Settings()
    trusted: tuple[x509.Certificate, ...] = ()
    revoked: dict[int, datetime] = field(default_factory=dict)
    called: str = ""
    called_port: int = 0
    log: tuple[str, ...] = ()
    made: list[Bundle] = field(default_factory=list)
    reads_aes: bool = True
    restarts: bool = True
    _running: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _port: int = 0

    @classmethod
    def fresh(cls, seed: str, folder: Path) -> Service:
        """Return a service that is set up and answers; the clock is the real one."""
        material = Material(seed, folder, at=clock.now())
        with_designer = [p for p in PRODUCTS.values() if p.setup is Setup.DESIGNER]
        root = material.authority("Example Root CA")
        service = cls(
            material,
            material.random.choice(with_designer),
            stores.practice_machine(folder / material.word()),
            material.host(),
            root,
            material.authority("Example Issuing CA", root),
            trusted=(root.certificate,),
        )
        service.called = service.host
        service.machine.open(INTERMEDIATE).add(Bundle(service.issuing.certificate))
        service.use(service.release())
        return service

    def release(self, *names: str, **otherwise: Any) -> Bundle:
        """Have the company's authority release a certificate; see `Material.leaf`."""
        issuer = otherwise.pop("issuer", self.issuing)
        if not names and "common_name" not in otherwise:
            names = (self.host,)
        bundle = self.material.leaf(*names, issuer=issuer, **otherwise)
        self.made.append(bundle)
        return bundle

    def use(
        self,
        bundle: Bundle,
        *,
        to: StoreAddress = PERSONAL,
        grant: bool = True,
        select: bool = True,
    ) -> None:
        """Import a certificate, let the service read its key, and select it."""
        store = self.machine.open(to)
        if not stores.has(store, bundle.thumbprint):
            store.add(bundle, exportable=True)
        if grant and bundle.private_key is not None:
            store.grant_read(bundle.thumbprint, self.product.service_account)
        if select:
            self.set(selected=bundle.thumbprint)

    def set(self, **changes: Any) -> None:
        """Change its `Settings`; they count from the next restart."""
        self.settings = replace(self.settings, **changes)

    def restart(self) -> None:
        """Stop it, and start it with what is set and stored now."""
        self.stop()
        self._port = 0
        try:
            self._port = self._running.enter_context(self._serving())
            self.log = (f"Listening on port {self.product.https_port}.",)
        except CertlibError as error:
            self.log = (f"The web server does not start: {error.message}.",)

    def stop(self) -> None:
        """Stop it."""
        self._running.close()

    @property
    def answers(self) -> bool:
        """Something listens where it is called."""
        return self._port != 0 and not self.called_port

    @property
    def endpoint(self) -> Endpoint:
        """Where clients call it."""
        port = self.called_port or self._port or closed_port()
        return Endpoint(serving.LOOPBACK, port, self.called)

    @property
    def address(self) -> str:
        """The address as its clients write it, with the port as documented."""
        port = self.product.http_port if self.called_port else self.product.https_port
        return f"https://{self.called}:{port}/"

    def look(self, names: tuple[str, ...] = QUICK) -> Look:
        """Ask clients, and look as `certlib check` does."""
        chosen = [clients.CLIENTS[name] for name in names]
        verdicts = tuple(
            clients.verdicts(
                self.endpoint, roots=self.trusted, clients=chosen, deadline=DEADLINE
            )
        )
        presented = endpoints.look(self.endpoint, deadline=DEADLINE)
        context = Context(clock.now(), environment=Environment.TEST, practice=True)
        checks = integrating.checks.check(
            presented,
            context=context,
            trust=self.trust(),
            selected=self._selected(),
        )
        failed = [f"{c.subject}: {c.detail}" for c in checks if not c.passed]
        if presented.chain:
            summary = presented.placed(self.trust()).judged(context.at)
            failed += [
                f.text for f in rules.judge(summary, context, rules=_SOME_REFUSE)
            ]
        return Look(verdicts, tuple(failed), presented.chain)

    def revoke(self) -> None:
        """Have the authority revoke what is selected, and publish its list."""
        chosen = self._selected()
        assert chosen is not None  # noqa: S101 # it works, until this
        self.revoked[chosen.serial_number] = self.material.at - DAY

    def trust(self) -> Trust:
        """Return whom clients trust; they look at the list if there is one."""
        trust = Trust.of((), given=self.trusted)
        if not self.revoked:
            return trust
        by = self.issuing
        crl = profiles.revocation_list(
            by.certificate, by.key, self.revoked, self.material.at
        )
        return replace(trust, revocation=Lookup.of([RevocationList(crl)]))

    def _selected(self) -> x509.Certificate | None:
        store = self.machine.open(PERSONAL)
        if not stores.has(store, self.settings.selected):
            return None
        return store.find(self.settings.selected).certificate

    @contextlib.contextmanager
    def _serving(self) -> Iterator[int]:
        if self.settings.hangs:
            with _hanging() as port:
                yield port
        elif not self.settings.https:
            with serving.serve_plain() as port:
                yield port
        else:
            with serving.serve(
                self._presented(), server_name=self.called, adjust=self._adjust
            ) as endpoint:
                yield endpoint.port

    def _presented(self) -> Bundle:
        """Return what the service loads: as its account, with the chain of Windows."""
        selected, account = self.settings.selected, self.product.service_account
        store = self.machine.open(PERSONAL)
        found = store.find(selected)
        if not found.has_private_key:
            raise stores.no_private_key(selected, PERSONAL)
        if not store.may_read(selected, account):
            raise StoreError(
                f"Keyset does not exist (0x80090016), running as {account}",
                fix="let the account read the private key",
            )
        store.prove_key(selected)
        served = importing.servable(self.machine, selected)
        # Windows goes by names; a broken signature is found by the clients.
        chain = served.chain or tuple(
            entry.certificate
            for entry in self.machine.open(INTERMEDIATE)
            if entry.certificate.subject == served.leaf.issuer
        )
        order = -1 if self.settings.reversed_chain else 1
        return replace(served, chain=chain[::order])

    def _adjust(self, context: ssl.SSLContext) -> None:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # as old as the exercise wants
        with warnings.catch_warnings():  # TLS 1.0 is what is asked for
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = self.settings.versions
        if self.settings.asks_clients:
            # Later versions say so after the client believes to be through.
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.verify_mode = ssl.CERT_REQUIRED


@contextlib.contextmanager
def _hanging() -> Iterator[int]:
    with socket.create_server((serving.LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def closed_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server((serving.LOOPBACK, 0)) as server:
        return int(server.getsockname()[1])
