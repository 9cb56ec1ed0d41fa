"""The parts of requests, urllib3 and the standard library that a request of an `HttpSession` would go through."""

from __future__ import annotations

import http.client
import http.cookiejar
import socket
import ssl
import sys
from types import ModuleType

import requests  # noqa: F401  # with all that it imports

from locust_rs.http.common import parts
from locust_rs.http.common.originals import Originals, parts_of

ENTRIES = frozenset(["request", "get", "options", "head", "post", "put", "patch", "delete"])
"""Methods of a session that tasks call: a replacement of one is called anyway."""

_LIBRARIES = ("requests.", "urllib3.")
_OTHER_WORK = ("api", "exceptions", "help", "packages", "status_codes", "contrib", "http2")

_CONNECTIONS = (
    (socket, ("socket", "SocketType", "create_connection", "has_ipv6")),
    (ssl, ("SSLContext", "SSLSocket", "create_default_context")),
)

ORIGINALS = Originals()


def take(*own: type) -> None:
    """Remembers what there is; once Locust's own classes are complete."""
    found = parts_of([*_modules(), http.client, http.cookiejar], _CONNECTIONS)
    ORIGINALS.take([*found, *(part for kind in own for part in parts.methods_of_class(kind, ENTRIES))])


def _modules() -> list[ModuleType]:
    """The libraries' modules that do a request's work, as far as they are loaded."""
    return [
        module
        for name, module in sorted(sys.modules.items())
        if name.startswith(_LIBRARIES)
        and module.__name__ == name  # requests.packages has the others under names of its own
        and name.split(".")[1] not in _OTHER_WORK
        and not name.split(".")[1].startswith("__")
    ]
