"""The client that costs little: `FastHttpUser` and what belongs to it."""

from __future__ import annotations

from geventhttpclient.useragent import CompatRequest

from locust_rs._reexports import provide_reexports
from locust_rs.http.common.base_url import absolute_http_url_regexp
from locust_rs.http.fast.agent import FAILURE_EXCEPTIONS, LocustBadStatusCode, LocustUserAgent
from locust_rs.http.fast.draft import basic_authorization as _construct_basic_auth_str
from locust_rs.http.fast.response import (
    ErrorResponse,
    FastRequest,
    FastResponse,
    ResponseContextManager,
    RestResponseContextManager,
)
from locust_rs.http.fast.session import FastHttpSession
from locust_rs.http.fast.tls import insecure_ssl_context_factory
from locust_rs.user.fasthttp import FastHttpUser
from locust_rs.util.deprecation import DeprecatedFastHttpLocustClass as FastHttpLocust

__all__ = [
    "FAILURE_EXCEPTIONS",
    "CompatRequest",
    "ErrorResponse",
    "FastHttpLocust",
    "FastHttpSession",
    "FastHttpUser",
    "FastRequest",
    "FastResponse",
    "LocustBadStatusCode",
    "LocustUserAgent",
    "ResponseContextManager",
    "RestResponseContextManager",
    "_construct_basic_auth_str",
    "absolute_http_url_regexp",
    "insecure_ssl_context_factory",
]

# The classes say where users find them: in reprs, tracebacks and pickles.
for _public in (
    ErrorResponse,
    FastHttpSession,
    FastHttpUser,
    FastRequest,
    FastResponse,
    LocustBadStatusCode,
    LocustUserAgent,
    ResponseContextManager,
    RestResponseContextManager,
):
    _public.__module__ = __name__

provide_reexports(__name__)
