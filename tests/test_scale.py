"""Scale: the same findings, on all cores and on a cluster."""

import importlib.util

import forge
import pandas as pd
import pytest
from components import missing

from certlib import summaries
from certlib.errors import InputError
from certlib.reports import scale, tables
from certlib.rules import Context, Judge

HERE = Context(at=forge.AT)


def records(count=20):
    right = forge.der(forge.leaf(issuer=forge.ca()))
    late = forge.der(forge.leaf(not_after=forge.AT - forge.SECOND))
    kinds = (right, late, forge.unparsable(), b"noise")
    return [(f"host-{n}", kinds[n % 4]) for n in range(count)]


def expected(found):
    judge = Judge(HERE)
    read = [summaries.of_der(der) for _, der in found]
    return tables.columns([p for p, _ in found], read, [judge(s) for s in read])


def plain(table):
    return table.astype({"expires": str}).astype(str).to_dict("list")


def test_a_frame_of_bytes_is_that_of_the_summaries():
    found = records()
    table = scale.frame(found, HERE)
    assert plain(expected(found)) == plain(table)
    assert {"fine", "error"} <= set(table["severity"])


def test_nothing_to_audit():
    assert 0 == len(scale.frame([], HERE))


def test_all_cores_write_the_same_rows(tmp_path):
    if importlib.util.find_spec("pyarrow") is None:
        missing("the package pyarrow", reason="certlib[cluster]")
    found = records()
    run = scale.to_parquet(iter(found), HERE, tmp_path / "out", batch=6)
    assert (20, 4, ()) == (run.certificates, len(run.parts), run.failed)
    together = pd.concat(pd.read_parquet(part) for part in sorted(run.parts))
    assert plain(expected(found)) == plain(together.reset_index(drop=True))
    with pytest.raises(InputError):
        scale.to_parquet(found, HERE, tmp_path / "out")


def test_a_cluster_loses_only_the_bad_batch(tmp_path):
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        missing("the package dask[distributed]", reason="certlib[cluster]")
    found = [*records(12), ("bad", None), *records(6)]
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        run = scale.to_parquet(found, HERE, tmp_path / "out", pool=client, batch=6)
    assert (13, 1) == (run.certificates, len(run.failed))
    assert run.failed[0].startswith("batch 2: TypeError")
    assert 3 == len(run.parts) == len(list((tmp_path / "out").glob("*.parquet")))
