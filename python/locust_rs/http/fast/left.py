"""Requests that the engine was given and could not begin: geventhttpclient sends them in its place.

The engine's TLS was refused, or its rules refuse the request; nothing of it has reached a server.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from geventhttpclient.useragent import ConnectionError

from locust_rs.http.common import tls_origins
from locust_rs.http.common.leaving import Refused
from locust_rs.http.fast.agent import FAILURE_EXCEPTIONS

if TYPE_CHECKING:
    from locust_rs.http.common.tls_origins import Place
    from locust_rs.http.fast.engine_path import EnginePath
    from locust_rs.http.fast.response import FastRequest


def place_of(url: str, insecure: bool) -> Place | None:
    """The place of a request among those that leave the engine."""
    return tls_origins.place_of(url, "geventhttpclient", bool(insecure))


def is_left(path: EnginePath, request: FastRequest, failure: Any) -> bool:
    """Whether a request is geventhttpclient's, because of its origin or of what the engine has said to it.

    Args:
        failure: The exception of the engine, if it was asked already.
    """
    if isinstance(failure, Refused):
        return True
    place = place_of(request.url, path.session._insecure)
    if place is not None and tls_origins.is_refusal(failure):
        tls_origins.leave(place, failure)
        path.session._changed()  # its plain GETs may not be the engine's any more
        return True
    return failure is None and tls_origins.has_left(place)


def sent_by_library(path: EnginePath, request: FastRequest) -> Any:
    """Sends one request, without redirects and retries.

    Returns:
        The response or the failure, with its `taken_over`: when this try began (epoch and performance counter, s).
    """
    outcome: Any
    began = (time.time(), time.perf_counter())
    try:
        outcome = path.session._get_agent()._urlopen(request)
    except FAILURE_EXCEPTIONS as error:
        outcome = error
    outcome.taken_over, outcome.start_time = began, began[0]
    return outcome


def beginning_of(response: Any, error: Any, called: tuple[float, float]) -> tuple[float, float]:
    """When a request began (epoch and performance counter, s): the library's try, where the engine's came to nothing.

    Args:
        called: When the user asked for it.
    """
    return getattr(response, "taken_over", None) or getattr(error, "taken_over", None) or called


def redirection_of(path: EnginePath, request: FastRequest, response: Any, follows: bool) -> str | None:
    """Takes the cookies of a response, and checks its status.

    Returns:
        Where it redirects to; None: it is the last one.
    """
    agent = path.session._get_agent()
    if agent.cookiejar is not None:
        agent.cookiejar.extract_cookies(response, request)
    try:
        agent._verify_status(response.status_code, url=request.url)
    except ConnectionError as caught:
        error: Any = caught
        error.response, error.request = response, request
        error.http_log = agent._conversation_str(request.url, response, payload=request.payload)
        response.release()
        response.error = error
        return None
    location = response.headers.get("location")
    is_redirect = follows and response.status_code in agent.redirect_response_codes
    return location if is_redirect and isinstance(location, str) and location else None
