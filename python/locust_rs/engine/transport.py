"""Clients of the engine: `make_client` and the name resolution it needs."""

from __future__ import annotations

import time
from typing import Any

from gevent import socket

from locust_rs import _core
from locust_rs._tunables import engine as tunables
from locust_rs.engine import errors as errors  # the native half looks the classes up there
from locust_rs.engine.hub import current_engine

_resolved: dict[tuple[str, int], tuple[float, list[tuple[str, int]]]] = {}
_MOST_NAMES = 1000


def resolve(host: str, port: int) -> list[tuple[str, int]]:
    """Addresses to try for a new connection, in the resolver's order.

    Args:
        host: A name or an address (IPv6 without brackets).

    Returns:
        (ip, port) pairs; a scoped IPv6 address keeps its `%scope`.

    Raises:
        socket.gaierror: The name cannot be resolved.
    """
    now = time.monotonic()
    known = _resolved.get((host, port))
    if known is not None and known[0] > now:
        return known[1]
    addresses: list[tuple[str, int]] = []
    for *_, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        pair = (str(address[0]), int(address[1]))
        if pair not in addresses:
            addresses.append(pair)
    if len(_resolved) >= _MOST_NAMES:
        _resolved.clear()
    _resolved[host, port] = (now + tunables.RESOLVED_NAME_CACHE_SEC, addresses)
    return addresses


def make_client(**settings: Any) -> _core.HttpClient:
    """A client on the current hub's engine; the settings are those of `_core.HttpClient`."""
    return _core.HttpClient(attach=current_engine, resolve=resolve, **settings)
