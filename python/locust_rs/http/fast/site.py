"""What a base URL says about the requests below it; read once for all sessions that have the same."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from locust_rs.http.common.tls_origins import Place
from locust_rs.http.fast import left


class Site(NamedTuple):
    """Where the requests of a session go."""

    base_url: str | None
    """The base URL; None if the engine cannot put it before paths as geventhttpclient would."""

    origin: str
    """`scheme://host:port`, as the base URL writes it."""

    place: Place | None
    """The origin among those that leave the engine; None without TLS."""


@lru_cache(maxsize=256, typed=True)
def site_of(base_url: str, insecure: bool) -> Site:
    """The site of a base URL.

    Args:
        base_url: It may be empty.
        insecure: Any certificate is accepted.

    Raises:
        ValueError: It has a malformed host or port.
    """
    parts = urlsplit(base_url)
    is_plain = base_url.startswith(("http://", "https://")) and bool(parts.hostname)
    is_plain = is_plain and not (parts.query or parts.fragment)
    is_plain = is_plain and "@" not in parts.netloc and _host_is_sent_as_is(parts)
    is_plain = is_plain and not parts.path.endswith("/")  # geventhttpclient refuses `//path`
    origin = f"{parts.scheme}://{parts.netloc}"
    return Site(base_url if is_plain else None, origin, left.place_of(base_url, insecure))


def _host_is_sent_as_is(parts: SplitResult) -> bool:
    """Whether geventhttpclient sends the Host header that is usual; it leaves out 80 and 443 for both schemes."""
    unusual = {"http": 443, "https": 80}[parts.scheme]
    return parts.port != unusual and parts.netloc == parts.netloc.lower()
