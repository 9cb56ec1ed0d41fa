"""`ResponseContextManager`: a `requests.Response` that reports itself, at once or when its with-block ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from requests import Response
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import HTTPError, RequestException
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from locust_rs.exception import LocustError
from locust_rs.http.common import marking
from locust_rs.http.common.marking import Markable

if TYPE_CHECKING:
    from locust_rs.event import EventHook

# Wrappers that say nothing about the cause; the exception inside them is what users want to see counted.
_WRAPPERS = (RequestsConnectionError, MaxRetryError, NewConnectionError, ProtocolError)


class ResponseContextManager(Markable, Response):  # type: ignore[misc]  # its __exit__ may swallow
    """A response that also works in a with-statement (with `catch_response=True`), to be marked as right or wrong.

    Made by `HttpSession`, from the `requests.Response` that it received (`wrap_response`) or from the exception
    that it got instead; such a dummy has status 0, content None and the exception as `error`.
    """

    error: Exception | None = None
    request_meta: Mapping[str, Any]
    _request_event: EventHook
    _catch_response: bool

    def __init__(self, error: RequestException) -> None:
        super().__init__()
        self.status_code = 0
        self.error = error
        self.request = cast(Any, error.request)

    @classmethod
    def wrap_response(
        cls,
        response: Response,
        request_event: EventHook,
        request_meta: Mapping[str, Any],
        catch_response: bool,
    ) -> ResponseContextManager:
        """Turns a response into one of this class, in place.

        Args:
            request_meta: The arguments of the `request` event; may be changed until it is fired.
        """
        if not isinstance(response, cls):
            response.__class__ = cls
        wrapped = cast(ResponseContextManager, response)
        wrapped._entered = False
        wrapped._manual_result = None
        wrapped._request_event = request_event
        wrapped._catch_response = catch_response
        wrapped.request_meta = request_meta
        return wrapped

    def raise_for_status(self) -> None:
        """Raises what the response was marked with, the error it stands for, or `HTTPError` for status 4xx and 5xx."""
        if self.error and self._manual_result is None:
            raise self.error
        super().raise_for_status()

    def __enter__(self) -> ResponseContextManager:
        if not self._catch_response:
            raise LocustError(marking.WITH_NEEDS_CATCH)
        self._entered = True
        return self

    def _report_request(self, exc: Exception | None = None) -> None:
        error = self._outcome() if exc is None else exc
        if error is not None or self._manual_result is not None:
            self._own_meta()["exception"] = error
        # Otherwise what stands there stays: the block may have put it in itself.
        self._fire()

    def _own_meta(self) -> dict[str, Any]:
        return cast(dict[str, Any], self.request_meta)

    def _fire(self) -> None:
        self._request_event.fire(**self.request_meta)

    def _outcome(self) -> Exception | None:
        """The exception to report; None: a success."""
        if self._manual_result is True:
            return None
        if self._manual_result:
            return self._manual_result
        if self.error is not None:
            return root_cause(self.error)
        if self.status_code < 400:
            return None
        try:
            Response.raise_for_status(self)
        except HTTPError as error:
            # One row per name, and not per URL, in the table of errors.
            error.args = (str(error.args[0]).replace(self.url, str(self._own_meta()["name"])), *error.args[1:])
            return error
        return None


class RestResponseContextManager(ResponseContextManager):
    """What `rest()` yields: the response with its parsed body as `js`."""

    js: dict[str, Any]


def root_cause(error: BaseException) -> Exception:
    """What is inside the wrappers that requests and urllib3 put around a failed connection."""
    while isinstance(error, _WRAPPERS) and error.__context__ is not None:
        error = error.__context__
    return cast(Exception, error)


def _missing_catch_response_True(self: Response, *_args: Any, **_kwargs: Any) -> None:
    raise LocustError(marking.REQUESTS_MARKED_WITHOUT_CATCH)


# A plain `requests.Response` in a locustfile is most often one that was to be marked.
Response.success = _missing_catch_response_True  # type: ignore[attr-defined]
Response.failure = _missing_catch_response_True  # type: ignore[attr-defined]
