"""A sign of life from a worker whose user code keeps its event loop from running.

Heartbeats are sent by a greenlet, so user code that computes for seconds silences them. A thread of the operating
system watches the heartbeats and, while they fail to come, sends pulses over a connection of its own.
"""

from __future__ import annotations

import time
from typing import Any

import zmq
from gevent.monkey import get_original

from locust_rs._core import Pulse as NativePulse
from locust_rs.rpc import Message
from locust_rs.rpc.admission import CurveKeys

STALLED_AFTER_S = 1.8
PULSE_INTERVAL_S = 0.5

# gevent's replacements would run in the very loop that is watched.
_start_thread = get_original("_thread", "start_new_thread")
_sleep = get_original("time", "sleep")


class Pulse:
    """Started when a master of ours answers; stock masters don't know the message.

    The thread is a native one, which runs even while a C function keeps the interpreter's lock (a regular
    expression, an extension that computes). Where the connection is encrypted it is one of Python's, because only
    ZeroMQ's library speaks CURVE: it needs the lock.

    Args:
        host: The master's host.
        port: The master's port.
        client_id: The worker's id.
        keys: The worker's CURVE keys.
    """

    def __init__(self, host: str, port: int, client_id: str, keys: CurveKeys | None) -> None:
        self._host = host
        self._port = port
        self._identity = f"{client_id}/pulse".encode()
        self._message = Message("pulse", None, client_id).serialize()
        self._keys = keys
        self._running: NativePulse | _EncryptedPulse | None = None

    def start(self) -> None:
        """Begins to watch; does nothing when it does already."""
        if self._running is not None:
            return
        if self._keys is None:
            times = (STALLED_AFTER_S, PULSE_INTERVAL_S)
            self._running = NativePulse(self._host, self._port, self._identity, self._message, *times)
        else:
            address = f"[{self._host}]" if ":" in self._host and not self._host.startswith("[") else self._host
            self._running = _EncryptedPulse(f"tcp://{address}:{self._port}", self._identity, self._message, self._keys)

    def stop(self) -> None:
        """Ends the thread, which may take a moment."""
        if isinstance(self._running, _EncryptedPulse):
            self._running.stop()
        self._running = None

    def loop_is_alive(self) -> None:
        """Called by the heartbeat greenlet: the event loop runs."""
        if self._running is not None:
            self._running.loop_is_alive()


class _EncryptedPulse:
    """Does what `NativePulse` does, with a thread of Python's and ZeroMQ's CURVE."""

    def __init__(self, address: str, identity: bytes, message: bytes, keys: CurveKeys) -> None:
        self._address = address
        self._identity = identity
        self._message = message
        self._keys = keys
        self._seen_alive = time.monotonic()
        self._stopped = False
        _start_thread(self._watch, ())

    def stop(self) -> None:
        self._stopped = True

    def loop_is_alive(self) -> None:
        self._seen_alive = time.monotonic()

    def _watch(self) -> None:
        context: Any = None
        socket: Any = None
        looked_at = time.monotonic()
        while not self._stopped:
            _sleep(PULSE_INTERVAL_S)
            now = time.monotonic()
            if now - looked_at > STALLED_AFTER_S:
                # The whole process was paused, so its event loop is not to blame.
                self._seen_alive = now
            looked_at = now
            if now - self._seen_alive < STALLED_AFTER_S:
                continue
            if socket is None:
                context = zmq.Context()
                socket = self._connect(context)
            try:
                socket.send(self._message, zmq.NOBLOCK)
            except zmq.ZMQError:
                continue
        if socket is not None:
            socket.close(linger=0)
            context.term()

    def _connect(self, context: Any) -> Any:
        socket = context.socket(zmq.DEALER)
        socket.setsockopt(zmq.IDENTITY, self._identity)
        socket.setsockopt(zmq.IPV6, 1)
        socket.setsockopt(zmq.LINGER, 0)
        self._keys.use_as_client(socket)
        socket.connect(self._address)
        return socket
