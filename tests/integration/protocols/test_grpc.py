"""gRPC with the User and the interceptor of `examples/grpc`, against a server of grpcio without gevent.

The users run in a process of their own, because grpc changes gevent's loop for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crowd import TEN
from polling import until
from real_servers import RACES_WITH_SERVERS, Program, pick_port, running_program
from run_apart import RunApart

pytestmark = RACES_WITH_SERVERS

pytest.importorskip("grpc", reason="grpcio is not installed")
pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")

EXAMPLE = Path(__file__).parents[3] / "examples" / "grpc"
SERVER = Path(__file__).parent / "servers" / "grpc_holding.py"

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


def test_calls_and_streams_of_ten_users(server: Program, tmp_path: Path) -> None:
    run = RunApart(tmp_path, EVERYTHING, f"127.0.0.1:{server.port}", PYTHONPATH=str(EXAMPLE))
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
        run = RunApart(tmp_path, DYING, f"127.0.0.1:{server.port}", PYTHONPATH=str(EXAMPLE))
        try:
            until(lambda: len(run.requests) > 3 * TEN, "requests", hopeless=lambda: run.process.poll() is not None)
            server.kill()
        finally:
            log = run.end()
    assert run.process.returncode == 1, log
    failures: list[Any] = [failure for *_, failure in run.requests if failure]
    assert len(failures) >= 60
    assert all("UNAVAILABLE" in failure or "CANCELLED" in failure for failure in failures), set(failures)
