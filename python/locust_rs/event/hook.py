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

# A handler may control the User that fired the event; these exceptions pass through `fire` to its TaskSet.
_STEERING = (StopUser, StopTest, RescheduleTask, RescheduleTaskImmediately, InterruptTaskSet)


class EventHook:
    """An event to which any code may listen.

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
        # A list, which clients read to find out whether only the statistics listen.
        self._handlers: list[Callable[..., Any]] = []

    def add_listener(self, handler: Handler) -> Handler:
        """Adds a handler after the existing ones and returns it, so it works as a decorator."""
        self._handlers.append(handler)
        if isinstance(handler, RequestRecorder) and type(self).fire is EventHook.fire:
            # Does the same, without a dictionary of the arguments as long as the statistics are the only listener.
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

        An exception in a handler is logged and makes the process exit with code 2; the other handlers still run.

        Args:
            reverse: Call the handlers in reverse order of registration, as for clean-up.
            **kwargs: Passed to every handler.

        Raises:
            StopUser, StopTest, RescheduleTask, RescheduleTaskImmediately, InterruptTaskSet: A handler raised it.
        """
        # A copy, so that the next handler is not skipped when a handler removes itself.
        handlers = self._handlers[:]
        for handler in reversed(handlers) if reverse else handlers:
            try:
                handler(**kwargs)
            except _STEERING:
                raise
            except Exception:
                _report_handler_failure()

    def _settle(self, error: BaseException) -> None:
        """Handles a handler's exception as `fire` does; called by the native `fire`."""
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
        """Measures a `with` block and fires the event with its time; an exception in the block marks a failure.

        Meant for the `request` event. Experimental.

        Args:
            request_type: The type in the statistics.
            name: The name in the statistics.
            response_length: In bytes.
            context: The handlers' `context`; None: an empty dictionary.

        Yields:
            The event's arguments; the block may add and change them.
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
    """An event that is no longer fired; adding a listener logs what to use instead.

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
    """Logs the current exception and makes the process exit with code 2."""
    from locust_rs import log  # not at the top, because only failures need it

    logging.error("Uncaught exception in event handler: \n%s", traceback.format_exc())
    log.unhandled_greenlet_exception = True
