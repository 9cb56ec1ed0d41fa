"""Redirects: the client follows them by itself, so the requests that followed in the recording are left out."""

from __future__ import annotations

from urllib.parse import urldefrag, urljoin

from locust_rs.convert.model import Journey, Request


def fold_redirects(journey: Journey) -> None:
    """Leaves out recorded requests that the client makes while it follows a redirect."""
    kept: list[Request] = []
    awaited: list[tuple[Request, str]] = []
    for request in journey.requests:
        leader = next((each for each in awaited if each[1] == urldefrag(request.url).url), None)
        if leader is None or request.method not in ("GET", "HEAD", leader[0].method):
            kept.append(request)
            origin = request
        else:
            awaited.remove(leader)
            origin = leader[0]
            origin.response = request.response
            if origin.response is not None:
                origin.response.url = request.url
        target = _target(request)
        if target is not None:
            awaited.append((origin, target))
    journey.requests = kept


def _target(request: Request) -> str | None:
    """Where the response sends the client."""
    response = request.response
    if response is None or response.status not in (301, 302, 303, 307, 308):
        return None
    location = next((value for name, value in response.headers if name.lower() == "location"), "")
    return urldefrag(urljoin(request.url, location)).url if location else None
