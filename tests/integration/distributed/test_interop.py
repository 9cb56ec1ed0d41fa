"""Mixed clusters of locust-rs and stock nodes: the users asked for, exact counts, clean stop and quit."""

from __future__ import annotations

import signal
import time

import pytest


@pytest.fixture
def pythons(cluster, old_stock_python):
    cluster.pythons["stock-2.44"] = old_stock_python
    return cluster.pythons


MIXES = [
    pytest.param("ours", ["stock", "stock"], id="our-master-stock-workers"),
    pytest.param("ours", ["stock", "stock-2.44", "ours"], id="our-master-mixed-workers"),
    pytest.param("stock", ["ours", "ours"], id="stock-master-our-workers"),
    pytest.param("stock-2.44", ["ours", "ours"], id="old-stock-master-our-workers"),
    pytest.param("stock", ["ours", "stock"], id="stock-master-mixed-workers"),
]


@pytest.mark.stock
@pytest.mark.parametrize(("master_kind", "worker_kinds"), MIXES)
def test_mixed_cluster_spawns_counts_and_ends_cleanly(cluster, pythons, master_kind, worker_kinds):
    # Stock workers interrupt requests in flight, unless they have a stop timeout.
    master = cluster.master(master_kind, options={} if master_kind == "ours" else STOCK_OPTIONS, stop_timeout=5)
    workers = [cluster.worker(master.port, kind) for kind in worker_kinds]
    assert all(worker.id for worker in workers)
    master.until(lambda state: len(state["workers"]) == len(workers))
    master.do("start", users=13, rate=6)
    state = master.until(lambda state: state["users"] == 13 and state["state"] == "running")
    assert state["classes"] == {"Steady": 9, "Brisk": 3, "Single": 1}
    counts = sorted(worker["users"] for worker in state["workers"].values())
    assert counts[-1] - counts[0] <= 1
    master.do("send", type="hello", data="world")
    state = master.until(lambda state: len(state["received"]) == len(workers))
    assert sorted(data["index"] for _, data in state["received"]) == list(range(len(workers)))
    master.do("start", users=5, rate=20)
    master.until(lambda state: state["users"] == 5 and state["state"] == "running")

    served = _after_stop(cluster, master, master_kind)
    assert master.state()["requests"] == served
    state = master.do("quit")
    assert state["requests"] == served
    # Whether a stock worker receives a stock master's "quit" does not concern locust-rs.
    listening = [worker for worker, kind in zip(workers, worker_kinds, strict=True) if "ours" in (master_kind, kind)]
    assert [worker.wait() for worker in listening] == [0] * len(listening)


STOCK_OPTIONS = {"enable_rebalancing": False, "expect_workers": 1, "tags": None, "exclude_tags": None}


def _after_stop(cluster, master, master_kind):
    """Stops the test; a stock master returns before its workers' last reports are in, so they are awaited."""
    master.do("stop")
    served = cluster.target.served()
    if master_kind != "ours":
        master.until(lambda state: state["requests"] == served, timeout_s=15)
    return served


@pytest.mark.stock
def test_quitting_our_master_gets_the_last_reports_of_stock_workers_with_a_stop_timeout(cluster):
    master = cluster.master("ours", stop_timeout=5)
    workers = cluster.workers(master.port, 2, "stock")
    master.until(lambda state: len(state["workers"]) == 2)
    master.do("start", users=10, rate=10)
    master.until(lambda state: state["users"] == 10 and state["requests"] > 100)
    state = master.do("quit")
    assert state["requests"] == cluster.target.served()
    assert [worker.wait() for worker in workers] == [0, 0]


@pytest.mark.stock
def test_our_worker_leaves_a_stock_master_without_losing_counts(cluster):
    master = cluster.master("stock", options=STOCK_OPTIONS)
    worker = cluster.worker(master.port)
    assert worker.id
    master.until(lambda state: len(state["workers"]) == 1)
    master.do("start", users=5, rate=5)
    master.until(lambda state: state["users"] == 5 and state["requests"] > 20)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    served = cluster.target.served()
    started = time.monotonic()
    master.until(lambda state: state["requests"] == served or time.monotonic() - started > 10)
    assert master.state()["requests"] == served
