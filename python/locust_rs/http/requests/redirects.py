"""The next request of a redirect, by requests' rules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin, urlparse

from requests.models import REDIRECT_STATI
from requests.utils import requote_uri
from urllib3.util.url import _encode_target

from locust_rs.http.requests.draft import Draft, origin_of

_MADE_ANEW = (b"cookie:", b"proxy-authorization:")
_KEEP_BODY = (307, 308)
_DROPPED_WITH_BODY = (b"content-length:", b"content-type:", b"transfer-encoding:")


def is_followed(response: Any) -> bool:
    """Whether a response is a redirect that says where to go."""
    return response.status_code in REDIRECT_STATI and bool(response.header("location"))


def target_of(response: Any, fragment: str) -> str:
    """The absolute URL that a redirect leads to.

    Args:
        fragment: Of the URL before, which a target without one inherits.
    """
    url = response.header("location").encode("latin1").decode("utf8")
    if url.startswith("//"):
        url = f"{urlparse(response.url).scheme}:{url}"
    parsed = urlparse(url)
    if not parsed.fragment and fragment:
        parsed = parsed._replace(fragment=fragment)
    url = parsed.geturl()
    return requote_uri(url) if parsed.netloc else urljoin(response.url, requote_uri(url))


def next_draft(session: Any, draft: Draft, response: Any, url: str) -> Draft | None:
    """The request for `url` after `draft` got `response`; without cookies.

    Returns:
        None when requests has to make it: other schemes, and methods whose lost body changes the framing.
    """
    origin = origin_of(url)
    if origin is None:
        return None
    moved = SimpleNamespace(method=draft.method)
    session.rebuild_method(moved, response)
    lines = [line for line in draft.block.split(b"\r\n") if line and not line.lower().startswith(_MADE_ANEW)]
    body = draft.body
    if response.status_code not in _KEEP_BODY:
        if moved.method not in ("GET", "HEAD"):
            return None
        lines = [line for line in lines if not line.lower().startswith(_DROPPED_WITH_BODY)]
        body = None
    if session.should_strip_auth(draft.url, url):
        lines = [line for line in lines if not line.lower().startswith(b"authorization:")]
    parsed = urlparse(url)
    path_url = (parsed.path or "/") + (f";{parsed.params}" if parsed.params else "")
    if parsed.query:
        path_url += f"?{parsed.query}"
    block = b"".join(line + b"\r\n" for line in lines)
    return draft._replace(
        method=moved.method,
        url=url,
        wire_url=origin + _encode_target(path_url),
        path_url=path_url,
        block=block,
        lines=None,
        extra=None,
        body=body,
    )
