"""Responses in a with-block: reported when it ends, marked by the user as right or wrong."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from geventhttpclient.useragent import CompatResponse

from locust_rs.clients.marking import Markable
from locust_rs.exception import ResponseError
from locust_rs.fasthttp.response import FastResponse

if TYPE_CHECKING:
    from geventhttpclient.header import Headers


class Catching(Markable):
    """The with-block of a response that carries its `request_meta` and the event to fire."""

    request_meta: dict[str, Any]
    _manual_result: bool | Exception | None = None
    _entered = False
    _request_event: Any

    def __enter__(self) -> Any:
        self._entered = True
        return self

    def __exit__(
        self, exc: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        # A mark the user has set decides; what is raised afterwards is another matter and goes on.
        if self._manual_result is not None:
            self.request_meta["exception"] = None if self._manual_result is True else self._manual_result
            self._report_request()
            return exc is None
        if value is None:
            self._report_request()
            return None
        if isinstance(value, ResponseError):
            self.request_meta["exception"] = value
            self._report_request()
            return True
        return False

    def _report_request(self) -> None:
        self._request_event.fire(**self.request_meta)

    def raise_for_status(self) -> None:
        """Raises what the response was marked with, or its error."""
        if self._manual_result is True:
            return
        if isinstance(self._manual_result, Exception):
            raise self._manual_result
        super().raise_for_status()  # type: ignore[misc]


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
