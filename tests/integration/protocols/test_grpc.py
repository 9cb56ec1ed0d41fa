"""gRPC with the User and the interceptor of `examples/grpc`, against a server of grpcio without gevent.

The users run in a process of their own, because grpc changes gevent's loop for good.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crowd import TEN
from polling import GENEROUS_S, until
from real_servers import RACES_WITH_SERVERS, Program, pick_port, running_program

pytestmark = RACES_WITH_SERVERS

pytest.importorskip("grpc", reason="grpcio is not installed")
pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")

EXAMPLE = Path(__file__).parents[3] / "examples" / "grpc"
SERVER = Path(__file__).parent / "servers" / "grpc_holding.py"

# Writes a line for each request, and ends the test when there are enough of all, or failures enough.
LISTENER = """
import collections, json, os
import gevent
from locust import constant, events

counts, enough = collections.Counter(), gevent.event.Event()
lines = open(os.environ["LINES"], "w", buffering=1)

@events.request.add_listener
def note(request_type, name, response_time, response_length, exception, **kwargs):
    lines.write(json.dumps([request_type, name, response_time, response_length, str(exception or "")]) + "\\n")
    counts["failed" if exception else name] += 1
    if all(counts[name] >= at_least for name, at_least in ENOUGH.items()):
        enough.set()

@events.init.add_listener
def init(environment, **kwargs):
    gevent.spawn(lambda: enough.wait() and environment.runner.quit())
"""

EVERYTHING = """
import locustfile
from locustfile import grpc, messages
from locust import task
from gevent.lock import Semaphore

first = Semaphore(1)

class Guest(locustfile.Guest):
    wait_time = constant(0.02)

    def on_start(self):
        if first.acquire(blocking=False):
            assert self.stub.Hello(messages.Name(text="hold")).text == "held", "the others could not greet"

    @task
    def a_wrong_question(self):
        try:
            self.stub.Hello(messages.Name())
        except grpc.RpcError as failure:
            assert failure.code() is grpc.StatusCode.INVALID_ARGUMENT

    @task
    def a_conversation_that_fails(self):
        try:
            for answer in self.stub.Chat(iter([messages.Name(text="Ada"), messages.Name()])):
                assert answer.text
        except grpc.RpcError as failure:
            assert failure.code() is grpc.StatusCode.INVALID_ARGUMENT

ENOUGH = dict.fromkeys(["/hello.Greeter/" + name for name in ("HelloInParts", "HelloToAll", "Chat")], 30)
ENOUGH |= {"/hello.Greeter/Hello": 60, "failed": 30}
"""

DYING = """
import locustfile

class Guest(locustfile.Guest):
    wait_time = constant(0.05)

ENOUGH = {"failed": 60}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Program]:
    with running_program(SERVER, pick_port()) as running:
        yield running


class Run:
    """A run of `locust` with ten users of a file that ends by itself."""

    def __init__(self, folder: Path, source: str, port: int) -> None:
        (folder / "test.py").write_text(LISTENER + source)
        self._lines = folder / "lines"
        self._log = folder / "log"
        variables = {**os.environ, "PYTHONPATH": str(EXAMPLE), "LINES": str(self._lines)}
        command = [sys.executable, "-m", "locust", "-f", "test.py", "--headless", "-u10", "-r10", "--only-summary"]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--host", f"127.0.0.1:{port}"], cwd=folder, env=variables, stdout=log, stderr=log
            )

    @property
    def requests(self) -> list[tuple[str, str, float, int, str]]:
        """Type, name, time, length and failure of each."""
        text = self._lines.read_text() if self._lines.exists() else ""
        return [tuple(json.loads(line)) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def end(self) -> str:
        """Waits for the end and returns the log."""
        try:
            self.process.wait(GENEROUS_S)
        finally:
            self.process.kill()
            self.process.wait()
        return self._log.read_text()


def test_calls_and_streams_of_ten_users(server: Program, tmp_path: Path) -> None:
    run = Run(tmp_path, EVERYTHING, server.port)
    log = run.end()
    assert run.process.returncode == 1, log  # there were failures
    assert "Traceback" not in log, log
    good: dict[str, set[int]] = {}
    for kind, name, response_time, length, failure in run.requests:
        assert kind == "grpc"
        assert response_time > 0
        if failure:
            assert "greet whom?" in failure
            assert name in ("/hello.Greeter/Hello", "/hello.Greeter/Chat")
        else:
            good.setdefault(name.rpartition("/")[2], set()).add(length)
    # Two bytes of protobuf per message beside its text.
    assert good == {
        "Hello": {2 + len("Hello, Ada!"), 2 + len("held")},
        "HelloInParts": {4 * 2 + len("Hello, Ada!")},
        "HelloToAll": {2 + len("Hello, Ada and Grace!")},
        "Chat": {2 * 2 + len("Hello, Ada!Hello, Grace!")},
    }


def test_a_server_that_dies_hangs_no_user(tmp_path: Path) -> None:
    with running_program(SERVER, pick_port()) as server:
        run = Run(tmp_path, DYING, server.port)
        try:
            until(lambda: len(run.requests) > 3 * TEN, "requests", hopeless=lambda: run.process.poll() is not None)
            server.kill()
        finally:
            log = run.end()
    assert run.process.returncode == 1, log
    failures: list[Any] = [failure for *_, failure in run.requests if failure]
    assert len(failures) >= 60
    assert all("UNAVAILABLE" in failure or "CANCELLED" in failure for failure in failures), set(failures)
