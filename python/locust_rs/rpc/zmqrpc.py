"""ZeroMQ sockets that carry messages: `Server` for the master (ROUTER), `Client` for a worker (DEALER)."""

from __future__ import annotations

import contextlib
import socket as standard_socket
from typing import Any

import gevent
import zmq.green as zmq
from zmq.backend import Socket as Native
from zmq.error import Again, ZMQError

from locust_rs.exception import RPCError, RPCReceiveError, RPCSendError
from locust_rs.rpc import limits
from locust_rs.rpc.admission import Admission, CurveKeys
from locust_rs.rpc.handshake import Handshake
from locust_rs.rpc.protocol import Message
from locust_rs.util.exception_handler import retry

_MORE_FOLLOWS = int(zmq.NOBLOCK | zmq.SNDMORE)
_AT_ONCE = int(zmq.NOBLOCK)
_MORE = int(zmq.RCVMORE)

WAITING_CONNECTIONS = 4096
"""Workers that may connect at the same moment; the system drops more, which then try again after seconds."""


class BaseSocket:
    """One socket, used by greenlets of one hub.

    Args:
        sock_type: `zmq.ROUTER` or `zmq.DEALER`.
        ipv4_only: Whether to use IPv4 alone.
        context: The ZeroMQ context; None: the one that this process shares.
    """

    def __init__(self, sock_type: int, ipv4_only: bool, context: Any = None) -> None:
        self.socket = (context or zmq.Context.instance()).socket(sock_type)
        self.socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
        self.socket.setsockopt(zmq.TCP_KEEPALIVE_IDLE, 30)
        self.socket.setsockopt(zmq.MAXMSGSIZE, limits.MAX_MESSAGE_BYTES)
        # An unreachable peer must not keep a process from ending.
        self.socket.setsockopt(zmq.LINGER, 1000)
        self._will_look = self._is_waiting = False
        self.idle_moments = 0
        """How often all that came had been received."""
        if not ipv4_only and standard_socket.has_ipv6:
            self.socket.setsockopt(zmq.IPV6, 1)

    @retry()
    def send(self, msg: Message) -> None:
        """Sends to the peer of a DEALER socket.

        Raises:
            RPCSendError: It could not be sent, after retries.
        """
        try:
            self.socket.send(msg.serialize(), zmq.NOBLOCK)
        except ZMQError as error:
            raise RPCSendError("ZMQ sent failure") from error

    @retry()
    def send_to_client(self, msg: Message) -> None:
        """Sends to the worker that `msg.node_id` names.

        Raises:
            RPCSendError: It could not be sent, after retries.
        """
        identity, frame = str(msg.node_id).encode(), msg.serialize()
        try:
            # A ROUTER drops messages that a full or absent peer cannot take, so there is nothing to wait for. The
            # cooperative send would check for incoming messages after each one, at ten times the cost of the message.
            Native.send(self.socket, identity, _MORE_FOLLOWS)
            Native.send(self.socket, frame, _AT_ONCE)
        except ZMQError as error:
            raise RPCSendError("ZMQ sent failure") from error
        finally:
            self._look_soon()

    def _look_soon(self) -> None:
        """Checks once for messages before the hub sleeps, as sending consumes ZeroMQ's edge-triggered read event."""
        if not self._will_look:
            self._will_look = True
            gevent.get_hub().loop.run_callback(self._look)

    def _look(self) -> None:
        self._will_look = False
        if not self.socket.closed:
            self.socket.get(zmq.EVENTS)

    def recv(self) -> Message:
        """Waits for the next message of a DEALER socket.

        Raises:
            RPCReceiveError: What was received is not a message.
            RPCError: The socket failed.
        """
        try:
            data = self.socket.recv()
        except ZMQError as error:
            raise RPCError("ZMQ network broken") from error
        return Message.unserialize(data)

    def recv_from_client(self) -> tuple[str, Message]:
        """Waits for the next message of a ROUTER socket.

        Returns:
            The sender's identity, and the message.

        Raises:
            RPCReceiveError: What was received is not a message; `addr` is the sender's identity.
            RPCError: The socket failed.
        """
        try:
            frames = self._take() or self._await_message()
        except ZMQError as error:
            raise RPCError("ZMQ network broken") from error
        address = frames[0].decode(errors="backslashreplace")
        if len(frames) != 2:
            raise RPCReceiveError(f"A message of {len(frames) - 1} frames was refused: there must be one", addr=address)
        try:
            return address, Message.unserialize(frames[1])
        except RPCReceiveError as error:
            raise RPCReceiveError(*error.args, addr=address) from error

    @property
    def is_idle(self) -> bool:
        """Whether whoever receives has received all that came, and waits for more."""
        return self._is_waiting

    def _await_message(self) -> list[bytes]:
        self._is_waiting = True
        self.idle_moments += 1
        try:
            return self.socket.recv_multipart()  # type: ignore[no-any-return]
        finally:
            self._is_waiting = False

    def _take(self) -> list[bytes]:
        """The frames of a message that has arrived; none if there is no message.

        The cooperative receive looks for events and prepares to wait, at several times the cost of the message.
        """
        try:
            frames = [Native.recv(self.socket, _AT_ONCE)]
            while Native.get(self.socket, _MORE):
                frames.append(Native.recv(self.socket, _AT_ONCE))
        except Again:
            return []
        return frames

    def close(self, linger: int | None = None) -> None:
        """Closes the socket; `linger` is the number of milliseconds that sending the rest may take."""
        self.socket.close(linger=linger)

    def ipv4_only(self, host: str, port: int) -> bool:
        """Whether `host` lacks an IPv6 address that this machine can use."""
        return not _speaks_ipv6(host, port)


