"""A Socket.IO server with rooms, acknowledgements and calls that it holds: `python socketio_rooms.py PORT`."""

# ruff: noqa: E402  # gevent comes first

import gevent.monkey

gevent.monkey.patch_all()

import sys
import time
from typing import Any

import gevent.event
import socketio
from gevent.pywsgi import WSGIServer

server = socketio.Server(async_mode="gevent")
released = gevent.event.Event()


@server.on("enter")
def enter(session: str, room: str) -> str:
    server.enter_room(session, room)
    return f"in {room}"


@server.on("say")
def say(session: str, said: dict[str, Any]) -> None:
    """Everybody in the room hears it, the speaker too."""
    server.emit("said", said["text"], room=said["room"])


@server.on("square")
def square(session: str, number: int) -> tuple[int, int]:
    return number, number * number


@server.on("slow")
def slow(session: str, seconds: float) -> float:
    """Answers after so many seconds, with how long it took here."""
    began = time.perf_counter()
    # gevent counts from the beginning of its loop's iteration, which is a little earlier.
    while time.perf_counter() - began < seconds:
        gevent.sleep(0.01)
    return time.perf_counter() - began


@server.on("hold")
def hold(session: str) -> str:
    released.wait()
    return "released"


@server.on("release")
def release(session: str) -> None:
    released.set()


@server.on("message")
def message(session: str, data: Any) -> str:
    return "heard"


WSGIServer(("127.0.0.1", int(sys.argv[1])), socketio.WSGIApp(server), log=None, error_log=None).serve_forever()
