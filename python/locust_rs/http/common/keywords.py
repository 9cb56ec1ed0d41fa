"""What the methods of the clients accept beside their own parameters, for editors and type checkers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http.cookiejar import CookieJar
from typing import Any, TypedDict

_Auth = tuple[str, str] | Callable[..., Any]
_Cert = str | tuple[str, str]
_Params = Mapping[str, Any] | Iterable[tuple[str, Any]] | str | bytes
_Timeout = float | tuple[float | None, float | None]


class RequestKwargs(TypedDict, total=False):
    """Keywords of `HttpSession.request` that go to `requests.Session.request`."""

    params: _Params | None
    headers: Mapping[str, str | bytes | None] | None
    cookies: CookieJar | dict[str, str] | None
    files: Any
    auth: _Auth | None
    timeout: _Timeout | None
    allow_redirects: bool
    proxies: dict[str, str] | None
    hooks: Mapping[str, Any] | None
    stream: bool | None
    verify: bool | str | None
    cert: _Cert | None


class RESTKwargs(RequestKwargs, total=False):
    """Keywords of `HttpSession.get` and its like: the above and Locust's own."""

    name: str | None
    catch_response: bool
    context: dict[str, Any]


class FastRequestKwargs(TypedDict, total=False):
    """Keywords that every method of `FastHttpSession` accepts."""

    name: str | None
    catch_response: bool
    stream: bool
    headers: dict[str, str] | None
    auth: tuple[str | bytes, str | bytes] | None
    allow_redirects: bool
    context: dict[str, Any]
    params: _Params | None
    files: Any
    debug_stream: Any


class FastPutKwargs(FastRequestKwargs, total=False):
    """Keywords of `FastHttpSession.put` and `patch`, whose `data` is a parameter."""

    json: Any


class FastRESTKwargs(FastPutKwargs, total=False):
    """Keywords of `FastHttpSession.get`, `delete`, `head` and `options`."""

    data: str | dict[str, Any] | None
