"""Sharing: work that other processes or machines do, a batch at a time."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Protocol, TypeVar

from certlib import endpoints
from certlib.endpoints import Endpoint, Presented
from certlib.errors import EndpointError

Job = TypeVar("Job", bound=tuple[Any, ...])


class Pool(Protocol):
    """What does the work: an executor, or a client of a Dask cluster."""

    def submit(self, function: Any, /, *args: Any) -> Any:
        """Start a call and return its future."""


def done(
    pool: Pool, function: Callable[..., object], jobs: Iterable[Job]
) -> Iterator[tuple[Job, Any]]:
    """Yield each job and its future, as they end; a future has a result or an error.

    Args:
        pool: what calls the function.
        function: is called with what a job holds.
        jobs: a stream of any length; few are taken before they are worked on.
    """
    running: dict[Any, Job] = {}
    limit = 2 * (os.cpu_count() or 1) + 2
    stream = iter(jobs)
    while True:
        for job in itertools.islice(stream, limit - len(running)):
            running[pool.submit(function, *job)] = job
        if not running:
            return
        for future in _ended(list(running)):
            yield running.pop(future), future


def _ended(futures: list[Any]) -> list[Any]:
    if all(isinstance(future, Future) for future in futures):
        return list(wait(futures, return_when=FIRST_COMPLETED).done)
    import distributed

    wait_for: Any = distributed.wait
    return list(wait_for(futures, return_when="FIRST_COMPLETED").done)


def probed(
    pool: Pool, servers: Iterable[Endpoint], deadline: float, at_once: int
) -> Iterator[Presented]:
    """Yield what each server presents to the processes or machines of a pool.

    Args:
        pool: who asks them; each by its own proxy settings unless one is named.
        servers: whom to ask.
        deadline: seconds that each server has.
        at_once: how many one of them asks at the same time.
    """
    stream = iter(servers)
    batches = iter(lambda: tuple(itertools.islice(stream, at_once)), ())
    jobs = ((batch, deadline, at_once) for batch in batches)
    for (batch, *_), future in done(pool, ask, jobs):
        try:
            yield from future.result()
        except Exception as error:  # whatever ended that process or machine
            reason = f"{type(error).__name__}: {error}"[:200]
            for server in batch:
                yield Presented(server, error=_lost(server, reason))


def ask(batch: tuple[Endpoint, ...], deadline: float, at_once: int) -> list[Presented]:
    """Return what some servers present."""
    return list(endpoints.probe_many(batch, deadline=deadline, at_once=at_once))


def _lost(server: Endpoint, reason: str) -> EndpointError:
    return EndpointError(
        f"{server} was not asked to the end: who asked it broke down: {reason}",
        fix="look at the machines of the cluster, and run the audit again",
    )
