"""Scale: hundreds of thousands of certificates, on all cores or on many machines.

Certificates come as a stream of places and bytes and go out as a folder of
Parquet files, batch by batch, so that memory does not grow with their number.
Only what a certificate itself says is judged, not its chain or its store, and
one that comes twice has two rows.
"""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from certlib import files, summaries
from certlib.auditing import sharing
from certlib.auditing.sharing import Pool
from certlib.errors import InputError
from certlib.reports import tables
from certlib.rules import Context, Judge

Record = tuple[str, bytes]
"""Where a certificate was found, and the certificate in DER."""

BATCH = 5000
"""Certificates in one file of the result; some 5 MB of memory each way."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a large audit.

    Attributes:
        certificates: how many were judged.
        findings: how many requirements they break, all together.
        parts: the Parquet files that were written.
        failed: batches that were lost, each with the reason.
    """

    certificates: int = 0
    findings: int = 0
    parts: tuple[Path, ...] = ()
    failed: tuple[str, ...] = ()


def frame(records: Iterable[Record], context: Context) -> pd.DataFrame:
    """Return the findings of certificates in DER, as `tables.frame` does.

    Args:
        records: places and certificates, readable or not.
        context: what they are judged for.
    """
    found = list(records)
    with _without_collecting():
        read = summaries.of_many([der for _, der in found])
        judge = _judge(context)
        findings = [judge(summary) for summary in read]
        return tables.columns([place for place, _ in found], read, findings)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Keep the garbage collector from searching a growing heap again and again.

    Reading makes no cycles; a batch is small.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_judge = lru_cache(maxsize=4)(Judge)


def to_parquet(
    records: Iterable[Record],
    context: Context,
    folder: Path,
    *,
    pool: Pool | None = None,
    batch: int = BATCH,
) -> Run:
    """Judge a stream of certificates into a folder of Parquet files.

    Read them with ``pandas.read_parquet(folder)``. A batch that is lost, with
    the process or the machine that worked on it, does not lose the others.

    Args:
        records: places and certificates; a stream of any length.
        context: what they are judged for.
        folder: where to; it must not have Parquet files yet. The machines of
            a cluster have to share it.
        pool: a ``dask.distributed.Client``, for example; processes on all
            cores of this machine when left out.
        batch: certificates in one file.

    Raises:
        InputError: there are Parquet files in the folder already.
    """
    files.folder(folder)
    if any(folder.glob("*.parquet")):
        raise InputError(
            f"{folder} has Parquet files already", fix="name an empty folder"
        )
    if pool is not None:
        return _run(records, context, folder, pool, batch)
    method = multiprocessing.get_context("spawn")  # safe beside threads, everywhere
    with ProcessPoolExecutor(os.cpu_count(), method) as processes:
        return _run(records, context, folder, processes, batch)


def _run(
    records: Iterable[Record], context: Context, folder: Path, pool: Pool, batch: int
) -> Run:
    run, stream = Run(), iter(records)
    parts = iter(lambda: list(itertools.islice(stream, batch)), [])
    jobs = (
        (part, context, folder / f"part-{number:06}.parquet")
        for number, part in enumerate(parts)
    )
    for (_, _, path), future in sharing.done(pool, write_part, jobs):
        run = _added(run, future, path)
    return run


def _added(run: Run, future: Any, path: Path) -> Run:
    try:
        certificates, findings = future.result()
    except Exception as error:  # whatever ended that process or machine
        number = int(path.stem.removeprefix("part-"))
        reason = f"batch {number}: {type(error).__name__}: {error}"
        return replace(run, failed=(*run.failed, reason[:300]))
    return replace(
        run,
        certificates=run.certificates + certificates,
        findings=run.findings + findings,
        parts=(*run.parts, path),
    )


def write_part(records: list[Record], context: Context, path: Path) -> tuple[int, int]:
    """Judge one batch into one file; return how many certificates and findings."""
    table = frame(records, context)
    temporary = path.with_suffix(".part")
    table.to_parquet(temporary, index=False)
    temporary.replace(path)
    return len(records), int((table["rule"] != "").to_numpy().sum())
