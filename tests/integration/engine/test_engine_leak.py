"""After thousands of requests with random faults nothing is left of them: descriptors, greenlets, memory."""

from __future__ import annotations

import ctypes
import gc
import random
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import gevent
import psutil
import pytest

from locust_rs import _core
from locust_rs.http.engine import errors
from locust_rs.http.engine.client import make_client
from polling import until

from .conftest import ScriptedServer, read_request, reset

Serve = Callable[..., ScriptedServer]
FAULTS = ["none"] * 50 + ["close", "reset", "nonsense", "cut", "stall", "early close", "extra"]


def faulty(connection: socket.socket) -> None:
    """Answers each request in a random way; which one is what the request says."""
    while request := read_request(connection):
        fault = request.split(b" ", 2)[1].decode().partition("fault=")[2].replace("+", " ")
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + bytes(1000)
        if fault == "close":
            return None
        if fault == "reset":
            return reset(connection)
        if fault == "stall":
            connection.recv(1)  # until the client gives up
            return None
        pieces = {"nonsense": b"nonsense\r\n\r\n", "cut": answer[:500], "extra": answer + b"extra"}
        connection.sendall(pieces.get(fault, answer))
        if fault in ("nonsense", "cut", "early close"):
            return None
    return None


def left(process: psutil.Process) -> tuple[int, int, int]:
    """Descriptors, living greenlets and bytes of memory."""
    gc.collect()
    # The server's threads have heaps of their own, which keep what was freed; how many there are is up to the machine.
    getattr(ctypes.CDLL(None), "malloc_trim", lambda _kept: None)(0)
    greenlets = sum(isinstance(thing, gevent.Greenlet) and not thing.dead for thing in gc.get_objects())
    return process.num_fds(), greenlets, process.memory_info().rss


def run(serve: Serve, engine: _core.HttpEngine, requests: int) -> None:
    server = serve(faulty)
    process = psutil.Process()
    dice = random.Random(20260)
    outcomes: Counter[str] = Counter()

    def user(enough: int) -> None:
        client = make_client(base_url=server.url, network_timeout=0.05, concurrency=2)
        while outcomes.total() < enough:
            fault = dice.choice(FAULTS).replace(" ", "+")
            try:
                with gevent.Timeout(dice.choice([0.002, 10, 10, 10]), False):
                    response = client.send("GET", f"/?fault={fault}", stream=dice.random() < 0.2)
                    if dice.random() < 0.7:
                        _ = response.content
                    outcomes["answered"] += 1
                    continue
                outcomes["given up"] += 1
            except (OSError, errors.ProtocolError) as error:
                outcomes[type(error).__name__] += 1

    def batch(amount: int) -> None:
        enough = outcomes.total() + amount
        users = [gevent.spawn(user, enough) for _ in range(20)]
        while not all(user.ready() for user in users):
            gevent.sleep(0.02)
            victim = dice.choice(users)
            if dice.random() < 0.1 and not victim.ready():
                victim.kill()
                users.append(gevent.spawn(user, enough))
        gevent.joinall(users, raise_error=True)
        del users
        gc.collect()
        until(lambda: engine.open_connections == 0 and engine.waiting_requests == 0)

    batch(requests // 5)
    fds, greenlets, memory = left(process)
    batch(requests)
    until(lambda: process.num_fds() <= fds)
    _, after_greenlets, after_memory = left(process)
    assert outcomes.total() >= requests * 1.2
    assert outcomes["answered"] > requests / 2
    assert len(outcomes) >= 5, outcomes
    assert after_greenlets <= greenlets
    assert after_memory - memory < 30_000_000


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")
def test_nothing_is_left_of_a_hundred_thousand_requests(serve: Serve, engine: _core.HttpEngine) -> None:
    run(serve, engine, 100_000)
