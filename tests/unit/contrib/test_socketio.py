"""SocketIOUser against a real Socket.IO server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gevent
import pytest
import socketio
from gevent.pywsgi import WSGIServer

from locust_rs.contrib.socketio import SocketIOUser
from locust_rs.env import Environment


@pytest.fixture
def server_url() -> Iterator[str]:
    """A server that replies to "hello", answers it with "ack", and lets "silent" wait."""
    server = socketio.Server(async_mode="gevent")
    wsgi = WSGIServer(("127.0.0.1", 0), socketio.WSGIApp(server), log=None)

    @server.on("hello")
    def hello(session: str, data: Any) -> str:
        server.emit("reply", data, to=session)
        return "ack"

    @server.on("silent")
    def silent(session: str, data: Any) -> None:
        gevent.sleep(600)

    wsgi.start()
    yield f"http://127.0.0.1:{wsgi.server_port}"
    wsgi.stop(timeout=0.1)
    server.shutdown()


class Chatter(SocketIOUser):
    options = {"reconnection": False}


def test_each_message_is_one_request(
    server_url: str, environment: Environment, requests: list[dict[str, Any]], until: Any
) -> None:
    user = Chatter(environment)
    user.sio.connect(server_url)
    user.sio.emit("hello", {"a": 1})
    until(lambda: len(requests) == 3)
    assert user.sio.call("hello", {"a": 1}) == "ack"
    until(lambda: len(requests) == 5)
    user.sio.send("data", name="mine")
    assert user.sio.call("silent", timeout=0.1) is None
    user.sio.disconnect()
    user.sio.emit("late")

    kinds = [(request["request_type"], request["name"]) for request in requests]
    assert kinds[:3] == [("WS", "connect"), ("WSE", "hello"), ("WSR", "reply")]
    assert sorted(kinds[3:5]) == [("WSC", "hello"), ("WSR", "reply")]
    assert kinds[5:] == [("WSS", "mine"), ("WSC", "silent"), ("WSE", "late")]
    failures = [request["name"] for request in requests if request["exception"] is not None]
    assert failures == ["silent", "late"]
    (sent,) = (request for request in requests if request["request_type"] == "WSS")
    assert sent["response_length"] == len("data")
    user.sio_greenlet.kill()


def test_a_failed_connection_is_a_failed_request(
    environment: Environment, requests: list[dict[str, Any]], free_port: int
) -> None:
    user = Chatter(environment)
    user.sio.connect(f"http://127.0.0.1:{free_port}")
    assert [(request["request_type"], request["name"]) for request in requests] == [("WS", "connect")]
    assert requests[0]["exception"] is not None
    user.sio_greenlet.kill()
