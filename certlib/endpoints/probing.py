"""Probing: the handshakes with many servers at once, each in its own time."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from certlib.bundles import Bundle
from certlib.endpoints import asking, failures
from certlib.endpoints.asking import Presented
from certlib.endpoints.endpoint import Endpoint
from certlib.errors import InputError
from certlib.parsers import panics_as_errors

DEADLINE = 5.0
"""Seconds that a server has for connection and handshake together."""


AT_ONCE = 500
"""Servers that are looked at at the same time."""


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


async def probe(
    endpoint: Endpoint, *, deadline: float = DEADLINE, client: Bundle | None = None
) -> Presented:
    """Return what a server presents. Never raises for what the server does.

    Args:
        endpoint: the server.
        deadline: seconds for connections and handshakes together.
        client: certificate and key for a server that asks its clients for one.
    """
    try:
        with panics_as_errors():
            return await asking.ask(endpoint, deadline, client)
    except Exception as error:  # of a library: one odd server ends no round
        return Presented(endpoint, error=failures.unexpected(endpoint, error))


async def probe_each(
    endpoints: Iterable[Endpoint],
    *,
    deadline: float = DEADLINE,
    at_once: int = AT_ONCE,
    client: Bundle | None = None,
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
                running.add(
                    asyncio.create_task(probe(one, deadline=deadline, client=client))
                )
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
    client: Bundle | None = None,
) -> Iterator[Presented]:
    """Yield what each server presents, as the answers come.

    Plain code and a notebook, whose event loop is busy with the cell, can both
    call this: the work is done by a loop in a thread of its own.

    Args:
        endpoints: the servers; a stream of any length.
        deadline: seconds that each of them has.
        at_once: how many are looked at at the same time.
        client: certificate and key for servers that ask their clients for one.

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
            each = probe_each(
                endpoints, deadline=deadline, at_once=at_once, client=client
            )
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


def look(
    endpoint: Endpoint, *, deadline: float = DEADLINE, client: Bundle | None = None
) -> Presented:
    """Return what one server presents; also inside a notebook. See `probe`."""
    return next(probe_many([endpoint], deadline=deadline, at_once=1, client=client))
