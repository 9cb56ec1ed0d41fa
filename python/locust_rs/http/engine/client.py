"""Clients of the engine: `make_client` and the name resolution it needs."""

from __future__ import annotations

import socket as standard_socket
import time
from collections.abc import Callable
from typing import Any

import gevent.monkey
from gevent import socket

from locust_rs import _core
from locust_rs._tunables import engine as tunables
from locust_rs.http.engine import errors as errors  # the native half looks the classes up there
from locust_rs.http.engine.hub import current_engine

_resolved: dict[tuple[str, int], tuple[float, list[tuple[str, int]]]] = {}
_MOST_NAMES = 1000

_OWN_RESOLVERS = (socket.getaddrinfo, gevent.monkey.get_original("socket", "getaddrinfo"))


def _replaced_resolver() -> Callable[..., Any] | None:
    """The `getaddrinfo` that somebody has put into `socket` or `gevent.socket`, as recipes do; None: nobody has."""
    for module in (socket, standard_socket):
        if module.getaddrinfo not in _OWN_RESOLVERS:
            return module.getaddrinfo  # type: ignore[no-any-return]
    return None


def resolve(host: str, port: int) -> list[tuple[str, int]]:
    """Addresses to try for a new connection, in the resolver's order.

    Args:
        host: A name or an address (IPv6 without brackets).

    Returns:
        (ip, port) pairs; a scoped IPv6 address keeps its `%scope`.

    Raises:
        socket.gaierror: The name cannot be resolved.
    """
    replaced = _replaced_resolver()
    if replaced is not None:
        return _addresses(replaced, host, port)  # its answers may change from one connection to the next
    now = time.monotonic()
    known = _resolved.get((host, port))
    if known is not None and known[0] > now:
        return known[1]
    addresses = _addresses(socket.getaddrinfo, host, port)
    if len(_resolved) >= _MOST_NAMES:
        _resolved.clear()
    _resolved[host, port] = (now + tunables.RESOLVED_NAME_CACHE_SEC, addresses)
    return addresses


def _addresses(getaddrinfo: Callable[..., Any], host: str, port: int) -> list[tuple[str, int]]:
    found = getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    return list(dict.fromkeys((str(address[0]), int(address[1])) for *_, address in found))


def make_client(**settings: Any) -> _core.HttpClient:
    """A client on the current hub's engine; the settings are those of `_core.HttpClient`."""
    return _core.HttpClient(attach=current_engine, resolve=resolve, **settings)
