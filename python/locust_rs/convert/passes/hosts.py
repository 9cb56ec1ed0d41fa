"""Hosts: the one of most requests becomes the user's, others become constants."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import quote

from locust_rs.convert.model import Journey
from locust_rs.convert.values import PLACEHOLDER, Values

_ORIGIN = re.compile(rf"(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*|{PLACEHOLDER.pattern}[^/?#]*)")
_NOT_IN_URLS = re.compile("[^\ufdd0\ufdd1!#$%&'()*+,/:;=?@A-Za-z0-9._~\\[\\]-]+")


def split_origin(url: str) -> tuple[str, str]:
    """Scheme with authority, which may be empty, and the rest."""
    match = _ORIGIN.match(url)
    return (match[0], url[match.end() :]) if match else ("", url)


def factor_hosts(journey: Journey, values: Values) -> None:
    """Makes URLs relative to the host of most requests, and drops their fragments."""
    parts = [split_origin(request.url) for request in journey.requests]
    origins = Counter(origin for origin, _ in parts if origin)
    journey.host = _host(origins.most_common(1)[0][0]) if origins else ""
    for request, (origin, rest) in zip(journey.requests, parts, strict=True):
        path = _NOT_IN_URLS.sub(lambda match: quote(match[0]), rest.partition("#")[0])
        path = path if path.startswith("/") else f"/{path}"
        host = _host(origin)
        if host == journey.host or not host:
            request.url = path
        elif PLACEHOLDER.search(host):
            request.url = host + path
        else:
            label = re.sub(r"[^A-Za-z0-9]+", " ", host.partition("://")[2])
            request.url = values.base_url(host, label) + path


def _host(origin: str) -> str:
    """An origin in lower case; placeholders are numbers and stay."""
    scheme, separator, authority = origin.partition("://")
    return f"{scheme.lower()}{separator}{authority.lower()}" if separator else origin
