"""Requests that hooks and auth objects see: a real `PreparedRequest` for them, and what the engine sends of it."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from typing import Any

from requests import PreparedRequest
from requests import cookies as requests_cookies
from requests.exceptions import RequestException
from requests.hooks import default_hooks, dispatch_hook
from requests.sessions import merge_hooks
from requests.structures import CaseInsensitiveDict

from locust_rs.http.common.leaving import Reason
from locust_rs.http.requests import draft as drafts
from locust_rs.http.requests.draft import CallHeaders, Draft

NO_HOOKS: dict[str, list[Any]] = {"response": []}


def hooks_of(session_hooks: Any, own: Any) -> Any:
    """The hooks of a request as requests merges them; None: there are none."""
    if session_hooks == NO_HOOKS and not own:
        return None
    return merge_hooks(own or {}, session_hooks)  # type: ignore[no-untyped-call]


def headers_of(block: bytes) -> CaseInsensitiveDict[str]:
    """The headers of header lines, as requests keeps them."""
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict.__new__(CaseInsensitiveDict)
    headers._store = _store_of(block).copy()  # type: ignore[attr-defined]
    return headers


@lru_cache(maxsize=512)
def _store_of(block: bytes) -> OrderedDict[str, tuple[str, str]]:
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for line in block.decode("latin-1").split("\r\n")[:-1]:
        name, _, value = line.partition(": ")
        headers[name] = value
    return headers._store  # type: ignore[attr-defined,no-any-return]


class LazyPreparedRequest(PreparedRequest):
    """A `PreparedRequest` whose headers and cookies are made when somebody looks at them.

    Args:
        block: Its header lines.
        session_cookies: The jar of the session.
        own_cookies: The cookies of the call.
    """

    _body_position = None

    def __init__(
        self, method: str, url: str, block: bytes, body: Any, session_cookies: Any, own_cookies: Any = None
    ) -> None:
        self.method = method
        self.url = url
        self.body = body
        self.hooks = default_hooks()
        self._block = block
        self._jars = (session_cookies, own_cookies)

    def __getattr__(self, name: str) -> Any:
        value: Any
        if name == "headers":
            value = headers_of(self._block)
        elif name == "_cookies":
            value = requests_cookies.RequestsCookieJar()
            session_cookies, own_cookies = self._jars
            value.update(session_cookies)
            if own_cookies:
                requests_cookies.merge_cookies(value, own_cookies)  # type: ignore[no-untyped-call]
        else:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self.__dict__[name] = value
        return value

    def __reduce__(self) -> Any:
        # A pickled or copied request needs no locust to be read.
        state = {"headers": self.headers, "_cookies": self._cookies, **vars(self)}
        del state["_block"], state["_jars"]
        return PreparedRequest, (), {**vars(PreparedRequest()), **state}


# Users see requests' class.
LazyPreparedRequest.__name__ = LazyPreparedRequest.__qualname__ = PreparedRequest.__name__
LazyPreparedRequest.__module__ = PreparedRequest.__module__


def observed(draft: Draft, auth: Any, hooks: Any) -> Draft | Reason:
    """A draft after an auth object and hooks have had its prepared request in their hands.

    Returns:
        The reason why requests has to send it, otherwise.

    Raises:
        Whatever the auth object raises.
    """
    prepared: Any = draft.prepared
    if auth is not None:
        prepared.prepare_auth(auth, draft.url)
        changed = draft_of(prepared, draft)
        if isinstance(changed, Reason):
            return changed
        draft = changed
    if hooks:
        prepared.prepare_hooks(hooks)
    return draft


def draft_of(prepared: PreparedRequest, draft: Draft) -> Draft | Reason:
    """What the engine sends for a prepared request, or the reason why requests has to send it.

    Args:
        draft: For everything that the prepared request does not say.
    """
    body: Any = prepared.body
    if not (body is None or isinstance(body, (str, bytes))):
        return Reason.STREAMED_BODY
    if drafts.wire_method(prepared.method) != prepared.method:
        return Reason.ODD_METHOD
    headers = _pairs(prepared.headers)
    # A signature is another one each time, and set last.
    extra = _signature(headers[-1]) if headers and headers[-1][0].lower() not in _ABOUT_THE_REQUEST else None
    try:
        lines = _lines(headers if extra is None else headers[:-1])
    except TypeError:
        return Reason.ODD_HEADER
    if isinstance(lines, Reason):
        return lines
    length, lines_of_headers = lines
    if length != (None if body is None else str(_length(body))) and not (body is None and length == "0"):
        return Reason.OWN_FRAMING
    url, wire_url, path_url = draft.url, draft.wire_url, draft.path_url
    if prepared.url != url:
        location = drafts.located_at(prepared)
        if location is None:
            return Reason.ODD_URL
        url, wire_url, path_url = location
    block, added, checked, _, has_cookie, _ = lines_of_headers
    # In full: `_replace` takes longer than all of the above.
    return Draft(
        str(prepared.method), url, wire_url, path_url, block if extra is None else block + extra, body,
        draft.own_cookies or has_cookie, draft.client, added, checked, extra, draft.timeout, draft.stream,
        draft.retries, draft.proxy, prepared, draft.settings,
    )  # fmt: skip


_ABOUT_THE_REQUEST = frozenset(
    ["accept-encoding", "connection", "content-length", "content-type", "cookie", "expect", "host", "transfer-encoding",
     "user-agent"]
)  # fmt: skip
"""Headers that decide how a request is sent, and so are looked at."""


def _pairs(headers: Any) -> tuple[tuple[str, Any], ...]:
    """Names and values of prepared headers."""
    if type(headers) is CaseInsensitiveDict:
        pairs = tuple(headers._store.values())  # type: ignore[attr-defined]  # `items()` makes them one by one
    else:
        pairs = tuple(headers.items())
    for _, value in pairs:
        if type(value) is bytes:  # requests-oauthlib makes bytes of all values
            return tuple((name, value.decode("latin-1") if type(value) is bytes else value) for name, value in pairs)
    return pairs


def _signature(header: tuple[str, Any]) -> bytes | None:
    """The line of a header with an ordinary value; None for any other."""
    name, value = header
    if (
        not drafts.is_name(name)
        or type(value) is not str
        or not value.isascii()
        or not value.isprintable()
        or value[:1].isspace()
    ):
        return None
    return f"{name}: {value}\r\n".encode("ascii")


@lru_cache(maxsize=512)
def _lines(headers: tuple[tuple[str, str], ...]) -> tuple[str | None, CallHeaders] | Reason:
    """The Content-Length of prepared headers, and their lines; or the reason why requests has to send them."""
    framed: Any = CaseInsensitiveDict(headers)
    length = framed.pop("content-length", None)
    try:
        reason = drafts.unsendable_header(framed)
        if reason is not None:
            return reason
        block, added = drafts.header_block(headers), drafts.header_block(drafts.added_headers(framed))
        lines = drafts.checked_lines(added + block)
        return length, CallHeaders(block, added, lines, "content-type" in framed, "cookie" in framed, True)
    except (RequestException, UnicodeError):
        return Reason.ODD_HEADER


def _length(body: str | bytes | None) -> int:
    return 0 if body is None else len(body if isinstance(body, bytes) else body.encode("utf-8"))


def after_hooks(draft: Draft, response: Any) -> Any:
    """The response, or what the hooks of its request have put in its place."""
    prepared = draft.prepared
    if prepared is None or not prepared.hooks.get("response"):
        return response
    return dispatch_hook("response", prepared.hooks, response, **draft.settings)  # type: ignore[no-untyped-call]
