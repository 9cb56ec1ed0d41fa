"""Origins whose TLS is left to the library, because the engine's was refused there: one memory for the process.

The engine speaks TLS 1.2 with AEAD and ECDHE, and TLS 1.3. A server may want more (CBC, DHE, P-521), and OpenSSL takes
certificates that the engine does not, such as a self-signed file that `verify` names. So a request whose handshake or
certificate was refused is sent again by the library; it has not reached the server. The origin stays with the library
from then on, with the same TLS settings, whether the library succeeds or not: an error has its class and text.

A connection that merely ends during the handshake may be that of a server under load. Such an origin comes back to the
engine after `CLOSED_HANDSHAKE_SEC`.
"""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Hashable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from locust_rs.http.engine import errors

logger = logging.getLogger("locust.http")

CLOSED_HANDSHAKE_SEC = 60.0
_MOST_ORIGINS = 1000


class Place(NamedTuple):
    """An origin and the TLS settings with which it is visited."""

    origin: str
    """`https://host:port`."""

    library: str
    """What sends the requests that the engine cannot: `requests` or `geventhttpclient`."""

    settings: Hashable = None


_left: dict[Place, float] = {}
_told: set[tuple[str, str]] = set()


VERSION = [0]
"""Its only item changes whenever an origin leaves the engine or comes back."""


def place_of(url: str, library: str, settings: Hashable = None) -> Place | None:
    """Where a request goes; None: not to a TLS server."""
    if url[:6].lower() != "https:":
        return None
    try:
        parts = urlsplit(url)
        return Place(f"https://{(parts.hostname or '').lower()}:{parts.port or 443}", library, settings)
    except ValueError:
        return None


def has_left(place: Place | None) -> bool:
    """Whether requests to a place are the library's."""
    if place is None:
        return False
    if os.environ.get("SSLKEYLOGFILE"):
        return True  # OpenSSL writes the secrets there
    until = _left.get(place)
    if until is None:
        return False
    if until > time.monotonic():
        return True
    _left.pop(place, None)
    VERSION[0] += 1
    return False


def is_refusal(error: Any) -> bool:
    """Whether a request failed in its handshake, before the server has accepted anything of it."""
    if getattr(error, "phase", None) != "tls" or getattr(error, "response", None) is not None:
        return False
    return isinstance(error, (errors.TlsError, errors.CertificateError)) or _is_closed(error)


def _is_closed(error: Any) -> bool:
    return isinstance(error, ConnectionError) and not isinstance(error, ConnectionAbortedError)


def leave(place: Place, error: BaseException) -> None:
    """Leaves a place to its library; logs it, once for each origin.

    Args:
        error: The refusal.
    """
    is_final = not _is_closed(error)
    until = math.inf if is_final else time.monotonic() + CLOSED_HANDSHAKE_SEC
    if place not in _left:
        if len(_left) >= _MOST_ORIGINS:
            _left.pop(next(iter(_left)))
        VERSION[0] += 1
    _left[place] = max(until, _left.get(place, until))
    teller = (place.origin, place.library)
    if teller in _told:
        return
    if len(_told) >= _MOST_ORIGINS:
        _told.clear()
    _told.add(teller)
    logger.info(
        "%s leaves the engine (%s): its requests are sent by %s, with OpenSSL, %s, "
        "at the cost that they have with stock Locust. See docs/http-clients.md#tls.",
        place.origin,
        error.args[-1] if error.args else type(error).__name__,
        place.library,
        "from now on" if is_final else f"for {CLOSED_HANDSHAKE_SEC:.0f} s at a time",
    )
