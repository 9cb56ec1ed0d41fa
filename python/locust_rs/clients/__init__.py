"""The HTTP client of `HttpUser`. The public module `locust.clients`."""

from __future__ import annotations

from typing import Any

from requests import Response
from requests import __version__ as requests_version

from locust_rs._reexports import provide_reexports
from locust_rs.http.common.base_url import absolute_http_url_regexp
from locust_rs.http.requests.adapter import LocustHttpAdapter, preloaded_ssl_context
from locust_rs.http.requests.response import (
    ResponseContextManager,
    RestResponseContextManager,
    _missing_catch_response_True,
)
from locust_rs.http.requests.session import HttpSession

__all__ = [
    "HttpSession",
    "LocustHttpAdapter",
    "Response",
    "ResponseContextManager",
    "RestResponseContextManager",
    "_missing_catch_response_True",
    "absolute_http_url_regexp",
    "requests_version",
]

# The classes say where users find them: in reprs, tracebacks and pickles.
for _public in (HttpSession, LocustHttpAdapter, ResponseContextManager, RestResponseContextManager):
    _public.__module__ = __name__


def __getattr__(name: str) -> Any:
    if name == "_preloaded_ssl_context":
        return preloaded_ssl_context()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


provide_reexports(__name__)
