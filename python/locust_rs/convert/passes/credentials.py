"""Credentials in URLs: `https://user:password@host/` becomes basic authentication, as browsers and curl take it."""

from __future__ import annotations

from urllib.parse import unquote

from locust_rs.convert.model import Journey
from locust_rs.convert.passes.hosts import split_origin


def take_credentials(journey: Journey) -> None:
    """Moves names and passwords from the URLs to the requests' authentication, unless that says another one."""
    for request in journey.requests:
        origin, rest = split_origin(request.url)
        scheme, separator, authority = origin.partition("://")
        credentials, at_sign, host = authority.rpartition("@")
        if at_sign:
            user, _, password = credentials.partition(":")
            request.url = f"{scheme}{separator}{host}{rest}"
            if request.auth is None and request.header("Authorization") is None:
                request.auth = unquote(user), unquote(password)
