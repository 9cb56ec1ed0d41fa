"""A thousand connections to one master, under the limit of open files that a shell has by default."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

import msgpack
import pytest
import zmq

LOCUSTFILE = """
from locust import User, constant, task


class Anyone(User):
    wait_time = constant(1)

    @task
    def nothing(self):
        pass
"""

GENEROUS_S = 90


class Swarm:
    """Workers that only send messages, each on its own connection: they register, obey, and quit."""

    def __init__(self, port: int, count: int) -> None:
        self.context = zmq.Context()
        self.context.set(zmq.MAX_SOCKETS, count + 10)
        self.poller = zmq.Poller()
        self.workers: dict[zmq.Socket, str] = {}
        self.acknowledged: set[str] = set()
        self.users: dict[str, int] = {}
        self.told_to_quit: set[str] = set()
        for number in range(count):
            name = f"swarm_{number:04}"
            socket = self.context.socket(zmq.DEALER)
            socket.setsockopt(zmq.IDENTITY, name.encode())
            socket.setsockopt(zmq.LINGER, 0)
            socket.connect(f"tcp://127.0.0.1:{port}")
            self.poller.register(socket, zmq.POLLIN)
            self.workers[socket] = name
            self._send(socket, "client_ready", "2.47.0")

    def _send(self, socket, kind, data):
        socket.send(msgpack.packb([kind, data, self.workers[socket]]))

    def live(self, done) -> None:
        """Obeys and sends heartbeats until `done()`."""
        deadline = time.monotonic() + GENEROUS_S
        beat = 0.0
        while not done():
            assert time.monotonic() < deadline, (len(self.acknowledged), len(self.users), len(self.told_to_quit))
            if time.monotonic() > beat + 1:
                beat = time.monotonic()
                for socket, name in self.workers.items():
                    state = "running" if self.users.get(name) else "ready"
                    self._send(socket, "heartbeat", {"state": state, "current_cpu_usage": 1.0})
            for socket, _ in self.poller.poll(100):
                self._obey(socket, *msgpack.unpackb(socket.recv())[:2])

    def _obey(self, socket, kind, data):
        name = self.workers[socket]
        if kind == "ack":
            self.acknowledged.add(name)
        elif kind == "spawn":
            counts = data["user_classes_count"]
            self.users[name] = sum(counts.values())
            self._send(socket, "spawning_complete", {"user_classes_count": counts, "user_count": self.users[name]})
        elif kind == "quit":
            self.told_to_quit.add(name)
            self._send(socket, "quit", None)

    def close(self) -> None:
        for socket in self.workers:
            socket.close()
        self.context.term()


@pytest.fixture
def open_files():
    """Raises the limit of open files for this process's ends of the connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"a thousand connections need {wanted} open files here, the system allows {hard}: ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def master(tmp_path, free_port):
    """Starts a master under a limit of open files, and returns the process; its output is in the file `log`."""
    started = []
    (tmp_path / "locustfile.py").write_text(LOCUSTFILE)

    def start(limit, *arguments):
        command = [sys.executable, "-m", "locust", "--master", "--master-bind-port", str(free_port), *arguments]
        log = (tmp_path / "log").open("w")
        shell = ["sh", "-c", f'ulimit {limit} && exec "$@"', "sh", *command]
        started.append((subprocess.Popen(shell, cwd=tmp_path, stdout=log, stderr=log), log))
        return started[-1][0]

    yield start
    for process, log in started:
        process.kill()
        process.wait()
        log.close()


def test_a_thousand_workers_connect_under_the_default_limit(master, tmp_path, free_port, open_files):
    count = 1000
    run = ["--headless", "--expect-workers", str(count), "-u", str(2 * count), "-r", str(2 * count), "-t", "2s"]
    process = master("-S -n 1024", *run, "--only-summary")
    swarm = Swarm(free_port, count)
    try:
        swarm.live(lambda: len(swarm.acknowledged) == count)
        swarm.live(lambda: len(swarm.users) == count and sum(swarm.users.values()) == 2 * count)
        assert set(swarm.users.values()) == {2}
        swarm.live(lambda: len(swarm.told_to_quit) == count)
        swarm.live(lambda: process.poll() is not None)
    finally:
        swarm.close()
    said = (tmp_path / "log").read_text()
    assert process.returncode == 0, said
    assert f"All users spawned: {json.dumps({'Anyone': 2 * count})}" in said
    assert "missing" not in said


def test_a_master_without_room_for_more_says_so_and_works_with_those_it_has(master, tmp_path, free_port, open_files):
    process = master("-n 200", "--headless", "--expect-workers", "150", "-u", "300", "-r", "300", "-t", "2s")
    swarm = Swarm(free_port, 250)

    def said():
        return (tmp_path / "log").read_text()

    try:
        swarm.live(lambda: "There is no room for more workers" in said())
        swarm.live(lambda: process.poll() is not None)
    finally:
        swarm.close()
    assert process.returncode == 0, said()
    assert "the limit of open files is 200" in said()
    assert "All users spawned" in said()
