"""`FastHttpSession`: the HTTP client of `FastHttpUser`."""

from __future__ import annotations

import json as jsonlib
import time
from base64 import b64encode
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any, Unpack

import gevent.ssl

from locust_rs.clients import base_url as urls
from locust_rs.fasthttp.agent import FAILURE_EXCEPTIONS, LocustUserAgent
from locust_rs.fasthttp.catching import ResponseContextManager
from locust_rs.fasthttp.response import ErrorResponse, FastResponse
from locust_rs.fasthttp.tls import insecure_ssl_context_factory

if TYPE_CHECKING:
    from geventhttpclient.client import HTTPClientPool

    from locust_rs.clients.arguments import (
        FastPutKwargs as PatchKwargs,
    )
    from locust_rs.clients.arguments import (
        FastPutKwargs as PutKwargs,
    )
    from locust_rs.clients.arguments import (
        FastRequestKwargs as PostKwargs,
    )
    from locust_rs.clients.arguments import (
        FastRESTKwargs as RESTKwargs,
    )
    from locust_rs.user.base import User

ACCEPT_ENCODING = "gzip, deflate, br"


def _construct_basic_auth_str(username: str | bytes, password: str | bytes) -> str:
    """The value of an Authorization header for HTTP basic authentication."""
    user, secret = (part.encode("latin1") if isinstance(part, str) else part for part in (username, password))
    return "Basic " + b64encode(b":".join((user, secret))).strip().decode("ascii")


