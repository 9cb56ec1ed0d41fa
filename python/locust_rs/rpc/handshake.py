"""Finds out why a worker cannot connect. ZeroMQ itself does not tell, and stops trying after a refusal."""

from __future__ import annotations

from typing import Any

import zmq.green as zmq
from zmq.error import ZMQError
from zmq.utils.monitor import parse_monitor_message

_EVENTS = (
    zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)


class Handshake:
    """The outcome of the latest connection attempts of one socket. Created before the socket connects.

    Args:
        socket: A DEALER socket.
        encrypts: Whether it has CURVE keys.
    """

    def __init__(self, socket: Any, encrypts: bool) -> None:
        self._socket = socket
        self._encrypts = encrypts
        self._monitor = socket.get_monitor_socket(_EVENTS)
        self._monitor.setsockopt(zmq.LINGER, 0)
        self._problem = ""
        self._is_final = False

    def look(self) -> tuple[str, bool]:
        """Reads the events so far, without waiting.

        Returns:
            Why there is no connection and what to do about it, empty if no reason is known; and whether ZeroMQ has
            given up, so that only a new socket can try again.
        """
        while True:
            try:
                frames = self._monitor.recv_multipart(zmq.NOBLOCK)
            except ZMQError:
                return self._problem, self._is_final
            event = parse_monitor_message(frames)
            self._note(event["event"], int(event["value"]))

    def close(self) -> None:
        """Stops listening; call before the socket is closed."""
        if not self._socket.closed:
            self._socket.disable_monitor()
            self._monitor.close()

    def _note(self, event: int, value: int) -> None:
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._problem, self._is_final = "", False
        elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            self._is_final = True
            self._problem = "it refuses this worker: its --master-allow lacks this address, or it does not know the key"
        elif event == zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
            self._is_final = True
            if value != zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH:
                self._problem = "the peer at that address is not a Locust master, or the connection is being corrupted"
            elif self._encrypts:
                self._problem = "it does not encrypt: start it with --curve-key, or this worker without"
            else:
                self._problem = "it encrypts: give this worker its key file with --curve-key"
        elif self._encrypts and not self._is_final:
            # A master with another key closes the connection without a reason.
            self._problem = "it closes the connection: perhaps its key is not the one in this worker's key file"
