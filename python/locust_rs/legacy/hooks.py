"""Events: `+=`, `fire` with positional arguments, and old names of events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from locust_rs.event.events import Events
from locust_rs.event.hook import EventHook
from locust_rs.exception import CatchResponseError
from locust_rs.legacy.handlers import fitted, names_its_own_arguments
from locust_rs.legacy.warning import warn_of

Handler = TypeVar("Handler", bound=Callable[..., Any])

_fire = EventHook.fire


def install() -> None:
    """Adds the operators to EventHook, and the old names to Events."""
    hook: Any = EventHook
    hook.__iadd__ = _add
    hook.__isub__ = _remove
    hook.fire = _fire_with_positions
    for name, (today, parameters, renamed) in _RENAMED.items():
        setattr(Events, name, _OldName(name, partial(OldHook, name, today, parameters, renamed)))
    for name in ("request_success", "request_failure"):
        setattr(Events, name, _OldName(name, partial(RequestOutcome, name)))


def _add(self: EventHook, handler: Callable[..., Any]) -> EventHook:
    warn_of("event += handler", "event.add_listener(handler)")
    if isinstance(self, OldHook) or not names_its_own_arguments(handler):
        self.add_listener(handler)
    else:
        # `quitting` and others used to have no arguments.
        call: Any = fitted(handler)
        call.handler = handler
        self.add_listener(call)
    return self


def _remove(self: EventHook, handler: Callable[..., Any]) -> EventHook:
    warn_of("event -= handler", "event.remove_listener(handler)")
    added = next((one for one in self._handlers if getattr(one, "handler", one) == handler), handler)
    self.remove_listener(added)
    return self


def _fire_with_positions(self: EventHook, *args: Any, reverse: bool = False, **kwargs: Any) -> None:
    """`EventHook.fire`, which also accepts positional arguments."""
    if not args:
        _fire(self, reverse=reverse, **kwargs)
        return
    warn_of("event.fire with positional arguments", "event.fire(name=value)")
    bound = EventHook()
    bound._handlers = [partial(handler, *args) for handler in self._handlers]
    _fire(bound, reverse=reverse, **kwargs)


class OldHook(EventHook):
    """An event under its old name. It has no listeners of its own: it adds them to today's event, and fires that.

    Args:
        name: The old name.
        today: Today's name.
        parameters: Its arguments, in the order in which they were positional.
        renamed: Arguments that have another name today: old name → today's.
        events: Has today's event.
    """

    def __init__(
        self, name: str, today: str, parameters: tuple[str, ...], renamed: Mapping[str, str], events: Events
    ) -> None:
        super().__init__()
        self._today: EventHook = getattr(events, today)
        self._parameters = parameters
        self._renamed = renamed
        warn_of(f"events.{name}", f"events.{today}{_OF_REQUESTS.get(name, '')}")

    def add_listener(self, handler: Handler) -> Handler:
        """Adds a handler of the old event to today's event."""
        listener: Any = self._listener(handler)
        listener.handler = handler
        self._handlers.append(listener)
        self._today.add_listener(listener)
        return handler

    def remove_listener(self, handler: Callable[..., Any]) -> None:
        """Removes a handler from today's event.

        Raises:
            ValueError: It is not registered.
        """
        listener = next((one for one in self._handlers if handler in (one, getattr(one, "handler", None))), None)
        if listener is None:
            raise ValueError(f"{handler!r} is not registered")
        self._handlers.remove(listener)
        self._today.remove_listener(listener)

    def fire(self, *args: Any, reverse: bool = False, **kwargs: Any) -> None:
        """Fires today's event."""
        given = {**dict(zip(self._parameters, args, strict=False)), **kwargs}
        self._today.fire(reverse=reverse, **self._arguments(given))

    def _listener(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        return fitted(handler, self._renamed)

    def _arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        return {self._renamed.get(name, name): value for name, value in given.items()}


class RequestOutcome(OldHook):
    """`request_success` or `request_failure`: today's `request` event, without or with an exception."""

    def __init__(self, name: str, events: Events) -> None:
        self._failed = name == "request_failure"
        last = "exception" if self._failed else "response_length"
        parameters = ("request_type", "name", "response_time", last)
        # The names before 0.7.
        renamed = {"method": "request_type", "path": "name"}
        super().__init__(name, "request", parameters, renamed, events)

    def _listener(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        call = fitted(handler, self._renamed)

        def listen(**kwargs: Any) -> None:
            exception = kwargs.get("exception")
            if bool(exception) is not self._failed:
                return
            if not self._failed:
                kwargs.pop("exception", None)
            # Custom clients may omit it.
            call(**{"response": None, **kwargs})

        return listen

    def _arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        today = super()._arguments(given)
        exception = (today.get("exception") or CatchResponseError("failed")) if self._failed else None
        return {"response_length": 0, "context": {}, **today, "exception": exception}


class _OldName:
    """Creates the old event on first access, and stores it in the instance."""

    def __init__(self, name: str, make: Callable[[Events], OldHook]) -> None:
        self._name = name
        self._make = make

    def __get__(self, events: Events | None, owner: type[Events]) -> Any:
        if events is None:
            return self
        hook = events.__dict__[self._name] = self._make(events)
        return hook


_OF_REQUESTS = {
    "request_success": ", whose exception is None then",
    "request_failure": ", which has an exception then",
}
"""How a handler of today's event tells successes from failures."""

_RENAMED: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "locust_error": ("user_error", ("locust_instance", "exception", "tb"), {"locust_instance": "user_instance"}),
    "hatch_complete": ("spawning_complete", ("user_count",), {}),
    "slave_report": ("worker_report", ("client_id", "data"), {}),
    "locust_start_hatching": ("test_start", (), {}),
    "locust_stop_hatching": ("test_stop", (), {}),
}
"""Old name → today's name, the arguments in their old order, renamed arguments."""
