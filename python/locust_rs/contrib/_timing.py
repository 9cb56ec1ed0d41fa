"""Times calls of a client library and catches their errors, and a User that reports the results."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from locust_rs.user.base import User

Result = dict[str, Any]
"""The keys `success`, `response_time` (ms), and `result` or `exception`."""


def timed(act: Callable[[], Any]) -> Result:
    """Calls `act` and measures the time.

    Args:
        act: The call.

    Returns:
        See `Result`; it contains an `Exception` that the call raised.
    """
    started = time.perf_counter()
    try:
        result = act()
    except Exception as failure:
        elapsed_ms = (time.perf_counter() - started) * 1000
        return {"success": False, "response_time": elapsed_ms, "exception": failure}
    elapsed_ms = (time.perf_counter() - started) * 1000
    return {"success": True, "response_time": elapsed_ms, "result": result}


class TimedResultUser(User):
    """A User whose client returns a `Result` from every method.

    A subclass sets `client_type`, the type of its requests.
    """

    abstract = True

    client_type: str

    def _fire_event(self, request_type: str, name: str, result: Result) -> None:
        self.environment.events.request.fire(
            request_type=request_type,
            name=name,
            response_time=result["response_time"],
            response_length=0,
            exception=result.get("exception"),
            context=self.context(),
        )

    def _reported(self, name: str, result: Result) -> Result:
        self._fire_event(self.client_type, name, result)
        return result
