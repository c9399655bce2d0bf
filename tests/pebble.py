"""Pebble: a real ACME server, and its DNS, on loopback for as long as a test needs.

Everything listens on 127.0.0.1 only. Pebble keeps its state in memory and
makes a new root at each start.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import components
import forge
import requests
from cryptography import x509

from certlib import clock
from certlib.issuers.acme import AcmeCA
from certlib.issuers.challenges import DnsHook, HttpServer

LIFETIME_DAYS = 90


@dataclass(frozen=True)
class Pebble:
    folder: Path
    port: int
    management_port: int
    dns_management_port: int
    http_port: int

    @property
    def directory(self) -> str:
        return f"https://127.0.0.1:{self.port}/dir"

    @property
    def trust(self) -> Path:
        return self.folder / "tls.pem"

    def root(self) -> x509.Certificate:
        url = f"https://127.0.0.1:{self.management_port}/roots/0"
        answer = requests.get(url, verify=str(self.trust), timeout=10)
        return x509.load_pem_x509_certificate(answer.content)

    def http_server(self) -> HttpServer:
        return HttpServer(port=self.http_port, address="127.0.0.1")

    def dns_hook(self) -> DnsHook:
        return DnsHook(self.set_record)

    def set_record(self, action: str, record: str, value: str) -> None:
        verb = {"add": "set-txt", "remove": "clear-txt"}[action]
        body = {"host": f"{record}."} | ({"value": value} if action == "add" else {})
        url = f"http://127.0.0.1:{self.dns_management_port}/{verb}"
        requests.post(url, data=json.dumps(body), timeout=10).raise_for_status()

    def ca(self, folder: Path, solver, **changes) -> AcmeCA:
        values = {
            "directory": self.directory,
            "solver": solver,
            "account_key": folder / "account.pem",
            "terms_agreed": True,
            "trust": self.trust,
        }
        return AcmeCA(**values | changes)


@contextlib.contextmanager
def running(folder: Path, **settings) -> Iterator[Pebble]:
    """Run pebble and its DNS.

    Args:
        folder: for its configuration and log.
        settings: further ones of pebble's configuration.
    """
    program = components.require("pebble", reason="a real ACME server")
    dns = components.require("pebble-challtestsrv", reason="its DNS")
    ports = free_ports(5)
    server = Pebble(folder, *ports[:4])
    _write_settings(server, settings)
    dns_address = f"127.0.0.1:{ports[4]}"
    with (
        _process(
            folder / "dns.log",
            [
                *(dns, "-http01", "", "-https01", "", "-tlsalpn01", ""),
                *("-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""),
                *("-dns01", dns_address),
                *("-management", f"127.0.0.1:{server.dns_management_port}"),
            ],
            server.dns_management_port,
        ),
        _process(
            folder / "pebble.log",
            [program, "-config", folder / "pebble.json", "-dnsserver", dns_address],
            server.port,
        ),
    ):
        yield server


def tls_files(folder: Path) -> Path:
    """Write a certificate for loopback with its key into a file and return it."""
    now = clock.now()
    tls = forge.leaf(
        san=("127.0.0.1", "localhost"),
        common_name="localhost",
        not_before=now - forge.DAY,
        not_after=now + forge.DAY,
    )
    (folder / "tls.pem").write_bytes(tls.to_pem())
    return folder / "tls.pem"


def _write_settings(server: Pebble, settings) -> None:
    certificate = tls_files(server.folder)
    content = {
        "listenAddress": f"127.0.0.1:{server.port}",
        "managementListenAddress": f"127.0.0.1:{server.management_port}",
        "certificate": str(certificate),
        "privateKey": str(certificate),
        "httpPort": server.http_port,
        "tlsPort": free_ports(1)[0],
        "ocspResponderURL": "",
        "certificateValidityPeriod": LIFETIME_DAYS * 86_400,
    }
    (server.folder / "pebble.json").write_text(
        json.dumps({"pebble": content | settings})
    )


@contextlib.contextmanager
def _process(log: Path, command, port: int) -> Iterator[None]:
    quick = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=quick
        )
        try:
            wait_for(port, process, log)
            yield
        finally:
            process.terminate()
            process.wait(10)


def wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    """Wait until a process accepts connections."""
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    raise AssertionError(f"it did not start:\n{log.read_text()}")


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody uses at the moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Gate:
    """A way to a server that can be shut, as when the server is down."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = free_ports(1)[0]
        self._listener: socket.socket | None = None
        self._open_connections: list[socket.socket] = []

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,)).start()

    def shut(self) -> None:
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for one in self._open_connections:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open_connections.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self._open_connections += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, sink)).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
