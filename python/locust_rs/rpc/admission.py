"""Decides who may connect to a master, by an address allow-list and by CURVE keys.

ZeroMQ asks about every connection before it reads any message of it (ZAP, RFC 27). The allow-list works with stock
workers too; with keys, peers without the right key are refused.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import gevent
import zmq.green as zmq
from zmq.error import ZMQError
from zmq.utils import z85

logger = logging.getLogger("locust.runners")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_DOMAIN = b"locust"
_ZAP_ENDPOINT = "inproc://zeromq.zap.01"


@dataclass(frozen=True)
class CurveKeys:
    """The keys of one node, in ZeroMQ's Z85 encoding."""

    public: bytes
    secret: bytes = field(repr=False)
    master: bytes | None = None
    """The master's public key, in a worker's file."""

    admitted: frozenset[bytes] = frozenset()
    """The public keys that the master admits, in a master's file."""

    def of_own_worker(self) -> CurveKeys:
        """The keys of a worker that its master forked; it shares the master's pair."""
        return replace(self, master=self.public, admitted=frozenset())

    def use_as_client(self, socket: Any) -> None:
        """Makes a worker's socket use CURVE.

        Raises:
            ValueError: These are a master's keys.
        """
        if self.master is None:
            raise ValueError("This key file is a master's: give workers the other one")
        socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = self.public, self.secret, self.master

    def admits(self, public: bytes) -> bool:
        """Whether a master with these keys accepts a worker with that public key."""
        return public in self.admitted or public == self.public

    def use_as_server(self, socket: Any) -> None:
        """Makes a master's socket accept CURVE only.

        Raises:
            ValueError: These are a worker's keys.
        """
        if not self.admitted:
            raise ValueError("This key file is a worker's: give the master the other one")
        socket.curve_publickey, socket.curve_secretkey, socket.curve_server = self.public, self.secret, True


def parse_networks(text: str | Iterable[str] | None) -> list[Network]:
    """The addresses and networks of an allow-list.

    Args:
        text: Addresses or networks (`10.0.0.0/8`, `::1`), separated by commas or blanks, or a sequence of them.

    Raises:
        ValueError: One of them is neither.
    """
    if not text:
        return []
    parts = (text if isinstance(text, str) else " ".join(text)).replace(",", " ").split()
    networks: list[Network] = []
    for part in parts:
        try:
            networks.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise ValueError(
                f"'{part}' is not an IP address or a network; write it like 10.1.2.3 or 10.1.0.0/16"
            ) from None
    return networks


class Admission:
    """Decides about the connections of one master. Owns a greenlet that answers ZeroMQ's requests.

    Args:
        networks: The networks from which workers may connect; empty: all.
        keys: The master's keys; None: no encryption.
    """

    def __init__(self, networks: Iterable[Network] = (), keys: CurveKeys | None = None) -> None:
        self.networks = tuple(networks)
        self.keys = keys
        self.refused = 0
        """Connections refused so far."""
        self._announced: set[str] = set()

    @property
    def restricts(self) -> bool:
        """Whether anything is configured by which a connection can be refused."""
        return bool(self.networks) or self.keys is not None

    def guard(self, socket: Any, context: Any) -> None:
        """Starts deciding for `socket`, which must belong to `context` and must not be bound yet."""
        self._handler = context.socket(zmq.REP)
        self._handler.setsockopt(zmq.LINGER, 0)
        self._handler.bind(_ZAP_ENDPOINT)
        self._greenlet = gevent.spawn(self._answer)
        socket.setsockopt(zmq.ZAP_DOMAIN, _DOMAIN)
        if self.keys:
            self.keys.use_as_server(socket)

    def close(self) -> None:
        """Stops deciding; existing connections are kept."""
        self._greenlet.kill()
        self._handler.close()

    def _answer(self) -> None:
        while True:
            try:
                frames = self._handler.recv_multipart()
            except ZMQError:
                return
            request_id = frames[1] if len(frames) > 1 else b""
            refusal = self._refusal(frames)
            status = [b"400", refusal.encode(), b"", b""] if refusal else [b"200", b"OK", b"worker", b""]
            self._handler.send_multipart([b"1.0", request_id, *status])

    def _refusal(self, frames: list[bytes]) -> str:
        """The reason to refuse a connection; empty if it is admitted."""
        if len(frames) < 6 or frames[0] != b"1.0":
            return "malformed request"
        address, mechanism, credentials = frames[3].decode(), frames[5], frames[6:]
        refusal = ""
        if self.networks and not self._is_allowed(address):
            refusal = "its address is not in --master-allow"
        elif self.keys and (mechanism != b"CURVE" or not self.keys.admits(z85.encode(credentials[0]))):
            refusal = "its key is unknown"
        if refusal:
            self.refused += 1
            if address not in self._announced and len(self._announced) < 100:
                self._announced.add(address)
                logger.warning(f"Refused a connection from {address}: {refusal} (logged once per address)")
        return refusal

    def _is_allowed(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text.split("%")[0])
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self.networks)
