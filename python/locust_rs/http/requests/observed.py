"""Requests that hooks and auth objects see: a real `PreparedRequest` for them, and what the engine sends of it."""

from __future__ import annotations

from typing import Any

from requests import PreparedRequest
from requests import cookies as requests_cookies
from requests.exceptions import RequestException
from requests.hooks import default_hooks, dispatch_hook
from requests.sessions import merge_hooks
from requests.structures import CaseInsensitiveDict

from locust_rs.http.common.leaving import Reason
from locust_rs.http.requests import draft as drafts
from locust_rs.http.requests.draft import Draft

NO_HOOKS: dict[str, list[Any]] = {"response": []}


def hooks_of(session_hooks: Any, own: Any) -> Any:
    """The hooks of a request as requests merges them; None: there are none."""
    if session_hooks == NO_HOOKS and not own:
        return None
    return merge_hooks(own or {}, session_hooks)  # type: ignore[no-untyped-call]


def headers_of(block: bytes) -> CaseInsensitiveDict[str]:
    """The headers of header lines, as requests keeps them."""
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for line in block.decode("latin-1").split("\r\n")[:-1]:
        name, _, value = line.partition(": ")
        headers[name] = value
    return headers


def prepared_of(draft: Draft, session_cookies: Any, own_cookies: Any = None) -> PreparedRequest:
    """The request of a draft as requests would have prepared it, before authentication and hooks."""
    prepared = PreparedRequest()
    prepared.method = draft.method
    prepared.url = draft.url
    prepared.headers = headers_of(draft.block)
    prepared.body = draft.body
    prepared.hooks = default_hooks()
    jar = requests_cookies.RequestsCookieJar()
    jar.update(session_cookies)
    if own_cookies:
        requests_cookies.merge_cookies(jar, own_cookies)  # type: ignore[no-untyped-call]
    prepared._cookies = jar  # type: ignore[attr-defined]
    return prepared


def observed(draft: Draft, prepared: PreparedRequest, auth: Any, hooks: Any) -> Draft | Reason:
    """The draft after an auth object and hooks have had the prepared request in their hands.

    Returns:
        The reason why requests has to send it, otherwise.

    Raises:
        Whatever the auth object raises.
    """
    if auth is not None:
        prepared.prepare_auth(auth, draft.url)
    if hooks:
        prepared.prepare_hooks(hooks)
    return draft_of(prepared, draft._replace(prepared=prepared))


def draft_of(prepared: PreparedRequest, draft: Draft) -> Draft | Reason:
    """What the engine sends for a prepared request, or the reason why requests has to send it.

    Args:
        draft: For everything that the prepared request does not say.
    """
    body: Any = prepared.body
    if not (body is None or isinstance(body, (str, bytes))):
        return Reason.STREAMED_BODY
    if not drafts.is_method(prepared.method):
        return Reason.ODD_METHOD
    headers: Any = CaseInsensitiveDict(prepared.headers)
    length = headers.pop("content-length", None)
    try:
        reason = drafts.unsendable_header(headers)
        if reason is not None:
            return reason
        if length is not None and length != str(_length(body)):
            return Reason.OWN_FRAMING
        if length is None and body is not None:
            return Reason.OWN_FRAMING
        block = drafts.header_block(prepared.headers.items())
        added = drafts.header_block(drafts.added_headers(headers))
    except (RequestException, UnicodeError):
        return Reason.ODD_HEADER
    if prepared.url == draft.url:
        location: Any = (draft.url, draft.wire_url, draft.path_url)
    elif (location := drafts.located_at(prepared)) is None:
        return Reason.ODD_URL
    url, wire_url, path_url = location
    return draft._replace(
        method=str(prepared.method),
        url=url,
        wire_url=wire_url,
        path_url=path_url,
        block=block,
        added=added,
        body=body,
        own_cookies=draft.own_cookies or "cookie" in headers,
    )


def _length(body: str | bytes | None) -> int:
    return 0 if body is None else len(body if isinstance(body, bytes) else body.encode("utf-8"))


def after_hooks(draft: Draft, response: Any) -> Any:
    """The response, or what the hooks of its request have put in its place."""
    prepared = draft.prepared
    if prepared is None or not prepared.hooks.get("response"):
        return response
    return dispatch_hook("response", prepared.hooks, response, **draft.settings)  # type: ignore[no-untyped-call]
