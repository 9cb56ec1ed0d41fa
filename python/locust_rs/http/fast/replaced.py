"""The parts of geventhttpclient and gevent that a request of its way goes through: some replace them, or wrap them."""

from __future__ import annotations

import http.cookiejar
from typing import Any

import gevent.socket
import gevent.ssl
import geventhttpclient.client
import geventhttpclient.connectionpool
import geventhttpclient.header
import geventhttpclient.response
import geventhttpclient.url
import geventhttpclient.useragent

from locust_rs.http.common import parts
from locust_rs.http.common.originals import Originals, parts_of

STEPS = ("_build_url", "_send_request_safe_mode")
"""Methods of a session that every request goes through: replacing one takes the session that way."""

ENTRIES = frozenset(["request", "get", "options", "head", "post", "put", "patch", "delete", "iter_lines"])
"""Methods of a session that tasks call: a replacement of one is called anyway."""

_MODULES = (
    geventhttpclient.client,
    geventhttpclient.connectionpool,
    geventhttpclient.header,
    geventhttpclient.response,
    geventhttpclient.url,
    geventhttpclient.useragent,
    http.cookiejar,
)
_CONNECTIONS = (
    (gevent.socket, ("socket", "create_connection")),
    (gevent.ssl, ("SSLContext", "SSLSocket", "create_default_context")),
)

ORIGINALS = Originals()


def take(*own: type) -> None:
    """Remembers what there is; once Locust's own classes are complete."""
    methods = (part for kind in own for part in parts.methods_of_class(kind, ENTRIES))
    ORIGINALS.take([*parts_of(_MODULES, _CONNECTIONS), *methods])


def has_own_steps(kind: Any, session_class: Any) -> bool:
    """Whether a subclass has replaced a step."""
    return any(getattr(kind, name) is not getattr(session_class, name) for name in STEPS)
