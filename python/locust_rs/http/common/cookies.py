"""Cookies without their cost while nothing changes: jars that count their changes, and headers kept until the next.

`http.cookiejar` decides everything here, as it does in requests and geventhttpclient; this module remembers what it
decided.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http.cookiejar import Cookie, CookieJar
from typing import Any
from urllib.parse import urlsplit

from requests import cookies as requests_cookies

_MOST_HEADERS = 512
"""URLs whose Cookie header is remembered."""


class _Telling(CookieJar):
    """A jar that counts its changes and calls `on_change` when cookies are added, changed or removed."""

    changes = 0
    on_change: Callable[[], None] | None = None
    _cookies: dict[str, dict[str, dict[str, Cookie]]]

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:
        known = self._cookies.get(cookie.domain, {}).get(cookie.path, {}).get(cookie.name)
        super().set_cookie(cookie, *args, **kwargs)
        if known is None or known is cookie or vars(known) != vars(cookie):
            self._tell()

    def clear(self, domain: str | None = None, path: str | None = None, name: str | None = None) -> None:
        super().clear(domain, path, name)
        self._tell()

    def set_policy(self, policy: Any) -> None:
        super().set_policy(policy)
        self._tell()

    def _tell(self) -> None:
        self.changes += 1
        if self.on_change is not None:
            self.on_change()


class TellingCookieJar(_Telling):
    """The jar of `FastHttpSession`."""


class RequestsCookieJar(_Telling, requests_cookies.RequestsCookieJar):  # type: ignore[misc]  # requests' own knot
    """The jar of `HttpSession`; it keeps requests' name."""

    def __reduce__(self) -> Any:
        # A pickled or copied jar belongs to nobody, and needs no locust to be read.
        return _plain_jar, (list(self), self.get_policy())


def _plain_jar(cookies: list[Cookie], policy: Any) -> requests_cookies.RequestsCookieJar:
    jar = requests_cookies.RequestsCookieJar(policy)
    for cookie in cookies:
        jar.set_cookie(cookie)
    return jar


class CookieRequest:
    """A request as `http.cookiejar` wants to see it."""

    def __init__(self, url: str, unverifiable: bool) -> None:
        parts = urlsplit(url)
        self._url = url
        self.type = parts.scheme
        self.host = parts.netloc
        self.origin_req_host = (parts.hostname or "") if not unverifiable else parts.netloc
        self.unverifiable = unverifiable
        self.cookie: str | None = None

    def get_full_url(self) -> str:
        """The URL."""
        return self._url

    def has_header(self, name: str) -> bool:
        """Whether a Cookie header was given by hand; those requests don't come here."""
        return False

    def get_header(self, name: str, default: str | None = None) -> str | None:
        """No header matters."""
        return default

    def add_unredirected_header(self, name: str, value: str) -> None:
        """Takes the Cookie header (and drops Cookie2)."""
        if name == "Cookie":
            self.cookie = value


class SetCookies:
    """The Set-Cookie headers of a response as `http.cookiejar` wants to see them."""

    def __init__(self, values: list[str]) -> None:
        self._values = values

    def info(self) -> SetCookies:
        return self

    def get_all(self, name: str, default: Any = None) -> Any:
        return self._values if name.lower() == "set-cookie" else default


class CookieBook:
    """What a session sends and takes as cookies.

    Args:
        jar: The session's jar. A `_Telling` one makes headers last; with any other the jar is asked every time.
        unverifiable: How requests are presented to the jar's policy: True as requests does it.
    """

    def __init__(self, jar: CookieJar, unverifiable: bool) -> None:
        self.jar = jar
        self._unverifiable = unverifiable
        self._telling = isinstance(jar, _Telling)
        self._changes = -1
        self._headers: dict[str, str | None] = {}
        self._valid_until = float("inf")
        self._taken: tuple[str, tuple[str, ...]] | None = None
        self._values: list[tuple[Cookie, str | None]] = []

    def is_edited(self) -> bool:
        """Whether a cookie was given another value in place, which its jar does not notice."""
        return bool(self._values) and any(cookie.value != value for cookie, value in self._values)

    def _forget_unless_current(self) -> None:
        """Drops what was remembered of an earlier state of the jar; for jars that count their changes."""
        changes: int = self.jar.changes  # type: ignore[attr-defined]
        if changes != self._changes or time.time() >= self._valid_until or self.is_edited():
            self._headers.clear()
            self._taken = None
            self._changes = changes
            self._values = [(cookie, cookie.value) for cookie in self.jar]
            expiries = [cookie.expires for cookie, _ in self._values if cookie.expires is not None]
            self._valid_until = min(expiries, default=float("inf"))

    def standing(self, base_url: str) -> tuple[bool, str | None]:
        """Whether one header serves all URLs below `base_url`'s origin until the jar changes, and which."""
        if not self._telling:
            return False, None
        self._forget_unless_current()
        for cookie, _ in self._values:
            if cookie.path != "/" or cookie.expires is not None:
                return False, None
        return True, self.header(base_url)

    def header(self, url: str) -> str | None:
        """The Cookie header for a request to `url`; None: there is none to send."""
        if not self._telling:
            return self._ask(url)
        self._forget_unless_current()
        known = url.partition("?")[0]
        if known in self._headers:
            return self._headers[known]
        if len(self._headers) >= _MOST_HEADERS:
            self._headers.clear()
        header = self._headers[known] = self._ask(url)
        return header

    def _ask(self, url: str) -> str | None:
        request = CookieRequest(url, self._unverifiable)
        self.jar.add_cookie_header(request)  # type: ignore[arg-type]
        return request.cookie

    def take(self, url: str, header_list: list[tuple[str, str]]) -> None:
        """Puts the cookies that a response sets into the jar."""
        values = tuple(value for name, value in header_list if name.lower() == "set-cookie")
        if not self._telling:
            self._extract(url, values)
            return
        self._forget_unless_current()
        if self._taken == (url, values):
            return  # the very same cookies as last time, and nothing has changed since
        self._extract(url, values)
        if not any("expires" in value.lower() or "max-age" in value.lower() for value in values):
            self._forget_unless_current()
            self._taken = (url, values)

    def _extract(self, url: str, values: tuple[str, ...]) -> None:
        self.jar.extract_cookies(SetCookies(list(values)), CookieRequest(url, self._unverifiable))  # type: ignore[arg-type]