class FastHttpSession:
    """Sends requests, keeps cookies between them and fires the `request` event for each.

    Args:
        base_url: Put before URLs that are only a path, as it is. Credentials in it become `auth_header`.
        request_event: Its `fire` is called for every request.
        user: Whose `context()` is added to that of each request; may be None.
        insecure: Any certificate is accepted.
        client_pool: Connections to share with other sessions (geventhttpclient's).
        ssl_context_factory: Makes the TLS context (geventhttpclient's).
        **kwargs: For geventhttpclient's user agent and pool: `max_redirects`, `max_retries`, `headers`,
            `network_timeout`, `connection_timeout`, `concurrency`, `proxy_host`, `proxy_port`, …
    """

    auth_header: str | None = None
    """Authorization header of the requests that bring none (`auth`)."""

    def __init__(
        self,
        base_url: str | None,
        request_event: Any,
        user: User | None,
        insecure: bool = True,
        client_pool: HTTPClientPool | None = None,
        ssl_context_factory: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.base_url = base_url
        self.request_event = request_event
        self.cookiejar = CookieJar()
        self.user = user
        self.request_name: str | None = None
        if not ssl_context_factory:
            if insecure:
                ssl_context_factory = insecure_ssl_context_factory
            else:
                ssl_context_factory = gevent.ssl.create_default_context
        self.client = LocustUserAgent(
            cookiejar=self.cookiejar,
            ssl_context_factory=ssl_context_factory,
            insecure=insecure,
            client_pool=client_pool,
            **kwargs,
        )
        if base_url:
            self.base_url, credentials = urls.split_credentials(base_url)
            if credentials:
                self.auth_header = _construct_basic_auth_str(*credentials)

    def _build_url(self, path: str) -> str:
        return urls.join(self.base_url, path)

    @contextmanager
    def rename_request(self, name: str) -> Generator[None]:
        """Names the requests of a with-block that are given no name of their own."""
        outer, self.request_name = self.request_name, name
        try:
            yield
        finally:
            self.request_name = outer

    def _send_request_safe_mode(self, method: str, url: str, **kwargs: Any) -> FastResponse:
        """Sends a request; a failure is returned as a response with its exception as `error`."""
        agent = self.client
        if not kwargs.pop("allow_redirects", True):
            agent = agent.without_redirects()
        try:
            response: FastResponse = agent.urlopen(url, method=method, **kwargs)
        except FAILURE_EXCEPTIONS as error:
            if hasattr(error, "response"):
                response = error.response
                response.error = error  # type: ignore[attr-defined]
            else:
                described = {key: kwargs[key] for key in ("headers", "payload", "params", "files") if key in kwargs}
                response = ErrorResponse(self.client._make_request(url, method, **described), error)
        return response

    def request(
        self,
        method: str,
        url: str,
        name: str | None = None,
        data: str | dict | None = None,  # type: ignore[type-arg]
        catch_response: bool = False,
        stream: bool = False,
        headers: dict | None = None,  # type: ignore[type-arg]
        auth: tuple[str | bytes, str | bytes] | None = None,
        json: Any = None,
        allow_redirects: bool = True,
        context: dict = {},  # type: ignore[type-arg]
        **kwargs: Any,
    ) -> ResponseContextManager:
        """Sends a request and reports it, at once or (with `catch_response`) when its with-block ends.

        Args:
            url: A path, or an absolute URL.
            name: What the statistics call it instead of `url`.
            data: The body; a dictionary is sent as a form.
            catch_response: The response will be used in a with-statement.
            stream: The body is not read yet, and reading it is not part of the response time.
            auth: User name and password for HTTP basic authentication.
            json: Sent as the body, with the headers that say so; only without `data`.
            context: Passed on to the listeners of the `request` event.
            **kwargs: `params`, `files`, `debug_stream`; others become parameters of the URL.

        Returns:
            A `FastResponse`, with `catch_response` a `ResponseContextManager`.
        """
        if self.user:
            context = {**self.user.context(), **context}
        full_url = self._build_url(url)
        headers = self._complete_headers(headers, auth)
        if not data and json is not None:
            data = jsonlib.dumps(json)
            _set_default(headers, "Content-Type", "application/json")
            _set_default(headers, "Accept", "application/json")
        start_time = time.time()
        started = time.perf_counter()
        response = self._send_request_safe_mode(
            method, full_url, payload=data, headers=headers, allow_redirects=allow_redirects, **kwargs
        )
        exception = getattr(response, "error", None)
        length = 0
        if stream:
            length = int((response.headers or {}).get("content-length") or 0)
        else:
            try:
                length = len(response.content or "")
            except FAILURE_EXCEPTIONS as error:
                exception = error
        request_meta = {
            "request_type": method,
            "name": name or self.request_name or url,
            "context": context,
            "response": response,
            "exception": exception,
            "start_time": start_time,
            "url": full_url,
            "response_time": (time.perf_counter() - started) * 1000,
            "response_length": length,
        }
        if catch_response:
            return ResponseContextManager(response, self.request_event, request_meta, catch_response)
        self.request_event.fire(**request_meta)
        return response  # type: ignore[return-value]

    def _complete_headers(self, headers: dict[str, str] | None, auth: Any) -> dict[str, str]:
        complete = dict(headers) if headers else {}
        if auth:
            complete["Authorization"] = _construct_basic_auth_str(*auth)
        elif self.auth_header:
            complete["Authorization"] = self.auth_header
        _set_default(complete, "Accept-Encoding", ACCEPT_ENCODING)
        return complete

    def delete(self, url: str, **kwargs: Unpack[RESTKwargs]) -> ResponseContextManager:
        """Sends a DELETE request"""
        return self.request("DELETE", url, **kwargs)

    def get(self, url: str, **kwargs: Unpack[RESTKwargs]) -> ResponseContextManager:
        """Sends a GET request"""
        return self.request("GET", url, **kwargs)

    def iter_lines(self, url: str, method: str = "GET", **kwargs: Any) -> Generator[str]:
        """Sends a request when the first line is asked for, and yields the lines of the response as they arrive.

        Raises:
            LocustBadStatusCode: The status counts as a failure.
        """
        response = self.request(method, url, stream=True, **kwargs)
        response.raise_for_status()
        pending = ""
        for chunk in response.iter_content():
            *lines, pending = (pending + str(chunk)).split("\n")
            yield from lines
        if pending:
            yield pending

    def head(self, url: str, **kwargs: Unpack[RESTKwargs]) -> ResponseContextManager:
        """Sends a HEAD request"""
        return self.request("HEAD", url, **kwargs)

    def options(self, url: str, **kwargs: Unpack[RESTKwargs]) -> ResponseContextManager:
        """Sends a OPTIONS request"""
        return self.request("OPTIONS", url, **kwargs)

    def patch(self, url: str, data: str | dict | None = None, **kwargs: Unpack[PatchKwargs]) -> ResponseContextManager:  # type: ignore[type-arg]
        """Sends a PATCH request"""
        return self.request("PATCH", url, data=data, **kwargs)

    def post(
        self,
        url: str,
        data: str | dict | None = None,  # type: ignore[type-arg]
        json: Any = None,
        **kwargs: Unpack[PostKwargs],
    ) -> ResponseContextManager:
        """Sends a POST request"""
        return self.request("POST", url, data=data, json=json, **kwargs)

    def put(self, url: str, data: str | dict | None = None, **kwargs: Unpack[PutKwargs]) -> ResponseContextManager:  # type: ignore[type-arg]
        """Sends a PUT request"""
        return self.request("PUT", url, data=data, **kwargs)


def _set_default(headers: dict[str, str], name: str, value: str) -> None:
    if name not in headers and name.lower() not in headers:
        headers[name] = value
