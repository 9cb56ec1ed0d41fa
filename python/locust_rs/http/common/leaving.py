"""Why a request leaves the engine for the library that Locust has always used, and telling so once per reason.

`docs/http-clients.md` lists the reasons, and `locust-rs doctor FILE` looks for them in a locustfile.
"""

from __future__ import annotations

import logging
import os
from enum import StrEnum

logger = logging.getLogger("locust.http")


class Reason(StrEnum):
    """What only the library can do for a request."""

    OWN_ADAPTER = "an adapter of a class of its own is mounted"
    OWN_POOLS = "a pool manager has settings of its own"
    OWN_RETRIES = "max_retries is not a Retry"
    NO_ADAPTER = "no adapter serves the URL"
    OTHER_PROXY = "the proxy is not an http:// one"
    OWN_TLS = "verify or cert is nothing that the engine can load"
    LEFT_ORIGIN = "the server's TLS was refused by the engine, or SSLKEYLOGFILE is set"
    ODD_TIMEOUT = "the timeout is not a positive number or a pair of them"
    ODD_METHOD = "the method is not made of letters and hyphens"
    ODD_URL = "the URL is refused or has credentials"
    ODD_KEYWORD = "a keyword is unknown"
    OWN_FRAMING = "a Content-Length, Transfer-Encoding or Expect header is set by hand"
    ODD_HEADER = "a header is not text, or cannot be sent"
    STREAMED_BODY = "the body is read while it is sent"
    ODD_BODY = "the body cannot be encoded"
    REPLACED_METHOD = "a method of the session is replaced"
    PATCHED_LIBRARY = "a part of the library is patched"
    DEBUG_LOG = "urllib3 or http.client logs every request"
    DEBUG_STREAM = "debug_stream is given"
    OWN_POOL = "client_pool or ssl_context_factory is given, or the session's client is replaced"
    OWN_SETTING = "a setting that only geventhttpclient knows is given"


class Refused(Exception):
    """The engine's rules refuse a request that was handed to it; nothing of it has been sent."""


_told: set[tuple[str, str]] = set()


def tell(client: str, library: str, reason: str) -> None:
    """Logs that requests of a client leave the engine, once per process and reason.

    Args:
        client: `HttpUser` or `FastHttpUser`.
        library: What sends these requests instead.

    An origin that left because of its TLS has a line of its own, see `tls_origins`.
    """
    if (client, reason) in _told or (reason is Reason.LEFT_ORIGIN and not os.environ.get("SSLKEYLOGFILE")):
        return
    _told.add((client, reason))
    logger.info(
        "%s: %s, so such requests are sent by %s, at the cost that they have with stock Locust. "
        "See docs/http-clients.md for what the engine can send.",
        client,
        reason,
        library,
    )