class Server(BaseSocket):
    """Listens for workers.

    Args:
        host: Interface, "*" for all.
        port: 0 takes a free one, which the attribute `port` tells.
        admission: Decides who may connect; None: everyone.

    Raises:
        RPCError: The port is in use, or the address is not one of this machine.
    """

    def __init__(self, host: str, port: int, admission: Admission | None = None) -> None:
        # ZeroMQ asks for admission per context, so a socket that restricts it has a context of its own.
        self._admission = admission if admission is not None and admission.restricts else None
        self._own_context = zmq.Context() if self._admission else None
        super().__init__(zmq.ROUTER, self.ipv4_only(host, port), self._own_context)
        # A reconnecting worker takes over its identity even before its old connection is known to be dead.
        self.socket.setsockopt(zmq.ROUTER_HANDOVER, 1)
        self.socket.setsockopt(zmq.BACKLOG, WAITING_CONNECTIONS)
        if self._admission:
            try:
                self._admission.guard(self.socket, self._own_context)
            except ValueError:
                self.close(linger=0)
                raise
        try:
            if port == 0:
                self.port = self.socket.bind_to_random_port(f"tcp://{host}")
            else:
                self.socket.bind(f"tcp://{host}:{port}")
                self.port = port
        except ZMQError as error:
            self.close(linger=0)
            raise RPCError(f"Socket bind failure: {error}") from error

    def close(self, linger: int | None = None) -> None:
        """Closes the socket and ends admission."""
        super().close(linger)
        if self._admission:
            self._admission.close()
            self.socket.context.term()


class Client(BaseSocket):
    """Connects to a master. ZeroMQ reconnects automatically, unless the master refuses (see `why_unconnected`).

    Args:
        host: The master's host.
        port: The master's port.
        identity: This worker's id.
        keys: The keys to encrypt and authenticate with CURVE; None: no encryption.
    """

    def __init__(self, host: str, port: int, identity: str, keys: CurveKeys | None = None) -> None:
        self._address = f"tcp://{_bracketed(host)}:{port}"
        self._identity = identity.encode()
        self._keys = keys
        self._ipv4_only = self.ipv4_only(host, port)
        self._open()

    def _open(self) -> None:
        super().__init__(zmq.DEALER, self._ipv4_only)
        self.socket.setsockopt(zmq.IDENTITY, self._identity)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 100)
        self.socket.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
        # After a network failure TCP alone would try again only after minutes.
        self.socket.setsockopt(zmq.CONNECT_TIMEOUT, 2000)
        self.socket.setsockopt(zmq.HEARTBEAT_IVL, 1000)
        self.socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 5000)
        if self._keys is not None:
            self._keys.use_as_client(self.socket)
        self._handshake = Handshake(self.socket, encrypts=self._keys is not None)
        self.socket.connect(self._address)

    def recv(self) -> Message:
        """Waits for the next message; continues with the new socket when `why_unconnected` has replaced this one."""
        while True:
            socket = self.socket
            try:
                return super().recv()
            except RPCError:
                if socket is self.socket:
                    raise

    def why_unconnected(self) -> str:
        """Why the latest attempt to connect failed and what to do about it; empty if no reason is known.

        ZeroMQ does not try again after a refusal, so this then opens a new socket; unsent messages are dropped.
        """
        problem, is_final = self._handshake.look()
        if is_final:
            self.renew()
        return problem

    def renew(self) -> None:
        """Replaces the socket with a new one of the same identity; unsent messages are dropped."""
        self.close(linger=0)
        self._open()

    def close(self, linger: int | None = None) -> None:
        """Closes the socket; `linger` is the number of milliseconds that sending the rest may take."""
        self._handshake.close()
        super().close(linger)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _speaks_ipv6(host: str, port: int) -> bool:
    if not standard_socket.has_dualstack_ipv6():
        return False
    if host == "*":
        return True
    with contextlib.suppress(OSError, UnicodeError):
        found: list[Any] = standard_socket.getaddrinfo(host.strip("[]"), port, type=standard_socket.SOCK_STREAM)
        return any(family == standard_socket.AF_INET6 for family, *_ in found)
    return False
