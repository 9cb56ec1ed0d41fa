"""What follows a request that was sent, as in `Session.send`: hooks, cookies, the body, redirects, failures."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlparse

import requests
from requests.exceptions import ChunkedEncodingError, ContentDecodingError, RequestException, TooManyRedirects
from requests.models import CONTENT_CHUNK_SIZE
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import HTTPError

from locust_rs.http.common.leaving import Reason
from locust_rs.http.engine.errors import DecodingError
from locust_rs.http.requests import left, observed, redirects
from locust_rs.http.requests.draft import Draft, cookie_line
from locust_rs.http.requests.engine_response import EngineResponse, Sent, native_content
from locust_rs.http.requests.failures import ENGINE_FAILURES, Place, translated
from locust_rs.http.requests.response import ResponseContextManager

if TYPE_CHECKING:
    from locust_rs.http.common.cookies import CookieBook
    from locust_rs.http.requests.routes import Route, Routes
    from locust_rs.http.requests.session import HttpSession

requests_cookies: Any = requests.cookies

ROUTING_KEYWORDS = frozenset(["proxies", "stream", "verify", "cert"])
"""Keywords of a call that choose the pool of connections."""


class Receiving:
    """The half of an `EnginePath` that receives; the other half composes and sends."""

    _session: HttpSession
    _cookies: CookieBook
    _routes: Routes
    _route: Route | None

    def send(self, draft: Draft, name: str | None = None, record: bool = False) -> Any:
        """Sends one request; see `EnginePath`."""
        raise NotImplementedError

    def fetch(self, draft: Draft, name: str, record: bool, kwargs: dict[str, Any]) -> ResponseContextManager:
        """Sends a request and sees it through.

        Args:
            name: What the statistics call it.
            record: Record natively where possible; look at the response's `recorded`.

        Returns, Raises:
            As `finish`.
        """
        outcome = self.send(draft, name, record)
        if isinstance(outcome, EngineResponse) and outcome.ordinary and draft.prepared is None:
            self.describe(outcome, draft)
            return outcome
        return self.finish(draft, outcome, kwargs)

    def finish(self, draft: Draft, outcome: Any, kwargs: dict[str, Any]) -> ResponseContextManager:
        """Sees a request through that was sent: its body, hooks, cookies and redirects.

        Args:
            outcome: The response, or the exception of the engine or of requests.

        Returns:
            The last response, or the dummy of a failure.

        Raises:
            InvalidSchema, InvalidURL: There is no request to be made of a redirect.
        """
        try:
            if left.is_left_to_requests(outcome):
                return cast(ResponseContextManager, left.sent_by_requests(self._session, draft, outcome, kwargs))
            response = self._received(outcome, draft)
            if kwargs.get("allow_redirects", True) and redirects.is_followed(response):
                return self._follow(draft, response, kwargs)
            if draft.stream and redirects.is_followed(response):
                response._next  # noqa: B018  # requests finds it out at once, and reads the body for it
            return cast(ResponseContextManager, response)
        except left.MISTAKES:
            raise
        except RequestException as error:
            return ResponseContextManager(error)

    def _follow(self, draft: Draft, response: Any, kwargs: dict[str, Any]) -> ResponseContextManager:
        """Follows redirects.

        Raises:
            RequestException: There is no response, or there are more redirects than the session follows.
        """
        if draft.prepared is not None or not isinstance(response, EngineResponse):
            return cast(ResponseContextManager, self._left_to_requests(draft, [response], kwargs))
        history: list[EngineResponse] = []
        fragment = urlparse(draft.url).fragment if "#" in draft.url else ""
        while redirects.is_followed(response):
            url = redirects.target_of(response, fragment)
            fragment = urlparse(url).fragment or fragment
            response.history = history[:]  # type: ignore[assignment]
            history.append(response)
            if draft.stream:
                _read_redirect(response)
            if len(history) > self._session.max_redirects:
                text = f"Exceeded {self._session.max_redirects} redirects."
                raise TooManyRedirects(text, response=response)
            following = self._next_draft(draft, response, url, kwargs)
            if following is None:
                return cast(ResponseContextManager, self._left_to_requests(draft, history, kwargs))
            outcome = self.send(following)
            if left.is_left_to_requests(outcome):
                left.note(following, outcome, left.settings_of(self._session, following.url, kwargs))
                return cast(ResponseContextManager, self._left_to_requests(draft, history, kwargs))
            draft = following
            response = self._received(outcome, draft)
        response.history = history
        return cast(ResponseContextManager, response)

    def _next_draft(self, draft: Draft, response: EngineResponse, url: str, kwargs: dict[str, Any]) -> Draft | None:
        """The request that a redirect asks for; None if requests has to make it."""
        if draft.own_cookies or self._session.trust_env:
            return None
        following = redirects.next_draft(self._session, draft, response, url)
        if following is None:
            return None
        route: Any = self._route
        if route is None or not ROUTING_KEYWORDS.isdisjoint(kwargs) or not url.startswith(f"{self._session.base_url}/"):
            route = self._routes.route(url, kwargs)
            if isinstance(route, Reason):
                return None
        block = following.block + cookie_line(self._cookies.header(url))
        return following._replace(block=block, client=route.client, retries=route.retries, proxy=route.proxy)

    def _received(self, outcome: Any, draft: Draft) -> Any:
        """Takes a response in: hooks, cookies, and its body, which must be readable.

        Raises:
            RequestException: The request failed.
        """
        if not isinstance(outcome, EngineResponse):
            raise self._failure(outcome, draft)
        self.describe(outcome, draft)
        if draft.prepared is not None:
            response = observed.after_hooks(draft, outcome)
            if response is not outcome or vars(outcome).get("history"):
                return self._received_from_hook(response, draft)
        if outcome.sets_cookies:
            self._cookies.take(draft.url, outcome.header_list)
        if not (outcome.recorded or draft.stream):
            error = _reading_error(outcome)
            if error is not None:
                raise self._failure(error, draft)
        return outcome

    def describe(self, response: EngineResponse, draft: Draft) -> None:
        """Tells a response what it answers."""
        response._sent = Sent(self._session, draft.block, draft.body)
        if "#" in draft.url or draft.wire_url is not draft.path_url:
            response.url = draft.url
        if draft.prepared is not None:
            response.request = draft.prepared

    def _received_from_hook(self, response: Any, draft: Draft) -> Any:
        """Takes in what a hook has put in the place of a response, as `Session.send` does."""
        jar: Any = self._session.cookies
        for earlier in response.history:
            requests_cookies.extract_cookies_to_jar(jar, earlier.request, earlier.raw)
        requests_cookies.extract_cookies_to_jar(jar, draft.prepared, response.raw)
        if not draft.stream:
            response.content  # noqa: B018  # reads it
        return response

    def _failure(self, error: Any, draft: Draft) -> RequestException:
        """The exception of requests for the engine's."""
        prepared: Any = draft.prepared
        if prepared is None:
            prepared = requests.Request(draft.method, draft.url).prepare()
            prepared.headers = observed.headers_of(draft.block)
            prepared.body = draft.body
        if isinstance(error, RequestException):
            error.request = prepared
            return error
        return translated(error, Place(draft.url, draft.timeout, draft.proxy), prepared)

    def _left_to_requests(self, draft: Draft, history: list[Any], kwargs: dict[str, Any]) -> Any:
        """Lets requests follow the redirects from the last response on."""
        session = self._session
        first = history[-1]
        prepared: Any = first.request
        if kwargs.get("cookies") and draft.prepared is None:
            requests_cookies.merge_cookies(prepared._cookies, kwargs["cookies"])
        settings = left.settings_of(session, first.url, kwargs)
        most = session.max_redirects - len(history) + 1
        followed: list[Any] = []
        for response in session.resolve_redirects(first, prepared, timeout=draft.timeout, **settings):
            followed.append(response)
            if len(followed) > most:
                raise TooManyRedirects(f"Exceeded {session.max_redirects} redirects.", response=response)
        last = followed.pop()
        last.history = [*history, *followed]
        return last


def _read_redirect(response: EngineResponse) -> None:
    """Reads the streamed body of a redirect, as requests does to free its connection."""
    try:
        response.content  # noqa: B018
    except (ChunkedEncodingError, ContentDecodingError, RuntimeError):
        response.raw.read(decode_content=False)
    response.close()


def _reading_error(response: EngineResponse) -> Any:
    """Why the body cannot be read; None: it can."""
    try:
        native_content(response)  # reads and decodes it
    except ENGINE_FAILURES as error:
        if isinstance(error, DecodingError) and _is_decoded_by_urllib3(response):
            return None
        error.start_time = response.start_time  # type: ignore[union-attr]
        error.response_time_ms = response.response_time_ms  # type: ignore[union-attr]
        error.response = response  # type: ignore[union-attr]
        return error
    return None


def _is_decoded_by_urllib3(response: EngineResponse) -> bool:
    """Sets the content as urllib3 decodes it; false: it refuses too. It takes some bodies that end too early."""
    raw = HTTPResponse(BytesIO(response.raw_content), HTTPHeaderDict(response.header_list), preload_content=False)
    try:
        response._content = b"".join(raw.stream(CONTENT_CHUNK_SIZE, decode_content=True))
    except HTTPError:
        return False
    return True
