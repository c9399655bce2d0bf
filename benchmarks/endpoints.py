"""How long does an audit of many servers take, when some are dead?

`uv run python benchmarks/endpoints.py [--servers 10000] [--dead 10]`: servers on
loopback in processes of their own, of which some accept a connection and never
say a word. They share this machine's cores with the audit. Memory is that of the
audit alone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import resource
import socket
import ssl
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from certlib import (
    CertificateSpec,
    auditing,
    clock,
    creating,
    keys,
    rules,
)
from certlib.auditing.sources import EndpointSource
from certlib.endpoints import Endpoint

NAME = "server.example.com"
EACH = 3000
"""Servers of one process, which may not have any number of open files."""


def serve(answer: Connection, healthy: int, dead: int) -> None:
    _many_files()
    asyncio.run(_serve(answer, healthy, dead))


async def _serve(answer: Connection, healthy: int, dead: int) -> None:
    made = creating.create(
        CertificateSpec((NAME,), key_kind=keys.KeyKind.ECDSA_P256), at=clock.now()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        made.write(Path(folder) / "a.pem")
        context.load_cert_chain(Path(folder) / "a.pem")

    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read(1)
            writer.close()

    servers = [
        await asyncio.start_server(close, "127.0.0.1", 0, ssl=context, backlog=8)
        for _ in range(healthy)
    ]
    silent = [socket.create_server(("127.0.0.1", 0)) for _ in range(dead)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    answer.send([*ports, *(one.getsockname()[1] for one in silent)])
    await asyncio.Event().wait()


def _many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--servers", type=int, default=10_000)
    parser.add_argument("--dead", type=int, default=10, metavar="PERCENT")
    given = parser.parse_args()
    _many_files()
    dead = given.servers * given.dead // 100
    healthy = given.servers - dead
    parts = [(min(EACH, healthy - n), 0) for n in range(0, healthy, EACH)] + [(0, dead)]
    ports = sorted(port for part in parts for port in _started(*part))
    asked = tuple(Endpoint("127.0.0.1", port, NAME) for port in ports)
    context = rules.Context(at=clock.now())
    begin = time.perf_counter()
    found = list(auditing.audit([EndpointSource(asked)], context))
    seconds = time.perf_counter() - begin
    unread = sum(len(one.places) for one in found if one.summary.problems)
    places = sum(len(one.places) for one in found)
    print(f"servers: {places}, of which {unread} did not answer")
    print(f"seconds: {seconds:.2f} (deadline 5 s each), {places / seconds:.0f}/s")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"MiB at most: {most:.0f}")


def _started(healthy: int, dead: int) -> list[int]:
    """Start servers in a process of their own, which ends with this one."""
    here, there = multiprocessing.Pipe()
    multiprocessing.get_context("spawn").Process(
        target=serve, args=(there, healthy, dead), daemon=True
    ).start()
    there.close()  # so that one that fails is noticed
    ports: list[int] = here.recv()
    return ports


if __name__ == "__main__":
    main()
