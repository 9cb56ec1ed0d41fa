"""Tells the master that a worker is alive while user code blocks its event loop.

Heartbeats are sent by a greenlet, so user code that computes for seconds suppresses them. An operating system thread
watches the heartbeats and, while they are overdue, sends pulses over a connection of its own.
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

# gevent's replacements would run in the loop that is being watched.
_start_thread = get_original("_thread", "start_new_thread")
_sleep = get_original("time", "sleep")


class Pulse:
    """Sends pulses. Started when a locust-rs master answers; stock masters do not know the message.

    The thread is native, so it runs even while a C function holds the interpreter's lock (a regular expression, an
    extension that computes). On an encrypted connection it is a Python thread, which needs the lock, because only
    ZeroMQ's library implements CURVE.

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
        """Starts to watch the heartbeats, unless it already does."""
        if self._running is not None:
            return
        if self._keys is None:
            times = (STALLED_AFTER_S, PULSE_INTERVAL_S)
            self._running = NativePulse(self._host, self._port, self._identity, self._message, *times)
        else:
            address = f"[{self._host}]" if ":" in self._host and not self._host.startswith("[") else self._host
            self._running = _EncryptedPulse(f"tcp://{address}:{self._port}", self._identity, self._message, self._keys)

    def stop(self) -> None:
        """Tells the thread to end; it may take a moment."""
        if isinstance(self._running, _EncryptedPulse):
            self._running.stop()
        self._running = None

    def loop_is_alive(self) -> None:
        """Notes that the event loop runs; called by the heartbeat greenlet."""
        if self._running is not None:
            self._running.loop_is_alive()


class _EncryptedPulse:
    """Does what `NativePulse` does, in a Python thread and with ZeroMQ's CURVE."""

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
                # The whole process was suspended, so the event loop is not to blame.
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
