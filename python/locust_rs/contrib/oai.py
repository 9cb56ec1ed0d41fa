"""OpenAIUser: tests AI services with OpenAI's SDK."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from locust_rs.contrib._extras import missing_extra
from locust_rs.contrib._token_stream import TokenStream
from locust_rs.exception import LocustError
from locust_rs.user.base import User

try:
    import httpx
    from openai import OpenAI
except ModuleNotFoundError as error:
    raise missing_extra("OpenAIUser", "openai", error) from error

if TYPE_CHECKING:
    from locust_rs.event import EventHook


FIRST_TOKEN, BETWEEN_TOKENS, TOKENS_PER_SECOND = "TTFT", "ITL", "TPS"
"""The types of what is reported of a stream beside the request itself."""


class _ReportingTransport(httpx.Client):  # type: ignore[misc]  # the package may be missing where types are checked
    """The SDK's HTTP client; reports each attempt as one request."""

    def __init__(self, owner: OpenAIClient, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._owner = owner

    def send(self, request: Any, **kwargs: Any) -> Any:
        response = None
        exception: Exception | None = None
        call = _Call(self._owner, request)
        try:
            response = super().send(request, **kwargs)
            response.raise_for_status()
        except httpx.HTTPStatusError as failure:
            exception = failure
        except httpx.HTTPError as failure:
            call.report(None, failure, 0)
            raise
        if kwargs.get("stream") and exception is None:
            TokenStream(response, call.report_first_token, partial(call.report, response))
        else:
            call.report(response, exception, _output_tokens(response))
        return response


class _Call:
    """One request; that of a stream lasts until its end."""

    def __init__(self, owner: OpenAIClient, request: Any) -> None:
        self._owner, self._request = owner, request
        self._name = owner.request_name or request.url.path
        self._start_time, self._started = time.time(), time.perf_counter()

    def report(self, response: Any, exception: Exception | None, tokens: int, between_ms: float | None = None) -> None:
        """Reports the request; of a stream that came to its end also its pace."""
        self._fire(self._request.method, response, exception, tokens, self._elapsed_ms())
        if exception is None and between_ms is not None:
            self._fire(BETWEEN_TOKENS, None, None, tokens, between_ms)
            self._fire(TOKENS_PER_SECOND, None, None, tokens, 1000 / between_ms)

    def report_first_token(self) -> None:
        """Reports the time to the first token."""
        self._fire(FIRST_TOKEN, None, None, 0, self._elapsed_ms())

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def _fire(
        self, request_type: str, response: Any, exception: Exception | None, tokens: int, response_time_ms: float
    ) -> None:
        owner = self._owner
        owner.request_event.fire(
            request_type=request_type,
            name=self._name,
            context=owner.user.context() if owner.user else {},
            response=response,
            exception=exception,
            start_time=self._start_time,
            response_time=response_time_ms,
            response_length=tokens,
            url=str(self._request.url),
        )


def _output_tokens(response: Any) -> int:
    """The number of tokens that the model generated; 0 for failures."""
    try:
        usage = response.json()["usage"]
    except (AttributeError, KeyError, TypeError, ValueError, httpx.StreamError):
        return 0
    return int(usage.get("output_tokens") or usage.get("completion_tokens") or 0)


class OpenAIClient(OpenAI):  # type: ignore[misc]
    """OpenAI's client; every call is reported as a request with the output tokens as `response_length`.

    A stream is a request that lasts until its end. Three more of the same name have what its reader sees: `TTFT` the
    time to its first token, `ITL` the mean time between two tokens, and `TPS` the tokens per second, in the place of a
    response time.

    Args:
        request_event: The event to fire.
        user: The user whose `context()` the requests get.
        *args: Passed to `openai.OpenAI`.
        **kwargs: Passed to `openai.OpenAI`.
    """

    def __init__(self, request_event: EventHook, user: User | None, *args: Any, **kwargs: Any) -> None:
        self.request_event = request_event
        self.user = user
        self.request_name: str | None = None
        kwargs.setdefault("http_client", _ReportingTransport(self, follow_redirects=True, timeout=600))
        super().__init__(*args, **kwargs)

    @contextmanager
    def rename_request(self, name: str) -> Generator[None]:
        """Groups the requests in a `with` block under a name."""
        self.request_name = name
        try:
            yield
        finally:
            self.request_name = None


class OpenAIUser(User):
    """A User with OpenAI's client, `client`. Set `OPENAI_API_KEY`; `host`, if set, is the service's base URL.

    Experimental.
    """

    abstract = True

    client: OpenAIClient

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not os.getenv("OPENAI_API_KEY"):
            raise LocustError("You need to set OPENAI_API_KEY env var to use OpenAIUser")
        self.client = OpenAIClient(self.environment.events.request, user=self, base_url=self.host)
