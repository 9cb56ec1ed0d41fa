"""The messages that Boomer and Locust4j send and accept, byte by byte. The real ones are in test_foreign_peers.py."""

from __future__ import annotations

import hashlib
import time

import msgpack
import pytest
import zmq


class ForeignWorker:
    """A worker in another language: registers with -1, reports integers, names its total "Total"."""

    def __init__(self, port: int, node_id: str) -> None:
        self.node_id = node_id
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.IDENTITY, node_id.encode())
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(f"tcp://127.0.0.1:{port}")
        self.received: list[list] = []
        self.state = "ready"
        self.send("client_ready", -1)

    def send(self, kind: str, data: object) -> None:
        self.socket.send(msgpack.packb([kind, data, self.node_id]))

    def await_message(self, kind: str, timeout_s: float = 30.0) -> list:
        """The next message of a type; answers heartbeats while waiting, as the real ones do."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            self.send("heartbeat", {"state": self.state, "current_cpu_usage": 12.5})
            if self.socket.poll(200):
                message = msgpack.unpackb(self.socket.recv(), strict_map_key=False)
                _assert_java_can_decode(message)
                self.received.append(message)
                if message[0] == kind:
                    return message
        raise AssertionError(f"no {kind}; received {[message[0] for message in self.received]}")

    def spawn(self) -> int:
        """Obeys the next spawn order and returns the number of users."""
        counts = self.await_message("spawn")[1]["user_classes_count"]
        self.state = "spawning"
        self.send("spawning", None)
        self.state = "running"
        users = sum(counts.values())
        self.send("spawning_complete", {"count": users, "user_classes_count": counts})
        self.counts = counts
        return users

    def report(self, requests: int, failures: int = 0) -> None:
        now = int(time.time())
        row = {
            "last_request_timestamp": now,
            "start_time": now - 3,
            "num_requests": requests,
            "num_none_requests": 0,
            "num_failures": failures,
            "total_response_time": requests * 20,
            "max_response_time": 20 if requests else 0,
            "min_response_time": 20 if requests else 0,
            "total_content_length": 100,
            "response_times": {20: requests} if requests else {},
            "num_reqs_per_sec": {now: requests} if requests else {},
            "num_fail_per_sec": {now: failures} if failures else {},
        }
        error = {"method": "GET", "name": "/x", "error": "timeout", "occurrences": failures}
        data = {
            "stats": [{"method": "GET", "name": "/x", **row}] if requests else [],
            "stats_total": {"method": "", "name": "Total", **row},
            "errors": {hashlib.md5(b"GET/xtimeout").hexdigest(): error} if failures else {},
            "user_count": sum(self.counts.values()),
            "user_classes_count": self.counts,
        }
        self.send("stats", data)

    def stop(self) -> None:
        self.await_message("stop")
        self.state = "ready"
        self.send("client_stopped", None)
        self.send("client_ready", -1)

    def close(self) -> None:
        self.socket.close()
        self.context.term()


def _assert_java_can_decode(message: list) -> None:
    kind, data, node_id = message
    assert isinstance(kind, str)
    assert isinstance(node_id, str)
    assert data is None or isinstance(data, dict), message

    def check(value: object) -> None:
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
            for inner in value.values():
                check(inner)
        elif isinstance(value, list):
            assert all(isinstance(inner, str) for inner in value)
        elif isinstance(value, int):
            assert -(2**31) <= value < 2**31

    check(data)


@pytest.fixture
def foreign(cluster):
    options = {"tags": ["a"], "exclude_tags": None, "ports": [1, 2], "big": 2**40, "nested": [["x"]]}
    master = cluster.master(options=options)
    workers = [ForeignWorker(master.port, f"go_{number}") for number in range(2)]
    yield master, workers
    for worker in workers:
        worker.close()


def test_workers_in_other_languages_are_driven_and_counted(foreign):
    master, workers = foreign
    for worker in workers:
        assert "index" in worker.await_message("ack")[1]
    master.do("start", users=9, rate=9)
    assert sorted(worker.spawn() for worker in workers) == [4, 5]
    state = master.until(lambda state: state["users"] == 9 and state["state"] == "running")
    for worker in workers:
        worker.report(500, failures=3)
        worker.report(0)
    state = master.until(lambda state: state["requests"] == 1000)
    assert (state["failures"], state["entries"]) == (6, {"/x": 1000})
    assert not any("was dropped" in line for line in master.log)
    master.process.stdin.write('{"do": "stop"}\n')
    master.process.stdin.flush()
    for worker in workers:
        worker.stop()
    assert '"state": "stopped"' in master.line()


def test_our_master_s_quit_reaches_them(foreign):
    master, workers = foreign
    master.until(lambda state: len(state["workers"]) == 2)
    master.process.stdin.write('{"do": "quit"}\n')
    master.process.stdin.flush()
    for worker in workers:
        worker.await_message("quit")
        worker.send("quit", None)
    assert '"workers": {}' in master.line()
