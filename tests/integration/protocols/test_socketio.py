"""SocketIOUser against a python-socketio server: rooms, acknowledgements, a server that dies and returns."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import socketio
from gevent.event import Event

from crowd import TEN, crowd, leaves_no_connection
from locust_rs import constant, task
from locust_rs.contrib.socketio import SocketIOUser
from polling import GENEROUS_S, until
from real_servers import RACES_WITH_SERVERS, Program, pick_port, running_program

# engineio and websocket-client leave the sockets of a dead server to the garbage collector.
pytestmark = [pytest.mark.filterwarnings("ignore::ResourceWarning"), RACES_WITH_SERVERS]

SERVER = Path(__file__).parent / "servers" / "socketio_rooms.py"


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(scope="module")
def rooms() -> Iterator[int]:
    with running_program(SERVER, pick_port()) as server:
        yield server.port


@pytest.fixture
def mortal() -> Iterator[Program]:
    """A server of its own for a test that kills it."""
    with running_program(SERVER, pick_port()) as server:
        yield server


class Guest(SocketIOUser):
    """Enters a room."""

    abstract = True
    wait_time = constant(0.05)

    def on_start(self) -> None:
        self.sio.connect(self.host)
        self.sio.call("enter", "kitchen")


class TalkativeGuest(Guest):
    """Talks and asks as well."""

    abstract = True

    @task
    def talk(self) -> None:
        self.sio.emit("say", {"room": "kitchen", "text": "hello"})
        self.sio.call("square", 12)
        self.sio.send("note", name="note")


@pytest.mark.parametrize("transports", [["polling", "websocket"], ["websocket"], ["polling"]], ids="+".join)
def test_ten_users_talk_in_a_room(rooms: int, transports: list[str]) -> None:
    elapsed: list[float] = []

    class Talker(TalkativeGuest):
        host = f"http://127.0.0.1:{rooms}"

        def on_start(self) -> None:
            self.sio.connect(self.host, transports=transports)
            assert self.sio.call("enter", "kitchen") == "in kitchen"
            assert self.sio.call("square", 12) == (12, 144)
            began = time.perf_counter()
            self.sio.call("slow", 0.1)
            elapsed.append((time.perf_counter() - began) * 1000)

    with crowd(Talker) as seen:
        seen.wait_for("WSC slow", TEN)
        seen.wait_for("WSC square", 3 * TEN)
        seen.wait_for("WSS note", 3 * TEN)
        # Each hears what all have said.
        seen.wait_for("WSR said", 10 * TEN)
    assert seen.failed == []
    assert seen.counts()["WS connect"] == seen.counts()["WSC enter"] == seen.counts()["WSC slow"] == TEN
    lengths = {(r["request_type"], r["name"]): r["response_length"] for r in seen.requests}
    assert lengths["WSC", "enter"] == len("in kitchen")
    assert lengths["WSC", "square"] == 2
    assert lengths["WSR", "said"] == len("hello")
    assert lengths["WSS", "note"] == len("note")
    slow = [request["response_time"] for request in seen.requests if request["name"] == "slow"]
    # In order of size: the greenlets that receive answers do not wake the callers in the order of the events.
    pairs = zip(sorted(slow), sorted(elapsed), strict=True)
    assert all(100 <= recorded <= around for recorded, around in pairs)
    leaves_no_connection(rooms)


def test_a_callback_learns_of_the_answer(rooms: int) -> None:
    answers: list[Any] = []

    class Caller(Guest):
        host = f"http://127.0.0.1:{rooms}"

        @task
        def talk(self) -> None:
            self.sio.emit("square", 3, callback=lambda *numbers: answers.append(numbers))
            self.sio.send("note", name="note", callback=lambda answer: answers.append(answer))

    with crowd(Caller):
        until(lambda: answers.count((3, 9)) >= TEN and answers.count("heard") >= TEN, "answers")


def test_events_of_a_handler_count_while_its_user_waits_for_an_answer(rooms: int) -> None:
    class Answering(Guest):
        host = f"http://127.0.0.1:{rooms}"

        def on_start(self) -> None:
            super().on_start()
            self.sio.on("said", lambda text: self.sio.emit("square", 2))

        @task
        def talk(self) -> None:
            self.sio.emit("say", {"room": "kitchen", "text": "hello"})
            self.sio.call("slow", 0.05)

    with crowd(Answering, count=2) as seen:
        seen.wait_for("WSE square", 4)


def test_a_call_ends_with_its_server(mortal: Program) -> None:
    waiting = Event()

    class Caller(Guest):
        host = f"http://127.0.0.1:{mortal.port}"
        options = {"reconnection": False}

        @task
        def talk(self) -> None:
            waiting.set()
            self.sio.call("hold")

    with crowd(Caller) as seen:
        waiting.wait()
        seen.wait_for("WSC enter", TEN)
        mortal.kill()
        until(lambda: sum(r["name"] == "hold" for r in seen.failed) >= TEN, "failed calls")
    ended = [
        request for request in seen.failed if isinstance(request["exception"], socketio.exceptions.DisconnectedError)
    ]
    assert len(ended) == TEN
    leaves_no_connection(mortal.port)


def test_users_connect_anew_to_a_server_that_returns(mortal: Program) -> None:
    class Patient(Guest):
        host = f"http://127.0.0.1:{mortal.port}"
        options = {"reconnection_delay": 0.1, "reconnection_delay_max": 0.5}

        @task
        def talk(self) -> None:
            self.sio.call("square", 12)

    with crowd(Patient) as seen:
        seen.wait_for("WSC enter", TEN)
        seen.wait_for("WSC square", TEN)
        mortal.kill()
        seen.wait_for_failures(5 * TEN)
        mortal.start()
        until(lambda: all(user.sio.connected for user in seen.users), "users that connect anew")
        before = len(seen.good)
        until(lambda: len(seen.good) > before + 5 * TEN, "calls after that")
    leaves_no_connection(mortal.port)


def test_users_stop_while_they_connect_anew(mortal: Program) -> None:
    class Patient(TalkativeGuest):
        host = f"http://127.0.0.1:{mortal.port}"
        options = {"reconnection_delay": 600}

    with crowd(Patient) as seen:
        seen.wait_for("WSC enter", TEN)
        seen.wait_for("WSS note", TEN)
        mortal.kill()
        until(lambda: not any(user.sio.connected for user in seen.users), "the end of all connections")
        clients = [user.sio for user in seen.users]
    until(lambda: not any(client._reconnect_task and client._reconnect_task.is_alive() for client in clients), "rest")


def test_a_slow_call_of_one_user_does_not_hold_the_others(rooms: int) -> None:
    answers: list[Any] = []
    first = Event()

    class Mixed(Guest):
        host = f"http://127.0.0.1:{rooms}"

        @task
        def talk(self) -> None:
            if first.is_set():
                self.sio.call("square", 12)
            else:
                first.set()
                answers.append(self.sio.call("hold"))

    with crowd(Mixed) as seen:
        first.wait()
        seen.wait_for("WSC square", 10 * TEN)
        assert answers == []
        seen.users[0].sio.emit("release")
        until(lambda: answers == ["released"], "the slow answer", GENEROUS_S)
