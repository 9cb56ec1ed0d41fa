"""XML-RPC through Python's own client: the example, with ten users and a server that dies."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

import pytest
from gevent.event import Event

from crowd import TEN, crowd, leaves_no_connection
from locust_rs import constant
from polling import until
from real_servers import Program, pick_port, running_program

EXAMPLE = Path(__file__).parents[3] / "examples" / "xmlrpc_calls.py"
SERVER = Path(__file__).parent / "servers" / "sums.py"


@pytest.fixture
def server() -> Iterator[Program]:
    with running_program(SERVER, pick_port()) as program:
        yield program


def impatient() -> Any:
    """The example's User, which hardly waits."""
    return type("Impatient", (runpy.run_path(str(EXAMPLE))["SumUser"],), {"wait_time": constant(0.02)})


def test_ten_users_call_and_see_faults(server: Program) -> None:
    with crowd(impatient(), host=f"http://127.0.0.1:{server.port}") as seen:
        seen.wait_for("XML-RPC add", 3 * TEN)
        seen.wait_for("XML-RPC divide", TEN)
    assert {request["name"] for request in seen.good} >= {"add"}
    faults = [request for request in seen.failed if request["name"] == "divide"]
    assert faults
    assert {type(request["exception"]) for request in faults} == {Fault}
    assert all("ZeroDivisionError" in request["exception"].faultString for request in faults)
    assert {request["name"] for request in seen.failed} == {"divide"}
    assert all(request["response_time"] > 0 for request in seen.good if request["name"] == "add")
    leaves_no_connection(server.port)


def test_a_slow_call_of_one_user_does_not_hold_the_others(server: Program) -> None:
    asked, answered = Event(), Event()

    user_class = impatient()

    class Holding(user_class):  # type: ignore[misc, valid-type]
        def on_start(self) -> None:
            super().on_start()
            if not asked.is_set():
                asked.set()
                assert self.call("hold") == "held"
                answered.set()

    with crowd(Holding, host=f"http://127.0.0.1:{server.port}") as seen:
        seen.wait_for("XML-RPC hold", 1)
        until(answered.is_set, "the held answer")
    assert seen.counts()["XML-RPC add"] >= 3 * TEN


def test_a_killed_server_is_a_failure_of_each_call(server: Program) -> None:
    with crowd(impatient(), host=f"http://127.0.0.1:{server.port}") as seen:
        seen.wait_for("XML-RPC add", TEN)
        server.kill()
        before = len(seen.failed)
        failed = seen.wait_for_failures(before + 2 * TEN)[before:]
    # The others are divisions from before.
    assert any(isinstance(request["exception"], OSError) for request in failed)
