"""Unusual requests, redirects to other origins and retries: built by geventhttpclient, sent by the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gevent.socket
from geventhttpclient.client import IDEMPOTENT_METHODS
from geventhttpclient.response import HTTPConnectionClosed
from geventhttpclient.useragent import RetriesExceeded

from locust_rs.http.fast import draft, left
from locust_rs.http.fast.draft import Call
from locust_rs.http.fast.engine_response import FastResponse, incomplete
from locust_rs.http.fast.failures import ENGINE_FAILURES, translated
from locust_rs.http.fast.response import FastRequest

if TYPE_CHECKING:
    from locust_rs.http.fast.engine_path import EnginePath


def make_request(path: EnginePath, call: Call) -> FastRequest:
    """The request as geventhttpclient would have made it."""
    agent = path.session._get_agent()
    merged = agent.default_headers.copy()
    merged.update(call.headers)
    data, extra = call.data, dict(call.extra)
    described: dict[str, Any] = {"params": extra.pop("params", None), "files": extra.pop("files", None)}
    # Other keywords are parameters, of the body or of the URL.
    if extra:
        if call.method.upper() == "POST":
            data = extra if data is None else {**data, **extra} if isinstance(data, dict) else data
        elif described["params"] is None:
            described["params"] = extra
        elif isinstance(described["params"], dict):
            described["params"] = {**described["params"], **extra}
    request: Any = agent._make_request(call.url, call.method, headers=merged, payload=data, **described)
    return request  # type: ignore[no-any-return]


def exchange(
    path: EnginePath, call: Call, outcome: Any = None, history: list[FastResponse] | None = None, first_url: str = ""
) -> FastResponse:
    """Sends a request and follows redirects and retries as geventhttpclient does.

    Args:
        outcome: The response or the exception of the request, if it was sent already.
        history: The redirects that were followed already.
        first_url: The URL that they began with.

    Raises:
        FAILURE_EXCEPTIONS: There is no response.
    """
    agent = path.session._get_agent()
    request = make_request(path, call)
    first_url = first_url or call.url
    max_redirects = agent.max_redirects if call.allow_redirects else 0
    history = [] if history is None else history
    last_error: BaseException | None = None
    error: Any
    for attempt in range(agent.max_retries + 1):
        if attempt and agent.retry_delay:
            gevent.sleep(agent.retry_delay)
        for _ in range(max_redirects + 1 - len(history)):
            if not isinstance(outcome, FastResponse):
                outcome = _send(path, request, call.stream, outcome)
                if history and hasattr(outcome, "taken_over"):
                    outcome.taken_over = getattr(history[0], "taken_over", None)
            if isinstance(outcome, BaseException):
                error, outcome = outcome, None
                error.request = request
                last_error = agent._handle_error(error, url=request.url)
                if request.method not in IDEMPOTENT_METHODS:
                    agent._handle_retries_exceeded(first_url, last_error=last_error)
                break
            response, outcome = outcome, None
            location = _redirection_of(path, request, response, history, max_redirects > 0)
            if location is None:
                return response  # type: ignore[no-any-return]
            history.append(response)
            response.release()
            request.redirect(response.status_code, location)
        else:
            raise RetriesExceeded(first_url, f"Redirection limit reached ({max_redirects})")
    return agent._handle_retries_exceeded(first_url, last_error=last_error)


def _redirection_of(
    path: EnginePath, request: FastRequest, response: Any, history: list[Any], follows: bool
) -> str | None:
    """Completes a response; returns where it redirects to, or None for the last one."""
    response._history = history
    if not isinstance(response, FastResponse):
        return left.redirection_of(path, request, response, follows)
    response._request, response._url = request, request.url
    return None if path.is_final(response, follows) else str(response.header("location"))


def _send(path: EnginePath, request: FastRequest, stream: bool, failure: Any) -> Any:
    """Sends one request, as often as geventhttpclient would when the server closes without a response.

    Args:
        failure: The exception of the first try, if there was one already.

    Returns:
        The response or the failure.
    """
    agent = path.session._get_agent()
    if agent.cookiejar is not None:
        agent.cookiejar.add_cookie_header(request)
    if left.is_left(path, request, failure):
        return left.sent_by_library(path, request)
    split = request.url_split
    tries = path.tries_after_close if request.method in IDEMPOTENT_METHODS else 1
    if failure is not None:
        failure = translated(failure)
        if not isinstance(failure, HTTPConnectionClosed):
            return failure
        tries -= 1
    for _ in range(tries):
        target, block, body = draft.parts_of(request, agent.clientpool.get_client(split))
        scheme = "https" if split.scheme == "https" else "http"
        origin = f"{scheme}://{_bracketed(split.host)}:{split.port or 80}"
        try:
            if not split.host:
                gevent.socket.getaddrinfo("", 80)  # fails as geventhttpclient does: there is no such host
            response: FastResponse = path.client.send(
                request.method, origin + target, block, body, cookie="", stream=stream
            )
            return response
        except ENGINE_FAILURES as error:
            partial = incomplete(error)
            if isinstance(partial, FastResponse):
                return partial
            if left.is_left(path, request, error):
                return left.sent_by_library(path, request)
            failure = translated(error)
            if not isinstance(failure, HTTPConnectionClosed):
                break
        except ValueError:
            if not (body is None or isinstance(body, (bytes, bytearray, memoryview))):
                raise  # perhaps the user's, who makes the body while it is sent
            return left.sent_by_library(path, request)
    return failure


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
