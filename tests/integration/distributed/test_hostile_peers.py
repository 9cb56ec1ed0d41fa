"""Messages that no correct peer sends are dropped and counted, and the next good worker is answered."""

from __future__ import annotations

import os
import time

import msgpack
import psutil
import pytest
import zmq

from polling import until


def packed(*values):
    return msgpack.packb(list(values))


DEEP = b"\x93\xa5stats" + b"\x91" * 100_000 + b"\xc0\xa4evil"
ENTRY = {"name": "/x", "method": "GET", "num_requests": 5}

BAD_FRAMES = {
    "empty": b"",
    "not-msgpack": b"\xc1\xc1\xc1",
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "number": msgpack.packb(7),
    "nil": b"\xc0",
    "map": msgpack.packb({"type": "stats"}),
    "array-of-two": packed("stats", {}),
    "array-of-four": packed("stats", {}, "evil", 1),
    "array-of-none": packed(),
    "truncated": packed("heartbeat", {"state": "ready"}, "evil")[:-6],
    "trailing": packed("heartbeat", None, "evil") + b"\x00",
    "huge-array": b"\x93\xa5stats\xdd\xff\xff\xff\xff\xa4evil",
    "huge-map": b"\x93\xa5stats\xdf\xff\xff\xff\xff\xa4evil",
    "huge-string": b"\x93\xa5stats\xdb\xff\xff\xff\xff\xa4evil",
    "huge-binary": b"\x93\xa5stats\xc6\xff\xff\xff\xff\xa4evil",
    "deep": DEEP,
    "type-is-number": packed(1, None, "evil"),
    "type-is-nil": packed(None, None, "evil"),
    "type-is-no-utf8": b"\x93\xa2\xff\xfe\xc0\xa4evil",
    "node-id-is-number": packed("heartbeat", None, 5),
    "data-is-no-utf8": b"\x93\xa5stats\xa2\xff\xfe\xa4evil",
    "bad-datetime": packed("client_ready", {"__datetime__": True, "as_str": "yesterday"}, "evil"),
    "datetime-without-text": packed("heartbeat", {"__datetime__": True}, "evil"),
    "heartbeat-nil": packed("heartbeat", None, "evil"),
    "heartbeat-empty": packed("heartbeat", {}, "evil"),
    "heartbeat-wrong-types": packed("heartbeat", {"state": 5, "current_cpu_usage": "much"}, "evil"),
    "heartbeat-nan": packed("heartbeat", {"state": "ready", "current_cpu_usage": float("nan")}, "evil"),
    "stats-nil": packed("stats", None, "evil"),
    "stats-empty": packed("stats", {}, "evil"),
    "stats-list": packed("stats", [1], "evil"),
    "stats-counts-negative": packed(
        "stats", {"stats": [], "errors": {}, "stats_total": {}, "user_classes_count": {"A": -5}}, "evil"
    ),
    "stats-entries-of-numbers": packed(
        "stats", {"stats": [1, 2], "errors": {}, "stats_total": {}, "user_classes_count": {}}, "evil"
    ),
    "stats-huge-counts": packed(
        "stats",
        {"stats": [{**ENTRY, "num_requests": 2**64 - 1}], "errors": {}, "stats_total": ENTRY, "user_classes_count": {}},
        "evil",
    ),
    "spawning-complete-nil": packed("spawning_complete", None, "evil"),
    "spawning-complete-wrong": packed("spawning_complete", {"user_classes_count": [1]}, "evil"),
    "exception-nil": packed("exception", None, "evil"),
    "exception-wrong": packed("exception", {"msg": 1, "traceback": None}, "evil"),
    "logs-nil": packed("logs", None, "evil"),
    "logs-of-another": packed("logs", {"worker_id": "victim", "logs": []}, "evil"),
    "locustfile-nil": packed("locustfile", None, "evil"),
    "unknown-type": packed("nonsense\n\x1b[31m", None, "evil"),
    "long-type": packed("x" * 100_000, None, "evil"),
}


class Peer:
    """A ZeroMQ DEALER socket that sends any frames."""

    def __init__(self, port, identity=b"evil"):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.IDENTITY, identity)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(f"tcp://127.0.0.1:{port}")

    def send(self, frame):
        self.socket.send(frame)

    def answer(self, timeout_s=20.0):
        """The next message, or None."""
        return msgpack.unpackb(self.socket.recv()) if self.socket.poll(timeout_s * 1000) else None

    def close(self):
        self.socket.close()
        self.context.term()


@pytest.fixture
def peer_of(cluster):
    peers = []

    def connect(master, identity=b"evil"):
        peers.append(Peer(master.port, identity))
        return peers[-1]

    yield connect
    for peer in peers:
        peer.close()


def register(peer, identity="evil"):
    peer.send(packed("client_ready", "2.47.0", identity))
    while (answer := peer.answer()) is not None:
        if answer[0] == "ack":
            return answer
    raise AssertionError("the master does not answer")


