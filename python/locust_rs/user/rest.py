"""`rest()`: a request whose JSON response is parsed and checked, for users with an HTTP client."""

from __future__ import annotations

import re
import time
import traceback
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Generic, TypeVar

RestResponseT = TypeVar("RestResponseT")

# Limits of a response's text in error messages: if it is not JSON, and after an exception.
_MOST_UNPARSED_TEXT = 250
_MOST_TEXT = 200


class RestMixin(Generic[RestResponseT]):
    """Adds `rest` and `rest_` to a User that has a `client`."""

    _callstack_regex = re.compile(r'  File "(\/.[^"]*)", line (\d*),(.*)')

    client: Any

    def rest(
        self, method: str, url: str, headers: dict[str, str] | None = None, **kwargs: Any
    ) -> AbstractContextManager[RestResponseT]:
        """Makes a request to a JSON API; use it in a `with` block.

        The parsed body is the response's attribute `js`. It is None if there is no body, or if the body is not JSON,
        which makes the request fail. An exception in the block also makes the request fail, instead of ending the task.

        Args:
            method: The HTTP method.
            url: Path below the host, or a full URL.
            headers: In addition to `Content-Type` and `Accept` of `application/json`, which they may replace.
            **kwargs: Handed to the client's `request`.
        """
        return RestBlock(self, method, url, headers, kwargs)

    def _described(self, error: Exception, text: str | None) -> str:
        """Describes an exception: its text, the lines it came through, and the server's response."""
        frames = traceback.format_exception(error)
        places = [
            f"{match[1]}:{match[2]}{match[3]}"
            for frame in frames
            if (match := self._callstack_regex.match(frame)) and match[1] != __file__
        ]
        return f"{type(error).__name__}: {error} at {', '.join(places)}. Response was {(text or '')[:_MOST_TEXT]}"

    def rest_(
        self, method: str, url: str, name: str | None = None, **kwargs: Any
    ) -> AbstractContextManager[RestResponseT]:
        """Like `rest`, with the current time as a parameter `_` that bypasses caches.

        Args:
            method: The HTTP method.
            url: Path below the host, or a full URL.
            name: The name in the statistics; None: the URL with `_=...`.
            **kwargs: As for `rest`.
        """
        separator = "&" if "?" in url else "?"
        stamped = f"{url}{separator}_={int(time.time() * 1000)}"
        return self.rest(method, stamped, name=name or f"{url}{separator}_=...", **kwargs)


class RestBlock(AbstractContextManager[RestResponseT]):
    """The with-block of one request to a JSON API: sends it at the beginning, and judges it at the end."""

    def __init__(
        self,
        user: RestMixin[RestResponseT],
        method: str,
        url: str,
        headers: dict[str, str] | None,
        kwargs: dict[str, Any],
    ) -> None:
        self._user = user
        self._call = (method, url)
        self._headers = _with_defaults(headers) if headers else _DEFAULTS
        self._kwargs = kwargs
        self._response: Any = None

    def __enter__(self) -> RestResponseT:
        method, url = self._call
        client: Any = self._user.client
        send = getattr(client, "_request_quickly", None) or client.request
        response = send(method, url, catch_response=True, headers=self._headers, **self._kwargs)
        self._response = response = response.__enter__()
        response.js = None
        text = response.text
        if text:
            try:
                response.js = response.json()
            except ValueError as error:
                response.failure(
                    f"Could not parse response as JSON. {text[:_MOST_UNPARSED_TEXT]}, "
                    f"response code {response.status_code}, error {error}"
                )
        elif response.content is None:
            response.failure(str(response.error))
        return response  # type: ignore[no-any-return]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        response = self._response
        if not isinstance(error, Exception):
            return response.__exit__(kind, error, traceback)  # type: ignore[no-any-return]
        if isinstance(error, AssertionError):
            response.failure(str(error) or "Assertion failed")
        else:
            response.failure(self._user._described(error, response.text))
        response.__exit__(None, None, None)
        return True


_DEFAULTS = {"Content-Type": "application/json", "Accept": "application/json"}


def _with_defaults(headers: dict[str, str]) -> dict[str, str]:
    names = {name.lower() for name in headers}
    return {**{name: value for name, value in _DEFAULTS.items() if name.lower() not in names}, **headers}
