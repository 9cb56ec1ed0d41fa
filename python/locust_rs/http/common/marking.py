"""The with-block of a response: marking it as right or wrong, and reporting it when the block ends."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from locust_rs.exception import CatchResponseError, LocustError, ResponseError

_DOCS = "http://docs.locust.io/en/stable/writing-a-locustfile.html#validating-responses"

_NOT_ENTERED = (
    "Tried to set status on a request that has not yet been made. Make sure you use a with-block, like this:\n\n"
    "with self.client.request(..., catch_response=True) as response:\n"
    "    response.{call}"
)
WITH_NEEDS_CATCH = "In order to use a with-block for requests, you must also pass catch_response=True"
MARKED_WITHOUT_CATCH = f"If you want to change the state of the request, you must pass catch_response=True. See {_DOCS}"
REQUESTS_MARKED_WITHOUT_CATCH = (
    "If you want to change the state of the request using .success() or .failure(), "
    f"you must pass catch_response=True. See {_DOCS}"
)


class Markable:
    """The with-block of both clients' responses; goes before the class of the response among its bases."""

    request_meta: Any
    """The arguments of the `request` event; may be changed until it is fired."""

    _manual_result: bool | Exception | None = None
    _entered: bool = False
    _request_event: Any

    def success(self) -> None:
        """Reports the response as a success when the with-block ends, whatever its status.

        Raises:
            LocustError: Outside of a with-block.
        """
        if not self._entered:
            raise LocustError(_NOT_ENTERED.format(call="success()"))
        self._manual_result = True

    def failure(self, exc: Any) -> None:
        """Reports the response as a failure when the with-block ends.

        Args:
            exc: An exception, or what one is made of (`CatchResponseError`).

        Raises:
            LocustError: Outside of a with-block.
        """
        if not self._entered:
            raise LocustError(_NOT_ENTERED.format(call="failure(...)"))
        self._manual_result = exc if isinstance(exc, Exception) else CatchResponseError(exc)

    def __enter__(self) -> Any:
        self._entered = True
        return self

    def __exit__(
        self, exc: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        # A mark that the user has set decides; an exception raised after it is a separate matter and propagates.
        if self._manual_result is not None:
            self._report_request()
            return exc is None
        if value is None:
            self._report_request()
            return None
        if isinstance(value, ResponseError):
            self._report_request(value)
            return True
        return False

    def raise_for_status(self) -> None:
        """Raises the exception that the response was marked with, or its own error."""
        if self._manual_result is True:
            return
        if self._manual_result:
            raise self._manual_result
        super().raise_for_status()  # type: ignore[misc]

    def _report_request(self, exc: Exception | None = None) -> None:
        """Fires the `request` event; `exc` ended the with-block."""
        raise NotImplementedError


_SUCCESSES = (None, True)


class UnlinkedMeta:
    """The `request_meta` of a response, which names the response itself only once somebody looks at it.

    With that circle from the beginning the garbage collector would have to find every response, and their buffers
    would wait for it.
    """

    _meta: dict[str, Any]
    _is_meta_seen = False
    _request_event: Any

    @property
    def request_meta(self) -> dict[str, Any]:
        """The arguments of the `request` event; may be changed until it is fired."""
        if not self._is_meta_seen:
            self._meta["response"] = self
            self._is_meta_seen = True
        return self._meta

    @request_meta.setter
    def request_meta(self, meta: dict[str, Any]) -> None:
        self._is_meta_seen = True
        self._meta = meta

    def _is_unseen_success(self) -> bool:
        """Whether nobody has asked for the arguments of the event, or marked the response as a failure."""
        state = self.__dict__
        return "_meta" not in state and state.get("_manual_result") in _SUCCESSES

    def _fire(self) -> None:
        self._request_event.fire(**(self._meta if self._is_meta_seen else {**self._meta, "response": self}))
