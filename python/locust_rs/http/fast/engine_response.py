"""Responses of `FastHttpSession` on the engine: made in Rust, with the interface of geventhttpclient's."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Any

from geventhttpclient.header import Headers

from locust_rs._core import HttpResponse
from locust_rs.http.common import json_reading
from locust_rs.http.common.marking import UnlinkedMeta
from locust_rs.http.common.reporting import chain_span, request_meta
from locust_rs.http.fast import response as compat
from locust_rs.http.fast.failures import ENGINE_FAILURES, translated
from locust_rs.http.fast.reading import Reading
from locust_rs.http.fast.response import Catching, ResponseContextManager, RestResponseContextManager

_BLOCK = 4096
_native_content = HttpResponse.content.__get__
_text: Any = Reading.text.fget  # type: ignore[attr-defined]  # a property


class FastResponse(Reading, HttpResponse):
    """A `contrib.fasthttp.FastResponse` to every observer. Attributes are made when they are first read."""

    # The engine makes instances without calling __init__; these stand until something else is set.
    _request: Any = None
    _url: str | None = None
    _history: tuple[Any, ...] | list[Any] = ()
    _broken: Exception | None = None  # why the body is incomplete; raised once, when the body is read

    @cached_property
    def headers(self) -> Headers:  # type: ignore[override]
        """The header fields, like a dictionary whose keys ignore case."""
        headers = Headers()
        for name, value in self.header_list:
            headers.add(name, value)
        return headers

    def _content_type(self) -> str | None:
        return self.header("content-type")

    @property
    def url(self) -> str:
        """The URL of the request as it was given, the last one if there were redirects."""
        return self._url or HttpResponse.url.__get__(self)

    @cached_property
    def request(self) -> Any:
        """The request that was sent."""
        if self._request is not None:
            return self._request
        request = self._session._engine_path.make_request(self.method, self.url, self._sent)
        request.unverifiable = bool(self._history)  # RFC 2965: the user did not ask for a redirect's target
        return request

    @property
    def content(self) -> bytes:
        """The body without its content encoding. Careful with large ones!

        Raises:
            zlib.error: The body is not encoded as its header says.
        """
        if self._broken is not None:
            broken, self._broken = self._broken, None
            raise broken
        try:
            return _native_content(self)  # type: ignore[no-any-return]
        except ENGINE_FAILURES as error:
            raise translated(error) from None

    @property
    def text(self) -> str | None:
        """The body as text, decoded as its header says, or as it looks like; None if it looks like no text."""
        found = self.declared_text()
        if found is None or self.encoding not in (None, found[1]):
            return _text(self)  # type: ignore[no-any-return]
        text, self.encoding = found
        return text

    def json(self) -> Any:
        """The parsed body.

        Raises:
            json.JSONDecodeError: It is not JSON.
        """
        return json_reading.parsed(self.text, jsonlib.loads)

    @property
    def elapsed(self) -> timedelta:
        """Time until the header was there."""
        return timedelta(milliseconds=self.timings_ms["first_byte"] or self.response_time_ms)

    @property
    def history(self) -> list[Any]:
        """The responses of the redirects that led here, oldest first; a redirect itself has none."""
        return [] if self in self._history else list(self._history)

    def span(self) -> tuple[float, float]:
        """When the first request of the chain began (epoch, s), and how long the chain took (ms)."""
        return chain_span(self, self._history)

    # What geventhttpclient's response offers beside Locust's interface.

    def info(self) -> Headers:
        """The header fields."""
        return self.headers

    @property
    def status(self) -> str:
        """The status as text."""
        return str(self.status_code)

    @property
    def data(self) -> bytes:
        """The body."""
        return self.content

    @property
    def stream(self) -> FastResponse:
        """What the body can be read from."""
        return self

    def isclosed(self) -> bool:
        """Whether the body has arrived completely."""
        return not self.streaming

    def release(self) -> None:
        """Gives the connection back; a body that was not read to its end closes it."""
        self.close()

    def read(self, n: int | None = None) -> bytes:  # type: ignore[override]
        """Reads `n` bytes of a stream as they were sent, fewer at its end; all that remain without `n`.

        The body of a request without `stream=True` has been read already: it is `content`.
        """
        if not self.streamed:
            return b""
        parts: list[bytes] = []
        try:
            if n is None:
                return HttpResponse.read(self, -1, False)
            while n > 0 and (part := HttpResponse.read(self, n, False)):
                parts.append(part)
                n -= len(part)
        except ENGINE_FAILURES as error:
            raise translated(error) from None
        return b"".join(parts)

    def readline(self, sep: bytes = b"\r\n") -> bytes:
        """Reads up to and including the next `sep`; b"" when there is none any more."""
        line = bytearray()
        while not line.endswith(sep):
            byte = self.read(1)
            if not byte:
                return b""
            line += byte
        return bytes(line)

    def unzipped(self, gzip: bool = True, br: bool = False) -> bytes:
        """The body without its content encoding."""
        return self.content

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_raised: object) -> bool | None:
        self.release()
        return None

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read(_BLOCK):
            yield block

    def __len__(self) -> int:
        return int(self.header("content-length"))  # type: ignore[arg-type]


class CatchingResponse(UnlinkedMeta, Catching, FastResponse):  # type: ignore[misc]  # its __exit__ may swallow
    """A response for a with-block; a `FastResponse` becomes one by having its class changed.

    With nothing else set it is a success that only the statistics want to know of.
    """

    @cached_property
    def _request_event(self) -> Any:
        return self._session.request_event

    @cached_property
    def _meta(self) -> dict[str, Any]:  # type: ignore[override]
        session, url = self._session, self.url
        start_time, response_time_ms = self.start_time, self.response_time_ms
        return request_meta(
            self.method, self.name, url, None, session._context_of({}), start_time, response_time_ms,
            self.content_length,
        )  # fmt: skip

    @classmethod
    def of(cls, response: FastResponse, request_event: Any, meta: dict[str, Any]) -> CatchingResponse:
        """Makes a response one for a with-block.

        Args:
            request_event: Its `fire` is called when the block ends.
            meta: The arguments of the event.
        """
        response.__class__ = cls
        catching: CatchingResponse = response  # type: ignore[assignment]
        meta["response"] = None
        catching._request_event = request_event
        catching._meta = meta
        return catching

    def _report_request(self, exc: Exception | None = None) -> None:
        if exc is None and self._is_unseen_success() and self.record():
            return
        self._settle(self._meta, exc)
        self._fire()


def incomplete(outcome: Any) -> Any:
    """The response of a failure whose header had come: it fails when its body is read. Anything else as it is."""
    response = getattr(outcome, "response", None) if isinstance(outcome, BaseException) else None
    if response is None:
        return outcome
    response._broken = translated(outcome)
    return response


# Users see one class, whichever client has received a response.
CatchingResponse.__name__ = ResponseContextManager.__name__
for _own, _public in ((FastResponse, compat.FastResponse), (CatchingResponse, ResponseContextManager)):
    _own.__qualname__ = _own.__name__
    _own.__module__ = "locust_rs.contrib.fasthttp"
    _public.register(_own)
RestResponseContextManager.register(CatchingResponse)
