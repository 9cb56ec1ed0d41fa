"""Whether the libraries below requests are as they came.

Recipes replace parts of them: an own resolver, IPv4 only, a proxy under every socket, keep-alive options, a
tracer. A session that is made afterwards sends its requests through requests, where these take effect.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterable
from typing import Any

import requests.adapters
import urllib3.connection
import urllib3.util.connection as urllib3_sockets

_FUNCTIONS: tuple[tuple[Any, str, str], ...] = (
    (urllib3_sockets, "create_connection", "urllib3.util.connection"),
    (urllib3_sockets, "allowed_gai_family", "urllib3.util.connection"),
    (requests.adapters.HTTPAdapter, "build_response", "requests.adapters"),
    *(
        (urllib3.connection.HTTPConnection, name, "urllib3.connection")
        for name in ("__init__", "_new_conn", "connect", "request", "getresponse")
    ),
    *(
        (http.client.HTTPConnection, name, "http.client")
        for name in ("putrequest", "putheader", "endheaders", "send", "getresponse")
    ),
)
"""Owner, name of a function, and the module that it comes from."""

_SOCKET_MODULES = ("socket", "gevent._socket3", "gevent.socket")


def are_replaced(functions: Iterable[tuple[Any, str, str]] = _FUNCTIONS) -> bool:
    """Whether somebody has replaced one of `functions`, or wrapped it, which copies the name of its module."""
    for owner, name, module in functions:
        function = getattr(owner, name)
        if getattr(function, "__module__", None) != module or hasattr(function, "__wrapped__"):
            return True
    return False


def sockets_are_replaced() -> bool:
    """Whether connections of requests would be made of other sockets, or with other options."""
    options = urllib3.connection.HTTPConnection.default_socket_options
    return (
        socket.socket.__module__ not in _SOCKET_MODULES
        or list(options or ()) != [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    )  # fmt: skip
