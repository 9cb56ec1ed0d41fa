"""Workers with a wrong clock, by means of libfaketime (Debian package `faketime`)."""

from __future__ import annotations

import glob
import sys
import time

import pytest

WHERE = ["/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1", "/usr/local/lib/faketime/*.so.1"]


@pytest.fixture(scope="module")
def clock():
    """The environment of a process whose clock is off by some seconds."""
    found = [path for pattern in WHERE for path in glob.glob(pattern)]
    if not sys.platform.startswith("linux") or not found:
        pytest.skip("setting a process's clock needs libfaketime: apt-get install faketime")

    def off_by(seconds):
        settings = {"FAKETIME": f"{seconds:+}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
        return {"LD_PRELOAD": found[0], **settings}

    return off_by


@pytest.mark.stock
def test_workers_an_hour_off_touch_neither_rates_nor_percentiles(cluster, clock):
    master = cluster.master(stop_timeout=5)
    workers = [
        cluster.worker(master.port),
        cluster.worker(master.port, env=clock(3600)),
        cluster.worker(master.port, env=clock(-3600)),
        cluster.worker(master.port, "stock", env=clock(-3600)),
    ]
    assert all(worker.id for worker in workers)
    master.until(lambda state: len(state["workers"]) == 4)
    started = time.monotonic()
    master.do("start", users=12, rate=12)
    master.until(lambda state: state["users"] == 12 and state["requests"] > 700)
    served, seconds = cluster.target.served(), time.monotonic() - started
    rate = served / seconds
    # A current rate is that of whole seconds some time ago, and reports come every three seconds.
    state = master.until(lambda state: 0.6 * rate < state["current_rps"] < 1.5 * rate)
    assert 0.5 * rate < state["rps"] < 1.5 * rate
    # The target takes 50 ms for a third of the requests or more.
    assert 40 < state["current_p95_ms"] < 1000
    state = master.do("stop")
    assert state["requests"] == state["per_second"] == cluster.target.served()
