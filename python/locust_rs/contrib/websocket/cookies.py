"""Cookies of handshakes, by requests' rules."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from http.cookiejar import CookieJar

from requests import Request
from requests.cookies import (
    MockRequest,
    MockResponse,
    RequestsCookieJar,
    get_cookie_header,
    merge_cookies,
)


def new_jar() -> RequestsCookieJar:
    """An empty jar; also takes `jar["name"] = "value"`."""
    return RequestsCookieJar()


def header(url: str, jar: RequestsCookieJar, more: Mapping[str, str] | CookieJar | None) -> str | None:
    """The Cookie header of a handshake; None if no cookie belongs there."""
    cookies = jar
    if more:
        cookies = merge_cookies(merge_cookies(new_jar(), jar), more)  # type: ignore[no-untyped-call]
    if not len(cookies):
        return None
    value = get_cookie_header(cookies, _request(url))  # type: ignore[no-untyped-call]
    return str(value) if value else None


def take(url: str, lines: list[str], jar: RequestsCookieJar) -> None:
    """Puts the cookies of Set-Cookie headers into the jar."""
    if not lines:
        return
    fields = Message()
    for line in lines:
        fields.add_header("Set-Cookie", line)
    jar.extract_cookies(MockResponse(fields), MockRequest(_request(url)))  # type: ignore


def _request(url: str) -> Request:
    return Request("GET", f"http{url.removeprefix('ws')}", headers={})
