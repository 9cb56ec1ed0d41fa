"""Requests that the engine was given and could not begin: requests sends them, as they are, in its place.

The engine's TLS was refused, or its rules refuse the request; nothing of it has reached a server.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema, RequestException

from locust_rs.http.common import tls_origins
from locust_rs.http.common.leaving import Refused
from locust_rs.http.requests.observed import LazyPreparedRequest
from locust_rs.http.requests.response import ResponseContextManager
from locust_rs.http.requests.routes import place_of

if TYPE_CHECKING:
    from locust_rs.http.requests.draft import Draft

MISTAKES = (MissingSchema, InvalidSchema, InvalidURL)
"""What a session raises instead of returning it as a dummy response."""


def is_left_to_requests(outcome: Any) -> bool:
    """Whether requests has to send what the engine could not begin.

    Args:
        outcome: A response, or an exception of the engine or of requests.
    """
    if not isinstance(outcome, BaseException) or isinstance(outcome, RequestException):
        return False
    return tls_origins.is_refusal(outcome) or isinstance(outcome, Refused)


def settings_of(session: Any, url: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """`stream`, `verify`, `cert` and `proxies` of a request, as requests merges them."""
    own = {name: kwargs.get(name) for name in ("stream", "verify", "cert")}
    settings: dict[str, Any] = session.merge_environment_settings(url, dict(kwargs.get("proxies") or {}), **own)
    return settings


def note(draft: Draft, outcome: Any, settings: dict[str, Any]) -> None:
    """Lets the origin of a refused handshake leave the engine."""
    place = place_of(draft.url, settings)
    if place is not None and tls_origins.is_refusal(outcome):
        tls_origins.leave(place, outcome)


def sent_by_requests(session: Any, draft: Draft, outcome: Any, kwargs: dict[str, Any]) -> Any:
    """Sends a request through requests, redirects included.

    Args:
        outcome: Why the engine has not sent it.
        kwargs: The keywords of the call.

    Returns:
        The response or the dummy of a failure, with its `library_span`: when this try began (epoch, s) and how long
        it took (ms).

    Raises:
        MISTAKES: There is no request to be made.
    """
    settings = settings_of(session, draft.url, kwargs)
    note(draft, outcome, settings)
    prepared = draft.prepared or LazyPreparedRequest(
        draft.method, draft.url, draft.block, draft.body, session.cookies, kwargs.get("cookies")
    )
    prepared._cookies  # type: ignore[attr-defined]  # noqa: B018  # those of now, before the response sets more
    follows = kwargs.get("allow_redirects", True)
    start_time, started = time.time(), time.perf_counter()
    try:
        response = session.send(prepared, timeout=draft.timeout, allow_redirects=follows, **settings)
    except MISTAKES:
        raise
    except RequestException as error:
        response = ResponseContextManager(error)
    response.library_span = (start_time, (time.perf_counter() - started) * 1000)
    return response
