"""Requests and responses of `FastHttpSession`."""

from __future__ import annotations

import codecs
import json as jsonlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from geventhttpclient.useragent import CompatRequest, CompatResponse
from requests.utils import get_encoding_from_headers

from locust_rs.clients import messages
from locust_rs.exception import LocustError

if TYPE_CHECKING:
    from geventhttpclient.header import Headers
    from geventhttpclient.response import HTTPSocketPoolResponse


class FastRequest(CompatRequest):  # type: ignore[misc]
    """A request with its body as it was given."""

    payload: str | None = None

    @property
    def body(self) -> str | None:
        """The body, under the name it has in requests."""
        return self.payload


class FastResponse(CompatResponse):  # type: ignore[misc]
    """A response; the body is read, unzipped and decoded when it is asked for."""

    headers: Headers | None = None
    """The header fields, like a dictionary whose keys ignore case."""

    _response: HTTPSocketPoolResponse | None = None
    encoding: str | float | None = None
    """Of the text; found out when the text is first read, unless it was set before."""

    request: FastRequest | None = None

    def __init__(
        self,
        ghc_response: HTTPSocketPoolResponse,
        request: FastRequest | None = None,
        sent_request: str | None = None,
    ) -> None:
        super().__init__(ghc_response, request, sent_request)
        self.request = request

    @property
    def text(self) -> str | None:  # type: ignore[override]
        """The body as text, decoded as its header says, or as it looks like; None if it looks like no text."""
        content = self.content
        if content is None:
            return None
        if self.encoding is None:
            self.encoding = text_encoding(self.headers, content)
            if self.encoding is None:
                return None
        return str(content, str(self.encoding), errors="replace")

    @property
    def url(self) -> str | None:
        """The URL of the request, the last one if there were redirects."""
        return self.request.url if self.request is not None else None

    def json(self) -> dict:  # type: ignore[type-arg]
        """The parsed body.

        Raises:
            json.JSONDecodeError: It is no JSON.
        """
        parsed: dict = jsonlib.loads(self.text)  # type: ignore[arg-type,type-arg]
        return parsed

    def raise_for_status(self) -> None:
        """Raises LocustBadStatusCode if the status counts as a failure."""
        error = getattr(self, "error", None)
        if error is not None:
            raise error

    def iter_content(self, chunk_size: int = 1024, decode_content: bool = True) -> Iterator[str | bytes]:
        """Reads the body in pieces; useful with `stream=True`.

        Args:
            chunk_size: Most bytes of a piece.
            decode_content: Pieces are text (UTF-8), and not bytes.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while chunk := self.read(chunk_size):
            if not decode_content:
                yield bytes(chunk)
            elif text := decoder.decode(chunk):
                yield text
        if decode_content and (rest := decoder.decode(b"", final=True)):
            yield rest

    @property
    def status_code(self) -> int:
        """The status; 0 when there was no response."""
        return self._response.get_code() if self._response is not None else 0

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    def _content(self) -> bytes | None:
        return super()._content() if self.headers is not None else None

    def success(self) -> None:
        """Only for responses of requests made with `catch_response=True`."""
        raise LocustError(messages.MARKED_WITHOUT_CATCH)

    def failure(self, *_args: Any, **_kwargs: Any) -> None:
        """Only for responses of requests made with `catch_response=True`."""
        raise LocustError(messages.MARKED_WITHOUT_CATCH)


class ErrorResponse(FastResponse):
    """Stands for the response of a request that failed.

    Attributes:
        error: Why it failed.
        request: The request as it would have been sent.
    """

    headers: Headers | None = None
    content: bytes | None = None  # type: ignore[assignment]
    status_code: int = 0  # type: ignore[assignment]
    error: Exception | None = None
    text: str | None = None  # type: ignore[assignment]
    request: CompatRequest

    def __init__(self, request: CompatRequest, error: Exception) -> None:
        self.request = request
        self.error = error

    def raise_for_status(self) -> None:
        """Raises the error."""
        raise self.error  # type: ignore[misc]


def text_encoding(headers: Headers | None, content: bytes) -> str | None:
    """What a body is encoded in: as its header says, or as it looks like; None if it looks like no text."""
    encoding = get_encoding_from_headers(headers) if headers is not None else None
    if encoding is None:
        from charset_normalizer import detect

        encoding = detect(content)["encoding"]  # type: ignore[assignment]
    return encoding
