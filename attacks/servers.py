"""Servers that mean harm: silent, endless, dripping, or talking nonsense.

Whoever looks at them has an answer or an `EndpointError`, soon, and goes on.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from attacks import Outcome
from certlib import endpoints
from certlib.endpoints import Endpoint, proxies
from certlib.endpoints.fetching import Fetcher
from certlib.errors import EndpointError

DEADLINE = 2.0
SOON = DEADLINE * 4
"""Seconds: what is slower than this is bad, also where others work on this computer."""

Behaviour = Callable[[socket.socket], None]

_HTTP = b"HTTP/1.1 200 OK\r\n"


def _once(data: bytes) -> Behaviour:
    def say(peer: socket.socket) -> None:
        peer.sendall(data)
        with contextlib.suppress(OSError):
            while peer.recv(4096):
                pass

    return say


def _then_gone(data: bytes) -> Behaviour:
    return lambda peer: peer.sendall(data)


def _for_ever(begin: bytes, more: bytes, pause: float = 0.0) -> Behaviour:
    def say(peer: socket.socket) -> None:
        peer.sendall(begin)
        while True:
            peer.sendall(more)
            time.sleep(pause)

    return say


def _noise(peer: socket.socket) -> None:
    chance = random.Random(16)
    while peer.recv(4096):
        peer.sendall(chance.randbytes(chance.randint(1, 300)))


def behaviours() -> dict[str, Behaviour]:
    """Return what a server does with a connection, by what it is."""
    record = b"\x16\x03\x03\xff\xff"
    packed = gzip.compress(bytes(100 << 20))
    return {
        "silent": _once(b""),
        "gone": _then_gone(b""),
        "drips zeros": _for_ever(b"", b"\0", 0.1),
        "drips a greeting": _for_ever(b"220", b"-", 0.1),
        "endless zeros": _for_ever(b"", bytes(65536)),
        "an endless line": _for_ever(b"220 ", b"a" * 65536),
        "endless lines": _for_ever(b"", b"220-a\r\n" * 1000),
        "endless lines of IMAP": _for_ever(b"", b"* BYE\r\n" * 1000),
        "nonsense": _noise,
        "escapes": _then_gone(b"\x1b]0;x\x07\x1b[2J\xe2\x80\xae\r\n"),
        "half a greeting": _then_gone(b"220 a\r\n250-"),
        "a greeting, and no TLS": _once(b"220 a\r\n250 a\r\n220 a\r\nnothing\r\n"),
        "LDAP of an endless length": _once(b"\x30\x84\xff\xff\xff\xff\x02\x01\x01"),
        "nested LDAP": _then_gone(b"\x30\x80" * 2000),
        "a long tag of LDAP": _then_gone(b"\x3f" + b"\xff" * 4000),
        "LDAP that agrees": _then_gone(b"\x30\x05\x02\x01\x01\x0a\x01\x00"),
        "RDP that agrees": _once(
            bytes.fromhex("030000130ed000000000000200080001000000")
        ),
        "half of RDP": _then_gone(b"\x03\0"),
        "half a record of TLS": _once(record),
        "endless records of TLS": _for_ever(b"", record + bytes(65535)),
        "alerts of TLS": _for_ever(b"", b"\x15\x03\x03\0\x02\x01\x00"),
        "an old ServerHello": _then_gone(b"\x16\x03\x00\0\x04\x02\0\0\0"),
        "an endless head": _for_ever(_HTTP + b"X: ", b"x" * 1000),
        "many heads": _for_ever(_HTTP, b"X: x\r\n" * 1000),
        "a dripping body": _for_ever(_HTTP + b"\r\n", b"x", 0.1),
        "an endless body": _for_ever(_HTTP + b"\r\n", bytes(65536)),
        "an endless chunk": _then_gone(
            _HTTP + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 5000 + b"\r\n"
        ),
        "a negative length": _then_gone(_HTTP + b"Content-Length: -1\r\n\r\nx"),
        "a packed bomb": _then_gone(_HTTP + b"Content-Encoding: gzip\r\n\r\n" + packed),
        "a damaged pack": _then_gone(_HTTP + b"Content-Encoding: gzip\r\n\r\nxyz"),
        "to itself": _then_gone(b"HTTP/1.1 302 a\r\nLocation: /\r\n\r\n"),
        "to a file": _then_gone(
            b"HTTP/1.1 302 a\r\nLocation: file:///etc/passwd\r\n\r\n"
        ),
        "to brackets": _then_gone(b"HTTP/1.1 302 a\r\nLocation: http://[x/\r\n\r\n"),
        "an odd status": _then_gone(b"HTTP/1.1 99999999999999999999 a\r\n\r\n"),
    }


@contextlib.contextmanager
def serving(behaviour: Behaviour) -> Iterator[int]:
    """Be such a server on a port of this computer."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = server.accept()
                threading.Thread(target=one, args=(peer,), daemon=True).start()

    def one(peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            peer.settimeout(SOON)
            behaviour(peer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def clients() -> dict[str, Callable[[int], object]]:
    """Return who looks at a server."""

    def probed(port: int, before: str) -> object:
        endpoint = Endpoint("127.0.0.1", port, before=before)
        return list(endpoints.probe_many([endpoint], deadline=DEADLINE))

    known: dict[str, Callable[[int], object]] = {
        before or "tls": lambda port, before=before: probed(port, before)  # type: ignore[misc]
        for before in ("", "smtp", "imap", "pop3", "ldap", "rdp")
    }
    known["a proxy"] = _through
    url = "http://127.0.0.1:{}/1.crl"
    known["a list"] = lambda port: Fetcher(deadline=DEADLINE).fetch(url.format(port))
    known["a responder"] = lambda port: Fetcher(deadline=DEADLINE).fetch(
        url.format(port), b"question"
    )
    return known


def _through(port: int) -> object:
    """Look through a proxy, until nobody waits for it any more: Python would."""
    proxy, before = proxies.parse(f"127.0.0.1:{port}"), set(threading.enumerate())
    endpoint = replace(endpoints.parse("192.0.2.1:443"), proxy=proxy)
    found = list(endpoints.probe_many([endpoint], deadline=DEADLINE))
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith("certlib"):
            thread.join()
    return found


def attack(thorough: bool = False) -> list[Outcome]:
    """Return what came of looking at servers that mean harm."""
    outcome = Outcome("looks at a server that means harm")
    every = list(itertools.product(behaviours().items(), clients().items()))
    for (what, behaviour), (who, look) in every[:: 1 if thorough else 7]:
        begin = time.monotonic()
        outcome.tried += 1
        with serving(behaviour) as port:
            try:
                look(port)
            except EndpointError:
                pass
            except BaseException as error:
                said = f"{type(error).__name__}: {str(error)[:80]}"
                outcome.bad.append(f"{who}, {what}: {said}")
        if (took := time.monotonic() - begin) > SOON:
            outcome.bad.append(f"{who}, {what}: took {took:.0f} s")
    return [outcome]
