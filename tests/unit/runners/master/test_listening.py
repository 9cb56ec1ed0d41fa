"""How a master reads messages when more of them wait than it can handle at once."""

from __future__ import annotations

import time

import gevent
from gevent.monkey import get_original

from locust_rs import User
from locust_rs.rpc import Message

WAITING = 100
EACH_S = 0.005


class Anyone(User):
    pass


def test_others_run_while_messages_wait(cluster_of, until):
    cluster = cluster_of([Anyone])
    master, worker = cluster.master, cluster.workers[0]
    until(lambda: worker.connected)
    handled: list[str] = []
    seen: set[int] = set()

    def compute(client_id, **kwargs):
        ends = time.perf_counter() + EACH_S
        while time.perf_counter() < ends:
            pass
        handled.append(client_id)

    def look():
        while len(handled) < WAITING:
            seen.add(len(handled))
            gevent.sleep(0)

    master.environment.events.heartbeat_sent.add_listener(compute)
    heartbeat = {"state": "ready", "current_cpu_usage": 1.0}
    for _ in range(WAITING):
        worker._send(Message("heartbeat", heartbeat, worker.client_id))
    # They arrive, while no greenlet runs.
    get_original("time", "sleep")(0.5)
    gevent.spawn(look)
    until(lambda: len(handled) >= WAITING)
    assert len(seen) > 3
