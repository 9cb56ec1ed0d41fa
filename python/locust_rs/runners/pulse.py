"""A sign of life from a worker whose user code keeps its event loop from running.

Heartbeats are sent by a greenlet, so user code that computes for seconds silences them. A thread of the operating
system watches the heartbeats and, while they fail to come, sends pulses through a socket of its own.
"""

from __future__ import annotations

import time
from typing import Any

import zmq
from gevent.monkey import get_original

from locust_rs.rpc import Message
from locust_rs.rpc.admission import CurveKeys

STALLED_AFTER_S = 1.8
PULSE_INTERVAL_S = 0.5

# gevent's replacements would run in the very loop that is watched.
_start_thread = get_original("_thread", "start_new_thread")
_sleep = get_original("time", "sleep")


class Pulse:
    """Started when a master of ours answers; stock masters don't know the message.

    Args:
        host: The master's host.
        port: The master's port.
        client_id: The worker's id.
        keys: The worker's CURVE keys.
    """

    def __init__(self, host: str, port: int, client_id: str, keys: CurveKeys | None) -> None:
        self._address = f"tcp://[{host}]:{port}" if ":" in host and not host.startswith("[") else f"tcp://{host}:{port}"
        self._client_id = client_id
        self._keys = keys
        self._seen_alive = time.monotonic()
        self._running = False

    def start(self) -> None:
        """Begins to watch; does nothing when it does already."""
        if not self._running:
            self._running = True
            self._seen_alive = time.monotonic()
            _start_thread(self._watch, ())

    def stop(self) -> None:
        """Ends the thread within half a second."""
        self._running = False

    def loop_is_alive(self) -> None:
        """Called by the heartbeat greenlet: the event loop runs."""
        self._seen_alive = time.monotonic()

    def _watch(self) -> None:
        message = Message("pulse", None, self._client_id).serialize()
        context: Any = None
        socket: Any = None
        while self._running:
            _sleep(PULSE_INTERVAL_S)
            if time.monotonic() - self._seen_alive < STALLED_AFTER_S:
                continue
            if socket is None:
                context = zmq.Context()
                socket = self._connect(context)
            try:
                socket.send(message, zmq.NOBLOCK)
            except zmq.ZMQError:
                continue
        if socket is not None:
            socket.close(linger=0)
            context.term()

    def _connect(self, context: Any) -> Any:
        socket = context.socket(zmq.DEALER)
        socket.setsockopt(zmq.IDENTITY, f"{self._client_id}/pulse".encode())
        socket.setsockopt(zmq.IPV6, 1)
        socket.setsockopt(zmq.LINGER, 0)
        if self._keys is not None:
            self._keys.use_as_client(socket)
        socket.connect(self._address)
        return socket
