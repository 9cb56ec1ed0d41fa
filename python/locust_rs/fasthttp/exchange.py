"""Peculiar requests, redirects to anywhere and retries: put together by geventhttpclient, sent by the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gevent.socket
from geventhttpclient.client import IDEMPOTENT_METHODS
from geventhttpclient.response import HTTPConnectionClosed
from geventhttpclient.useragent import RetriesExceeded

from locust_rs.fasthttp import wire
from locust_rs.fasthttp.failures import ENGINE_FAILURES, translated
from locust_rs.fasthttp.native import FastResponse
from locust_rs.fasthttp.response import FastRequest

if TYPE_CHECKING:
    from locust_rs.fasthttp.engine_way import EngineWay


def exchange(
    way: EngineWay,
    method: str,
    url: str,
    headers: Any,
    data: Any,
    extra: Any,
    allow_redirects: bool,
    stream: bool,
    outcome: Any = None,
    history: list[FastResponse] | None = None,
    first_url: str | None = None,
) -> FastResponse:
    """Follows redirects and retries.

    Args:
        outcome: What the first sending has brought, if it was done already: a response or an exception.
        history: The redirects that were followed already.
        first_url: Where they began.

    Raises:
        FAILURE_EXCEPTIONS: There is no response.
    """
    agent = way.session._get_agent()
    request = way.make_request(method, url, headers, data, extra)
    max_redirects = agent.max_redirects if allow_redirects else 0
    history = [] if history is None else history
    last_error: BaseException | None = None
    for attempt in range(agent.max_retries + 1):
        if attempt and agent.retry_delay:
            gevent.sleep(agent.retry_delay)
        for _ in range(max_redirects + 1 - len(history)):
            if not isinstance(outcome, FastResponse):
                outcome = _send(way, request, stream, outcome)
            if not isinstance(outcome, FastResponse):
                error, outcome = outcome, None
                error.request = request
                last_error = agent._handle_error(error, url=request.url)
                if request.method not in IDEMPOTENT_METHODS:
                    agent._handle_retries_exceeded(first_url or url, last_error=last_error)
                break
            response, outcome = outcome, None
            response._request, response._url = request, request.url
            response._history = history
            response._consumed = not stream
            if way.is_final(response, max_redirects > 0):
                return response
            history.append(response)
            response.release()
            request.redirect(response.status_code, str(response.header("location")))
        else:
            raise RetriesExceeded(first_url or url, f"Redirection limit reached ({max_redirects})")
    return agent._handle_retries_exceeded(first_url or url, last_error=last_error)


def _send(way: EngineWay, request: FastRequest, stream: bool, failure: Any) -> Any:
    """Sends one request, as often as geventhttpclient would when the server closes without a response.

    Args:
        failure: The exception of the first sending, if that has been done already.

    Returns:
        The response or the failure.
    """
    agent = way.session._get_agent()
    if agent.cookiejar is not None:
        agent.cookiejar.add_cookie_header(request)
    split = request.url_split
    tries = way.tries_after_close if request.method in IDEMPOTENT_METHODS else 1
    if failure is not None:
        failure = translated(failure)
        if not isinstance(failure, HTTPConnectionClosed):
            return failure
        tries -= 1
    for _ in range(tries):
        target, block, body = wire.parts_of(request, agent.clientpool.get_client(split))
        scheme = "https" if split.scheme == "https" else "http"
        origin = f"{scheme}://{_bracketed(split.host)}:{split.port or 80}"
        try:
            if not split.host:
                gevent.socket.getaddrinfo("", 80)  # says what geventhttpclient says: there is no such host
            response: FastResponse = way.client.send(
                request.method, origin + target, block, body, cookie="", stream=stream
            )
            return response
        except ENGINE_FAILURES as error:
            partial = incomplete(error)
            if isinstance(partial, FastResponse):
                return partial
            failure = translated(error)
            if not isinstance(failure, HTTPConnectionClosed):
                break
    return failure


def incomplete(outcome: Any) -> Any:
    """The response of a failure whose header had come: it fails when its body is read. Anything else as it is."""
    response = getattr(outcome, "response", None) if isinstance(outcome, BaseException) else None
    if response is None:
        return outcome
    response._broken = translated(outcome)
    return response


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
