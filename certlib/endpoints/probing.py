"""Probing: the handshakes with many servers at once, each in its own time."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from OpenSSL import SSL, crypto

from certlib.bundles import formats
from certlib.endpoints import failures, handshake
from certlib.endpoints.endpoint import Endpoint
from certlib.errors import (
    CertlibError,
    EncodingError,
    EndpointError,
    InputError,
)
from certlib.parsers import panics_as_errors

DEADLINE = 5.0
"""Seconds that a server has for connection and handshake together."""


AT_ONCE = 500
"""Servers that are looked at at the same time."""


@dataclass(frozen=True)
class Presented:
    """What a server presented in a handshake, or why there was none.

    Attributes:
        endpoint: who was asked.
        chain: the certificates that it sent, in its order, its own first.
        protocol: ``TLSv1.3`` for example; empty if the handshake failed.
        cipher: the cipher suite; empty if the handshake failed.
        error: why the handshake failed or a certificate cannot be read. The
            chain may be there nevertheless.
        der: the certificates as bytes, those too that cannot be read.
        stapled: what it brought along about its revocation (OCSP), or empty.
    """

    endpoint: Endpoint
    chain: tuple[x509.Certificate, ...] = ()
    protocol: str = ""
    cipher: str = ""
    error: CertlibError | None = None
    der: tuple[bytes, ...] = field(default=(), repr=False)
    stapled: bytes = field(default=b"", repr=False)

    @property
    def leaf(self) -> x509.Certificate | None:
        """The server's own certificate, if it could be read."""
        return self.chain[0] if self.chain else None


Result = Presented | BaseException | None
"""What passes from the loop's thread to the reader; None at the end."""


class _Handover:
    """Takes results from the loop's thread to the reader, as fast as it reads."""

    def __init__(self, room: int) -> None:
        self._results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(room)
        self._ended = False
        self._work: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None

    def begin(self) -> None:
        """Say, in the loop, which task is to end once nobody reads any more."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 # for the type checker
        self._work = asyncio.get_running_loop(), task

    async def put(self, result: Result) -> None:
        """Hand a result over as soon as there is room for it.

        Raises:
            asyncio.CancelledError: nobody reads any more.
        """
        if self._ended:
            raise asyncio.CancelledError
        await self._room.acquire()
        self._results.put(result)

    def fail(self, error: BaseException) -> None:
        """Hand over why the loop could not even start."""
        self._results.put(error)

    def get(self) -> Result:
        """Wait for the next result."""
        result = self._results.get()
        self._tell(self._room.release)
        return result

    def end(self) -> None:
        """Say that nobody reads any more."""
        self._ended = True
        if self._work is not None:
            self._tell(self._work[1].cancel)

    def _tell(self, action: Callable[[], object]) -> None:
        if self._work is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed already
                self._work[0].call_soon_threadsafe(action)


async def probe(endpoint: Endpoint, *, deadline: float = DEADLINE) -> Presented:
    """Return what a server presents. Never raises for what the server does.

    Args:
        endpoint: the server.
        deadline: seconds for connection and handshake together.
    """
    try:
        with panics_as_errors():
            return await _probe(endpoint, deadline)
    except Exception as error:  # of a library: one odd server ends no round
        return Presented(endpoint, error=failures.unexpected(endpoint, error))


async def _probe(endpoint: Endpoint, deadline: float) -> Presented:
    connection = handshake.connection_to(endpoint)
    try:
        async with asyncio.timeout(deadline):
            reader, writer = await handshake.connect(endpoint)
            try:
                await handshake.shake(connection, reader, writer, endpoint)
            finally:
                writer.close()
    except TimeoutError:
        state = connection.get_state_string()
        return _presented(
            endpoint, connection, failures.too_slow(endpoint, deadline, state)
        )
    except EndpointError as error:
        return _presented(endpoint, connection, error)
    except OSError as error:
        return _presented(endpoint, connection, failures.unreachable(endpoint, error))
    return _presented(endpoint, connection, None)


async def probe_each(
    endpoints: Iterable[Endpoint],
    *,
    deadline: float = DEADLINE,
    at_once: int = AT_ONCE,
) -> AsyncGenerator[Presented, None]:
    """Yield what each server presents, as the answers come.

    Takes from `endpoints` only as many as it works on, so they may be a
    stream of any length.

    Raises:
        InputError: `at_once` is less than one.
    """
    _check_at_once(at_once)
    waiting = iter(endpoints)
    running: set[asyncio.Task[Presented]] = set()
    try:
        while True:
            while len(running) < at_once and (one := next(waiting, None)) is not None:
                running.add(asyncio.create_task(probe(one, deadline=deadline)))
            if not running:
                return
            done, running = await asyncio.wait(
                running, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()


def probe_many(
    endpoints: Iterable[Endpoint],
    *,
    deadline: float = DEADLINE,
    at_once: int = AT_ONCE,
) -> Iterator[Presented]:
    """Yield what each server presents, as the answers come.

    Plain code and a notebook, whose event loop is busy with the cell, can both
    call this: the work is done by a loop in a thread of its own.

    Args:
        endpoints: the servers; a stream of any length.
        deadline: seconds that each of them has.
        at_once: how many are looked at at the same time.

    Raises:
        InputError: `at_once` is less than one.
    """
    _check_at_once(at_once)
    handover = _Handover(2 * at_once)

    async def work() -> None:
        handover.begin()
        # Looking a name up blocks a thread; the default is a handful of them.
        asyncio.get_running_loop().set_default_executor(
            ThreadPoolExecutor(min(at_once, 64), "certlib-dns")
        )
        end: BaseException | None = None
        try:
            each = probe_each(endpoints, deadline=deadline, at_once=at_once)
            async with contextlib.aclosing(each):
                async for presented in each:
                    await handover.put(presented)
        except BaseException as error:  # of the caller's stream: raised again there
            end = error
        # Before the loop closes, which waits for names that do not resolve.
        await handover.put(end)

    threading.Thread(
        target=_run, args=(work, handover), name="certlib-endpoints", daemon=True
    ).start()
    try:
        while (result := handover.get()) is not None:
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        handover.end()


def _check_at_once(at_once: int) -> None:
    if at_once < 1:
        raise InputError(
            f"{at_once} servers at once would be none",
            fix="give a number from 1; a few hundred do no harm",
        )


def _run(work: Callable[[], Coroutine[None, None, None]], handover: _Handover) -> None:
    """Run the loop, and let no reader wait for one that could not start."""
    try:
        asyncio.run(work())
    except asyncio.CancelledError:  # nobody reads any more
        pass
    except BaseException as error:
        handover.fail(error)


def look(endpoint: Endpoint, *, deadline: float = DEADLINE) -> Presented:
    """Return what one server presents; also inside a notebook."""
    return next(probe_many([endpoint], deadline=deadline, at_once=1))


def _presented(
    endpoint: Endpoint, connection: SSL.Connection, error: CertlibError | None
) -> Presented:
    chain = connection.get_peer_cert_chain() or []
    der = tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, one) for one in chain)
    certificates: list[x509.Certificate] = []
    for data in der:
        try:
            certificates.append(formats.read_der(data, origin=str(endpoint)))
        except EncodingError as reason:
            error = error or reason
            break  # the order would be wrong without it
    shaken = bool(connection.get_finished())
    return Presented(
        endpoint,
        tuple(certificates),
        connection.get_protocol_version_name() if shaken else "",
        (connection.get_cipher_name() or "") if shaken else "",
        error,
        der,
        handshake.stapled(connection),
    )
