"""One event: a list of handlers that are called, in order, with keyword arguments."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

from locust_rs._core import RequestRecorder, native_fire
from locust_rs.exception import (
    InterruptTaskSet,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)

Handler = TypeVar("Handler", bound=Callable[..., Any])

# A handler may steer the User that fired the event; these pass through `fire` to its TaskSet.
_STEERING = (StopUser, StopTest, RescheduleTask, RescheduleTaskImmediately, InterruptTaskSet)


class EventHook:
    """An event that anyone may listen to.

    Handlers should accept `**kwargs`, so that an argument added later does not break them.

    Example:
        >>> my_event = EventHook()
        >>> @my_event.add_listener
        ... def on_my_event(a, b, **kwargs):
        ...     print(f"Event was fired with arguments: {a}, {b}")
        >>> my_event.fire(a="foo", b="bar")
        Event was fired with arguments: foo, bar
    """

    def __init__(self) -> None:
        # A plain list: clients look into it to learn whether only the statistics listen.
        self._handlers: list[Callable[..., Any]] = []

    def add_listener(self, handler: Handler) -> Handler:
        """Adds a handler behind those already there and returns it, so that it works as a decorator."""
        self._handlers.append(handler)
        if isinstance(handler, RequestRecorder) and type(self).fire is EventHook.fire:
            # Does the same, but makes no dictionary of the arguments while the statistics are the only listener.
            self.fire = native_fire(self)  # type: ignore[method-assign]
        return handler

    def remove_listener(self, handler: Callable[..., Any]) -> None:
        """Removes the first registration of a handler.

        Raises:
            ValueError: It is not registered.
        """
        self._handlers.remove(handler)

    def fire(self, *, reverse: bool = False, **kwargs: Any) -> None:
        """Calls every handler.

        An exception in one is logged and makes the process end with exit code 2; the others still run.

        Args:
            reverse: Call the handlers registered last first, as for clean-ups.
            **kwargs: Handed to every handler.

        Raises:
            StopUser, StopTest, RescheduleTask, RescheduleTaskImmediately, InterruptTaskSet: A handler raised it.
        """
        # A copy: a handler that removes itself must not make the next one be skipped.
        handlers = self._handlers[:]
        for handler in reversed(handlers) if reverse else handlers:
            try:
                handler(**kwargs)
            except _STEERING:
                raise
            except Exception:
                _report_handler_failure()

    def _settle(self, error: BaseException) -> None:
        """What `fire` does with a handler's exception, for the native one."""
        try:
            raise error
        except _STEERING:
            raise
        except Exception:
            _report_handler_failure()

    @contextmanager
    def measure(
        self, request_type: str, name: str, response_length: int = 0, context: dict[str, Any] | None = None
    ) -> Generator[dict[str, Any]]:
        """Fires the event with the time that the `with` block took; an exception in it marks a failure.

        Made for the `request` event. Experimental.

        Args:
            request_type: What stands in the statistics' type column.
            name: What stands in the statistics' name column.
            response_length: In bytes.
            context: What handlers get as `context`; an empty dictionary when left out.

        Yields:
            The event's arguments; the block may add to them and change them.
        """
        request_meta: dict[str, Any] = {
            "request_type": request_type,
            "name": name,
            "response_length": response_length,
            "context": context or {},
            "exception": None,
            "start_time": time.time(),
        }
        started = time.perf_counter()
        try:
            yield request_meta
        except Exception as error:
            request_meta["exception"] = error
        finally:
            request_meta["response_time"] = (time.perf_counter() - started) * 1000
            self.fire(**request_meta)


class DeprecatedEventHook(EventHook):
    """An event that is no longer fired; whoever still registers for it is told what to use instead.

    Args:
        message: The warning to log.
    """

    def __init__(self, message: str) -> None:
        super().__init__()
        self.message = message

    def add_listener(self, handler: Handler) -> Handler:
        """Logs the warning and registers the handler all the same."""
        logging.warning(self.message)
        return super().add_listener(handler)


def _report_handler_failure() -> None:
    """Logs the current exception and lets the process end with exit code 2."""
    from locust_rs import log  # not at the top: `log` is needed by failures alone

    logging.error("Uncaught exception in event handler: \n%s", traceback.format_exc())
    log.unhandled_greenlet_exception = True
