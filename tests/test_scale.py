"""Scale: the same findings, on all cores and on a cluster."""

import importlib.util
import json
import pickle
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace

import forge
import pandas as pd
import pytest
from components import missing
from forge import DAY
from pebble import free_ports

from certlib import auditing, endpoints, reports, summaries
from certlib.auditing.sources import EndpointSource
from certlib.endpoints import Endpoint, serving
from certlib.errors import InputError
from certlib.reports import scale, tables
from certlib.rules import Context, Judge
from certlib.stores import practice_machine

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


@pytest.fixture(scope="module")
def cluster():
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        missing("the package dask[distributed]", reason="certlib[cluster]")
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as machines,
        Client(machines) as client,
    ):
        yield client


def test_a_cluster_loses_only_the_bad_batch(tmp_path, cluster):
    found = [*records(12), ("bad", None), *records(6)]
    run = scale.to_parquet(found, HERE, tmp_path / "out", pool=cluster, batch=6)
    assert (13, 1) == (run.certificates, len(run.failed))
    assert run.failed[0].startswith("batch 2: TypeError")
    assert 3 == len(run.parts) == len(list((tmp_path / "out").glob("*.parquet")))


def seen(source):
    """Return what an audit of servers says, in whatever order they answer."""
    in_order = sorted(source, key=lambda found: found.place)
    results = list(auditing.audit([in_order], HERE))
    return json.loads(reports.render(results, "json"))["certificates"]


def test_a_cluster_asks_servers_and_sees_what_this_computer_sees(tmp_path, cluster):
    whole = forge.chain()
    kinds = (whole, replace(whole, chain=()), forge.leaf(not_after=forge.AT - DAY))
    machine = practice_machine(tmp_path / "stores")
    with ExitStack() as running:
        served = [running.enter_context(serving.serve(one)) for one in kinds * 2]
        dead = Endpoint("127.0.0.1", free_ports(1)[0])
        asked = (*served, dead)
        here = EndpointSource(asked, at_once=2)
        there = replace(here, pool=cluster)
        assert 7 == sum(len(one["places"]) for one in seen(here))
        assert seen(here) == seen(there)
        (path := tmp_path / "servers.txt").write_text(
            "".join(f"{one.address}\n" for one in asked)
        )
        listed = auditing.source(str(path), machine, pool=cluster)
        alone = auditing.source(f"tls://{dead.address}", machine, pool=cluster)
        assert seen(auditing.source(str(path), machine)) == seen(listed)
        assert ["not-opened"] == [f["rule"] for f in seen(alone)[0]["findings"]]


class Broken:
    """A pool whose machines are gone."""

    def submit(self, function, *args):
        (future := Future()).set_exception(OSError("the line is dead"))
        return future


def test_servers_whose_machine_is_lost_are_findings():
    asked = tuple(Endpoint("127.0.0.1", port) for port in range(1, 6))
    found = list(EndpointSource(asked, at_once=2, pool=Broken()))
    assert 5 == len({one.place for one in found})
    assert all("the line is dead" in one.summary.problems[0].reason for one in found)


def test_what_a_server_presents_goes_to_another_process_and_back():
    with serving.serve(forge.chain()) as server:
        presented = endpoints.look(server)
    again = pickle.loads(pickle.dumps(presented))
    assert presented == again
    assert presented.chain
