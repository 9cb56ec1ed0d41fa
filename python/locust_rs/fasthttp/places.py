"""Where usual requests go, and where redirects send them on, without geventhttpclient's request objects."""

from __future__ import annotations

from typing import Any, NamedTuple

from geventhttpclient.url import URL

from locust_rs.clients.base_url import absolute_http_url_regexp
from locust_rs.fasthttp.wire import is_plain_path

_WITHOUT_BODY = frozenset([301, 302, 303])
_ABOUT_THE_BODY = frozenset(["content-length", "content-type", "content-encoding"])


class Hop(NamedTuple):
    """A request after a redirect."""

    method: str
    path: str
    headers: dict[str, str]
    data: Any


def target_of(url: str, full_url: str, origin: str, extra: dict[str, Any]) -> str | None:
    """What the engine is told for a URL below the base URL.

    Args:
        url: As the user gave it.
        full_url: With the base URL.
        origin: `scheme://host[:port]` of the base URL.
        extra: Other keywords of the call; only `params` has a place here.

    Returns:
        `url` itself where it is sent as it is, an absolute URL, or None for what geventhttpclient has to look at.
    """
    if not extra and is_plain_path(url):
        return url
    if extra.keys() - {"params"} or absolute_http_url_regexp.match(url):
        return None
    try:
        place = URL(full_url, params=extra.get("params"))
        target = place.quoted_uri
    except (ValueError, TypeError):
        return None
    if f"{place.scheme}://{place.netloc}" != origin or not target.startswith("/") or target.startswith("//"):
        return None
    return origin + target


def next_hop(method: str, headers: dict[str, str], data: Any, status: int, location: str) -> Hop | None:
    """The request that follows a redirect to another path of the same origin; None: any other redirect."""
    if not is_plain_path(location) or "/." in location:
        return None
    if status in _WITHOUT_BODY:
        kept = {name: value for name, value in headers.items() if name.lower() not in _ABOUT_THE_BODY}
        return Hop("HEAD" if method == "HEAD" else "GET", location, kept, None)
    return Hop(method, location, headers, data)
