"""How a master reads messages when more of them wait than it can handle at once."""

from __future__ import annotations

import time

import gevent
from gevent.monkey import get_original

from locust_rs import User, runners
from locust_rs._version import __version__
from locust_rs.rpc import Message, rpc

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


def test_no_worker_is_missing_while_its_heartbeats_wait(cluster_of, until, monkeypatch):
    monkeypatch.setattr(runners, "HEARTBEAT_INTERVAL", 0.3)
    monkeypatch.setattr(runners, "HEARTBEAT_LIVENESS", 2)
    cluster = cluster_of([Anyone], workers=0)
    master, names = cluster.master, [f"worker_{number}" for number in range(30)]
    states: set[str] = set()
    handled: list[str] = []

    def compute(client_id, **kwargs):
        ends = time.perf_counter() + 0.05
        while time.perf_counter() < ends:
            pass
        states.update(node.state for node in master.clients.values())
        handled.append(client_id)

    master.environment.events.heartbeat_sent.add_listener(compute)
    clients = [rpc.Client("127.0.0.1", master.server.port, name) for name in names]
    try:
        for client, name in zip(clients, names, strict=True):
            client.send(Message("client_ready", __version__, name))
            for _ in range(3):
                client.send(Message("heartbeat", {"state": "ready", "current_cpu_usage": 1.0}, name))
        get_original("time", "sleep")(0.5)
        until(lambda: len(handled) == 3 * len(names))
    finally:
        for client in clients:
            client.close(linger=0)
    assert states == {"ready"}


def test_last_report_is_not_missing_while_it_waits_to_be_read(cluster_of, until, monkeypatch):
    monkeypatch.setattr(runners, "LAST_REPORT_TIMEOUT", 0.1)
    cluster = cluster_of([Anyone])
    master, worker = cluster.master, cluster.workers[0]
    until(lambda: worker.connected)
    master.start(1, 1)
    until(lambda: master.user_count == 1)

    def compute(client_id, **kwargs):
        ends = time.perf_counter() + 0.02
        while time.perf_counter() < ends:
            pass

    master.environment.events.heartbeat_sent.add_listener(compute)
    worker.stats.log_request("GET", "/", 1.0, 10)
    for _ in range(50):
        worker._send(Message("heartbeat", {"state": "running", "current_cpu_usage": 1.0}, worker.client_id))
    master.quit()
    assert master.stats.total.num_requests == 1
