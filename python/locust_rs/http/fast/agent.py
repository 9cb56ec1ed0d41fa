"""geventhttpclient's user agent, told what Locust counts as a request, a response and a failure."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable
from ssl import SSLError
from typing import Any

from gevent.timeout import Timeout
from geventhttpclient._parser import HTTPParseError
from geventhttpclient.client import HTTPClientPool
from geventhttpclient.response import HTTPConnectionClosed
from geventhttpclient.useragent import CompatRequest, ConnectionError, UserAgent

from locust_rs.http.fast.response import FastRequest, FastResponse

FAILURE_EXCEPTIONS = (
    ConnectionError,
    ConnectionRefusedError,
    ConnectionResetError,
    OSError,
    SSLError,
    Timeout,
    HTTPConnectionClosed,
    HTTPParseError,
    zlib.error,
)
"""What makes a request a failed one; anything else is a mistake in the call and goes to the caller."""


class LocustBadStatusCode(ConnectionError):
    """The status of a response is none that counts as a success.

    Attributes:
        code: The status.
        response: The response.
        request: Its request.
        http_log: Both as text.
    """

    code: int
    response: Any

    def __repr__(self) -> str:
        """Without the URL, where anything else is told: it is what failures are grouped by."""
        if not self.kw_text:
            return super().__repr__()
        told = [*map(repr, self.args[1:]), self.kw_text]
        return f"{type(self).__name__}({', '.join(told)})"

    def __getattr__(self, name: str) -> Any:
        # Made when someone asks for it, and not for every 404 of a load test.
        if name == "request" and "response" in self.__dict__:
            return self.response.request
        if name == "http_log" and "response" in self.__dict__:
            response, request = self.response, self.request
            sent = "\n".join(f"{field}: {value}" for field, value in request.headers.items())
            received = "\n".join(f"{field}: {value}" for field, value in response.headers.items())
            return (
                f"REQUEST: {request.url}\n{request.method} {request.url}\n{sent}\n\n"
                f"RESPONSE: {response.status_code}\n{received}\n\n{response.content.decode(errors='replace')}"
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class LocustUserAgent(UserAgent):
    """Sends requests, follows redirects and retries; one per `FastHttpSession`.

    Args:
        client_pool: Connections to share with other agents.
    """

    response_type = FastResponse
    request_type = FastRequest
    valid_response_codes = frozenset([200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 301, 302, 303, 304, 307, 308])
    redirect_response_codes = frozenset([301, 302, 303, 307, 308])

    def __init__(self, client_pool: HTTPClientPool | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if client_pool is not None:
            self.clientpool = client_pool

    def _urlopen(self, request: CompatRequest) -> FastResponse:
        """Sends one request, without redirects and retries."""
        client = self.clientpool.get_client(request.url_split)
        response = client.request(
            request.method,
            request.url_split.quoted_uri,
            body=request.payload,  # type: ignore[arg-type]
            headers=request.headers,
        )
        return self.response_type(response, request=request, sent_request=response._sent_request)  # type: ignore[arg-type]

    def _verify_status(self, status_code: int, url: Any = None) -> None:
        """Raises LocustBadStatusCode for a status that counts as a failure."""
        if status_code not in self.valid_response_codes:
            raise LocustBadStatusCode(url, code=status_code)

    @classmethod
    def _conversation_str(cls, url: str, resp: Any, payload: Any = None, encoding: str = "utf-8") -> str:
        """Request and response as text. A body that is not text must not turn a 404 into an exception."""
        try:
            return super()._conversation_str(url, resp, payload=payload, encoding=encoding)
        except UnicodeDecodeError:
            return super()._conversation_str(url, resp, payload=payload, encoding="latin-1")

    def without_redirects(self) -> LocustUserAgent:
        """The same agent on the same connections and cookies, that follows no redirect."""
        agent = copy.copy(self)
        agent.max_redirects = 0
        return agent


class EnginePool(HTTPClientPool):
    """The pool of a session on the engine: closing it closes the engine's idle connections."""

    def __init__(self, close_engine: Callable[[], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._close_engine = close_engine

    def close(self) -> None:
        super().close()
        self._close_engine()
