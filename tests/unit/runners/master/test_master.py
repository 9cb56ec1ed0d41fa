"""What a master sends to its workers and accepts from them: a real master, and workers that only send messages."""

from __future__ import annotations

from argparse import Namespace

import gevent
import msgpack
import pytest
import zmq.green as zmq

from locust_rs import User, constant, task
from locust_rs.env import Environment
from locust_rs.runners.master import spawn_orders


class Anyone(User):
    wait_time = constant(1)

    @task
    def nothing(self):
        pass


@pytest.fixture
def master():
    options = Namespace(greeting="hello", unpackable=object())
    environment = Environment(user_classes=[Anyone], host="http://localhost", parsed_options=options)
    runner = environment.create_master_runner("127.0.0.1", 0)
    yield runner
    environment.runner.quit()


class Peer:
    """A locust-rs worker, as far as its master can tell."""

    def __init__(self, master, name, version="2.47.0"):
        self.name = name
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.IDENTITY, name.encode())
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(f"tcp://127.0.0.1:{master.server.port}")
        self.send("client_ready", version)
        self.next("ack")

    def send(self, kind, data):
        self.socket.send(msgpack.packb([kind, data, self.name]))

    def heartbeat(self, **more):
        """Sends a heartbeat and waits for the answer."""
        self.send("heartbeat", {"state": "running", "current_cpu_usage": 1.0, **more})
        self.next("heartbeat")

    def next(self, kind, within_s=20.0):
        """The data of the next message of a type; None if there is none in time."""
        with gevent.Timeout(within_s, False):
            while True:
                message = msgpack.unpackb(self.socket.recv())
                if message[0] == kind:
                    return message[1]
        return None

    def close(self):
        self.socket.close()
        self.context.term()


@pytest.fixture
def peer_of(master):
    peers = []

    def connect(name, **more):
        peers.append(Peer(master, name, **more))
        return peers[-1]

    yield connect
    for peer in peers:
        peer.send("quit", None)
        peer.close()


def start(master, users):
    gevent.spawn(master.start, users, 100)


def test_options_go_out_once_to_our_workers_and_only_to_them(master, peer_of):
    ours, stock, boomer = peer_of("ours"), peer_of("stock"), peer_of("boomer", version=-1)
    ours.heartbeat(peer="locust-rs")
    start(master, 3)
    first = [peer.next("spawn") for peer in (ours, stock, boomer)]
    assert [order["parsed_options"] for order in first] == [{"greeting": "hello"}, {"greeting": "hello"}, {}]
    assert ["test" in order for order in first] == [True, True, False]
    start(master, 6)
    second = [peer.next("spawn") for peer in (ours, stock, boomer)]
    assert [order.get("parsed_options") for order in second] == [None, {"greeting": "hello"}, {}]
    assert second[0]["timestamp"] > first[0]["timestamp"]
    master.environment.parsed_options.greeting = "bye"
    start(master, 9)
    assert ours.next("spawn")["parsed_options"] == {"greeting": "bye"}


def test_a_worker_whose_users_stay_hears_nothing(master, peer_of):
    one, other = peer_of("one"), peer_of("other")
    start(master, 2)
    assert [peer.next("spawn")["user_classes_count"] for peer in (one, other)] == [{"Anyone": 1}] * 2
    start(master, 3)
    news = [peer.next("spawn", within_s=1.0) for peer in (one, other)]
    assert sum(order is not None for order in news) == 1


def test_an_order_that_a_worker_does_not_have_is_sent_again(master, peer_of, monkeypatch):
    worker = peer_of("ours")
    worker.heartbeat(peer="locust-rs", order=0)
    start(master, 2)
    order = worker.next("spawn")
    monkeypatch.setattr(spawn_orders, "REPEAT_AFTER_S", -1)
    worker.heartbeat(peer="locust-rs", order=order["timestamp"])
    assert worker.next("spawn", within_s=0.5) is None
    worker.heartbeat(peer="locust-rs", order=0)
    again = worker.next("spawn")
    assert again["timestamp"] > order["timestamp"]
    assert again["user_classes_count"] == order["user_classes_count"]
    assert again["test"] == order["test"]
    assert again["parsed_options"] == {"greeting": "hello"}


def test_reports_of_an_earlier_test_are_not_added(master, peer_of):
    worker = peer_of("ours")
    worker.heartbeat(peer="locust-rs", oldest=1)
    start(master, 1)
    test = worker.next("spawn")["test"]
    for sequence, name, requests in ((1, "an earlier one", 5), (2, test, 7)):
        row = {"name": "/x", "method": "GET", "num_requests": requests}
        total = {**row, "name": "Aggregated", "method": ""}
        report = {"stats": [row], "stats_total": total, "errors": {}, "user_classes_count": {"Anyone": 1}}
        worker.send("stats", {**report, "user_count": 1, "sequence": sequence, "test": name})
    worker.send("heartbeat", {"state": "running", "current_cpu_usage": 1.0, "peer": "locust-rs"})
    assert worker.next("heartbeat") == {"sequence": 2}
    assert master.stats.total.num_requests == 7


def test_a_gap_is_waited_for_until_the_worker_has_given_it_up(master, peer_of, caplog):
    worker = peer_of("ours")
    report = {"stats": [], "stats_total": {"name": "Aggregated", "method": ""}, "errors": {}, "user_count": 0}

    def confirmed(**more):
        worker.send("heartbeat", {"state": "ready", "current_cpu_usage": 1.0, "peer": "locust-rs", **more})
        return worker.next("heartbeat")["sequence"]

    assert confirmed(oldest=1) == 0
    for sequence in (2, 3):
        worker.send("stats", {**report, "user_classes_count": {}, "sequence": sequence})
    assert confirmed(oldest=1) == 0
    assert confirmed(oldest=3) == 2
    assert "2 reports of ours (index 0) are lost: it has given them up" in caplog.text
    worker.send("stats", {**report, "user_classes_count": {}, "sequence": 3})
    assert confirmed(oldest=3) == 3


def test_a_loop_that_dies_is_started_again_and_says_so(master, caplog):
    calls = []

    def fragile():
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("once")

    master._keep_running(fragile).join(timeout=30)
    assert len(calls) == 2
    assert "fragile failed and starts again in 1 second" in caplog.text


@pytest.mark.parametrize(("text", "seconds"), [(None, 1.0), ("2.5", 2.5), ("3 * WORKER_REPORT_INTERVAL", 9.0)])
def test_how_long_reports_are_awaited_after_a_ramp(master, monkeypatch, text, seconds):
    monkeypatch.delenv("LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP", raising=False)
    if text:
        monkeypatch.setenv("LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP", text)
    master._wait_for_workers_report_after_ramp_up.cache_clear()
    assert master._wait_for_workers_report_after_ramp_up() == seconds
    monkeypatch.setenv("LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP", "soon")
    master._wait_for_workers_report_after_ramp_up.cache_clear()
    with pytest.raises(ValueError, match="is 'soon'; set it to seconds"):
        master._wait_for_workers_report_after_ramp_up()
    master._wait_for_workers_report_after_ramp_up.cache_clear()
