"""Redirects within the origin of a session, followed without geventhttpclient's request objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geventhttpclient.useragent import RetriesExceeded

from locust_rs.http.fast.draft import Call, is_plain_path
from locust_rs.http.fast.engine_response import FastResponse
from locust_rs.http.fast.unusual import exchange

if TYPE_CHECKING:
    from locust_rs.http.fast.engine_path import EnginePath

_WITHOUT_BODY = frozenset([301, 302, 303])
_ABOUT_THE_BODY = frozenset(["content-length", "content-type", "content-encoding"])


def next_call(call: Call, origin: str, status: int, location: str) -> Call | None:
    """The request that follows a redirect to another path of the same origin; None: any other redirect."""
    if not is_plain_path(location) or "/." in location:
        return None
    url = origin + location
    if status in _WITHOUT_BODY:
        kept = {name: value for name, value in call.headers.items() if name.lower() not in _ABOUT_THE_BODY}
        method = "HEAD" if call.method == "HEAD" else "GET"
        return call._replace(method=method, path=location, url=url, headers=kept, data=None, extra={})
    return call._replace(path=location, url=url, extra={})


def follow(path: EnginePath, call: Call, response: FastResponse) -> FastResponse:
    """Follows the redirects within the origin as far as they go; geventhttpclient's rules serve the rest.

    Raises:
        FAILURE_EXCEPTIONS: There is no response, or more redirects than the session follows.
    """
    history: list[FastResponse] = []
    limit = path.session._max_redirects()
    first_url = call.url
    outcome: Any = response
    while isinstance(outcome, FastResponse):
        following = next_call(call, path.origin, outcome.status_code, str(outcome.header("location")))
        if following is None:
            break
        history.append(outcome)
        outcome.release()
        if len(history) > limit:
            raise RetriesExceeded(first_url, f"Redirection limit reached ({limit})")
        call = following
        outcome = path.send_call(call)
        if isinstance(outcome, FastResponse):
            outcome._history = history
            if path.is_final(outcome, True):
                return outcome
    return exchange(path, call, outcome, history, first_url)