@pytest.mark.parametrize("known", [False, True], ids=["unregistered", "registered"])
def test_bad_messages_change_nothing_and_the_next_worker_is_answered(cluster, peer_of, known):
    master = cluster.master()
    evil = peer_of(master)
    if known:
        register(evil)
    for number, (name, frame) in enumerate(BAD_FRAMES.items()):
        evil.send(frame)
        good = f"good_{number}"
        peer = peer_of(master, good.encode())
        assert register(peer, good)[0] == "ack", name
        peer.send(packed("quit", None, good))
    state = master.until(lambda state: set(state["workers"]) <= {"evil"})
    assert state["requests"] == 0
    assert state["users"] == 0
    assert len(master.log) < 5 * len(BAD_FRAMES)
    assert not any("\x1b" in line for line in master.log)


def test_the_master_still_counts_exactly_while_it_is_pestered(cluster, peer_of):
    master = cluster.master()
    evil = peer_of(master)
    register(evil)
    evil.send(packed("quit", None, "evil"))
    (worker,) = cluster.workers(master.port, 1)
    master.until(lambda state: set(state["workers"]) == {worker.id})
    master.do("start", users=5, rate=5)
    for _ in range(3):
        for frame in BAD_FRAMES.values():
            evil.send(frame)
    master.until(lambda state: state["users"] == 5 and state["requests"] > 50)
    assert master.do("stop")["requests"] == cluster.target.served()


def test_a_message_in_the_name_of_another_worker_is_refused(cluster, peer_of):
    master = cluster.master()
    (worker,) = cluster.workers(master.port, 1)
    master.do("start", users=4, rate=4)
    master.until(lambda state: state["users"] == 4)
    forger = peer_of(master)
    report = {
        "stats": [{**ENTRY, "num_requests": 1_000_000}],
        "stats_total": {**ENTRY, "num_requests": 1_000_000},
        "errors": {},
        "user_classes_count": {"Steady": 999},
        "user_count": 999,
    }
    forger.send(packed("stats", report, worker.id))
    forger.send(packed("quit", None, worker.id))
    forger.send(packed("stats", report, "evil"))
    register(forger)
    state = master.state()
    assert state["workers"][worker.id]["users"] == 4
    assert state["requests"] < 1_000_000
    assert until(lambda: master.logged("node_id"))
    assert until(lambda: master.logged("Discarded report from unrecognized worker evil"))


def test_oversized_messages_take_no_memory(cluster, peer_of):
    master = cluster.master()
    memory = psutil.Process(master.process.pid).memory_info
    before = memory().rss
    evil = peer_of(master)
    for _ in range(3):
        evil.send(packed("stats", os.urandom(64 * 1024 * 1024), "evil"))
    peak = before
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        peak = max(peak, memory().rss)
        time.sleep(0.02)
    assert peak - before < 48 * 1024 * 1024
    good = peer_of(master, b"good")
    assert register(good, "good")[0] == "ack"


def test_bad_messages_of_a_master_leave_a_worker_working():
    """A worker decodes with the same checks; see also tests/unit/runners/test_worker_inbox.py."""
    import gevent
    import zmq.green

    from locust import User, constant, task
    from locust.env import Environment

    class Idle(User):
        wait_time = constant(1)

        @task
        def nothing(self):
            pass

    context = zmq.green.Context()
    router = context.socket(zmq.ROUTER)
    port = router.bind_to_random_port("tcp://127.0.0.1")
    environment = Environment(user_classes=[Idle])
    making = gevent.spawn(environment.create_worker_runner, "127.0.0.1", port)
    try:
        identity, frame = router.recv_multipart()
        worker_id = msgpack.unpackb(frame)[2]
        router.send_multipart([identity, packed("ack", {"index": 0}, worker_id)])
        runner = making.get(timeout=20)
        bad = [*BAD_FRAMES.values(), *_bad_orders(worker_id)]
        for frame in bad:
            router.send_multipart([identity, frame])
        order = {"timestamp": time.time(), "user_classes_count": {"Idle": 2}, "host": None, "stop_timeout": 0}
        router.send_multipart([identity, packed("spawn", {**order, "parsed_options": {}}, worker_id)])
        with gevent.Timeout(20):
            while runner.user_count != 2:
                gevent.sleep(0.01)
        assert runner.refusals.total >= len(bad) - 3
    finally:
        if environment.runner:
            environment.runner.quit()
            environment.runner.client.close(linger=0)
        router.close(linger=0)
        context.term()


def _bad_orders(worker_id):
    sound = {"timestamp": 1.0, "user_classes_count": {}, "host": None, "stop_timeout": 0.0, "parsed_options": {}}
    yield packed("spawn", None, worker_id)
    yield packed("spawn", {}, worker_id)
    yield packed("spawn", {**sound, "user_classes_count": {"Idle": -1}}, worker_id)
    yield packed("spawn", {**sound, "user_classes_count": {"Idle": "many"}}, worker_id)
    yield packed("spawn", {**sound, "stop_timeout": -5}, worker_id)
    yield packed("spawn", {**sound, "timestamp": "now"}, worker_id)
    yield packed("spawning_complete", None, worker_id)
    yield packed("update_user_class", {"user_class_name": "Nobody"}, worker_id)
