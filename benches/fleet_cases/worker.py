"""One simulated worker: it says on its own connection what a worker says, and runs no users."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgpack
import zmq
from reports import Reports
from zmq.backend import Socket as Native

from locust_rs._version import __version__
from locust_rs.rpc import Message
from locust_rs.rpc.protocol import LOCUST_RS_PEER
from locust_rs.runners.worker.report_outbox import ReportOutbox

READY, RUNNING = "ready", "running"

_AT_ONCE, _EVENTS, _CAN_READ = int(zmq.NOBLOCK), int(zmq.EVENTS), int(zmq.POLLIN)


@dataclass
class Totals:
    """What the workers of a process have done together."""

    requests: int = 0
    """Requests in all reports, each counted once however often it was sent."""

    reports: int = 0
    orders: int = 0
    dropped: int = 0
    """Messages for which a connection had no room."""

    silent: set[str] = field(default_factory=set)
    """Workers that the master has not acknowledged since the last look."""


class Worker:
    """Registers, obeys, and sends heartbeats and reports. Keeps its reports in the outbox of real workers.

    Args:
        context: The ZeroMQ context of the process.
        port: The master's port.
        node_id: Its id.
        reports: Packs its reports.
        totals: Where it counts.
        stock: Whether it behaves as a stock worker.
    """

    def __init__(self, context: Any, port: int, node_id: str, reports: Reports, totals: Totals, *, stock: bool) -> None:
        self.users: dict[str, int] = {}
        self.node_id = node_id
        self.has_quit = False
        self._is_registered = False
        self._reports = reports
        self._totals = totals
        self._stock = stock
        self._state = READY
        self._order: float = 0
        self._test = ""
        self._outbox = ReportOutbox(self._send)
        self._socket = context.socket(zmq.DEALER)
        self._socket.setsockopt(zmq.IDENTITY, node_id.encode())
        self._socket.setsockopt(zmq.LINGER, 1000)
        self._socket.setsockopt(zmq.RECONNECT_IVL, 100)
        self._socket.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
        if not stock:
            self._socket.setsockopt(zmq.CONNECT_TIMEOUT, 2000)
            self._socket.setsockopt(zmq.HEARTBEAT_IVL, 1000)
            self._socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 5000)
        self._socket.connect(f"tcp://127.0.0.1:{port}")

    def register(self) -> None:
        """Tells the master that it is there."""
        self._say("client_ready", __version__)

    def register_again(self) -> None:
        """Repeats that if the master has not answered."""
        if not self._is_registered:
            self.register()

    def obey(self) -> None:
        """Handles all messages that have arrived."""
        while not self.has_quit and Native.get(self._socket, _EVENTS) & _CAN_READ:
            kind, data, _ = msgpack.unpackb(Native.recv(self._socket, _AT_ONCE), strict_map_key=False)
            handle = getattr(self, f"_on_{kind}", None)
            if handle is not None:
                handle(data)

    def beat(self) -> None:
        """Sends a heartbeat."""
        if self.has_quit:
            return
        state: dict[str, Any] = {
            "state": self._state,
            "current_cpu_usage": 50.0,
            "current_memory_usage": 50_000_000,
        }
        if not self._stock:
            state.update(
                peer=LOCUST_RS_PEER,
                hub_lag_ms=0.5,
                inflated=False,
                order=self._order,
                oldest=self._outbox.oldest,
            )
        self._say("heartbeat", state)

    def report(self, *, is_last: bool = False) -> None:
        """Sends a report, which counts requests while a test runs."""
        if self.has_quit or not self._is_registered:
            return
        is_empty = self._state != RUNNING
        number = self._outbox.next_number()
        frame = self._reports.frame(self.node_id, self.users, self._test, number, is_empty=is_empty, is_last=is_last)
        self._totals.reports += 1
        self._totals.requests += 0 if is_empty else self._reports.requests
        self._outbox.post(number, Message.of_frame("stats", frame, self.node_id))

    def close(self) -> None:
        """Ends its connection."""
        self._socket.close()

    def _on_ack(self, data: dict[str, Any]) -> None:
        self._totals.silent.discard(self.node_id)
        self._is_registered = True
        self._order = 0
        self._outbox.confirms = not self._stock and data.get("peer") == LOCUST_RS_PEER
        if self._outbox.confirms:
            self._outbox.confirm(data.get("sequence", 0))
            self._outbox.resend()
            self.beat()

    def _on_heartbeat(self, data: dict[str, Any] | None) -> None:
        if self._outbox.confirms and data is not None:
            self._outbox.confirm(data["sequence"])

    def _on_spawn(self, data: dict[str, Any]) -> None:
        self._totals.orders += 1
        self._say("spawning", None)
        if data["timestamp"] <= self._order:
            return
        self._order, self.users, self._test = data["timestamp"], data["user_classes_count"], data.get("test", "")
        self._state = RUNNING
        self._say("spawning_complete", {"user_classes_count": self.users, "user_count": sum(self.users.values())})

    def _on_stop(self, _data: Any) -> None:
        if not self._stock:  # a stock worker goes on to report at its own times
            self._end_test()
        self._state = READY
        self._say("client_stopped", None)
        self.register()

    def _on_quit(self, _data: Any) -> None:
        self._end_test()
        self._say("quit", None)
        self.has_quit = True

    def _end_test(self) -> None:
        self.users = dict.fromkeys(self.users, 0)
        self.report(is_last=True)
        self._state = READY

    def _say(self, kind: str, data: Any) -> None:
        self._send(Message(kind, data, self.node_id))

    def _send(self, message: Message) -> bool:
        try:
            Native.send(self._socket, message.serialize(), _AT_ONCE)
        except zmq.Again:
            self._totals.dropped += 1
            return False
        return True
