"""Requests and responses of `FastHttpSession` on geventhttpclient, and the responses of failures and with-blocks."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from geventhttpclient.useragent import CompatRequest, CompatResponse

from locust_rs.exception import LocustError
from locust_rs.http.common.marking import Markable
from locust_rs.http.fast.reading import Reading

if TYPE_CHECKING:
    from geventhttpclient.header import Headers
    from geventhttpclient.response import HTTPSocketPoolResponse


class FastRequest(CompatRequest):
    """A request with its body as it was given."""

    payload: Any = None

    @property
    def body(self) -> Any:
        """The body, under the name it has in requests."""
        return self.payload


class FastResponse(Reading, CompatResponse, metaclass=ABCMeta):  # type: ignore[misc]  # `text` may be None
    """A response; the body is read, unzipped and decoded when it is asked for.

    The responses of the engine (`engine_response.FastResponse`) count as instances of this class.
    """

    headers: Headers | None = None  # type: ignore[assignment]
    """The header fields, like a dictionary whose keys ignore case."""

    _response: HTTPSocketPoolResponse | None = None  # type: ignore[assignment]
    request: Any = None
    recorded = False

    def __init__(
        self,
        ghc_response: HTTPSocketPoolResponse,
        request: FastRequest | None = None,
        sent_request: str | None = None,
    ) -> None:
        super().__init__(ghc_response, request, sent_request)
        self.request = request

    @property
    def url(self) -> str | None:
        """The URL of the request, the last one if there were redirects."""
        return self.request.url if self.request is not None else None

    @property
    def status_code(self) -> int:  # type: ignore[override]
        """The status."""
        return self._response.get_code() if self._response is not None else 0

    def _content(self) -> Any:
        return super()._content() if self.headers is not None else None


class ErrorResponse(FastResponse):
    """Stands for the response of a request that failed.

    Attributes:
        error: Why it failed.
        request: The request as it would have been sent.
    """

    headers: Headers | None = None
    content: Any = None
    status_code: int = 0
    error: Exception | None = None
    text: str | None = None  # type: ignore[assignment]

    def __init__(self, request: CompatRequest, error: Exception) -> None:
        self.request = request
        self.error = error

    def iter_content(self, chunk_size: int = 1024, decode_content: bool = True) -> Iterator[str | bytes]:
        """There is nothing to read.

        Raises:
            LocustError: When the first piece is asked for.
        """
        raise LocustError("Cannot iterate content on a response without _response attribute")
        yield

    def raise_for_status(self) -> None:
        """Raises the error."""
        raise self.error  # type: ignore[misc]


class Catching(Markable):
    """The with-block of a response that carries its `request_meta` and the event to fire."""

    def _report_request(self, exc: Exception | None = None) -> None:
        self._settle(self.request_meta, exc)
        self._request_event.fire(**self.request_meta)

    def _settle(self, meta: dict[str, Any], exc: Exception | None) -> None:
        """Notes in the arguments of the event how the block ended."""
        if exc is not None:
            meta["exception"] = exc
        elif self._manual_result is not None:
            meta["exception"] = None if self._manual_result is True else self._manual_result


class ResponseContextManager(Catching, FastResponse):  # type: ignore[misc]  # its __exit__ may swallow
    """A `FastResponse` for a with-statement (with `catch_response=True`).

    Args:
        response: The response whose state this one takes over.
        request_event: Its `fire` is called when the with-block ends.
        request_meta: The arguments of the event; may be changed until then.
        catch_response: Kept for its place in the signature.
    """

    def __init__(
        self, response: FastResponse, request_event: Any, request_meta: dict[str, Any], catch_response: bool
    ) -> None:
        for slot in CompatResponse.__slots__:
            if hasattr(response, slot):
                setattr(self, slot, getattr(response, slot))
        self.__dict__.update(response.__dict__)
        self._catch_response = catch_response
        self._request_event = request_event
        self.request_meta = request_meta


class RestResponseContextManager(ResponseContextManager):
    """What `rest()` yields: the response with its parsed body as `js`."""

    js: dict  # type: ignore[type-arg]
    error: Exception
    headers: Headers
