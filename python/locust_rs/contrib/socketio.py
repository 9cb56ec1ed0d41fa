"""SocketIOUser: tests Socket.IO servers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gevent
import socketio

from locust_rs.event import EventHook
from locust_rs.user.base import User


class SocketIOClient(socketio.Client):  # type: ignore[misc]  # the package has no types
    """A `socketio.Client` that reports its actions as requests.

    Request types: `WS` for connecting, `WSS` for messages sent, `WSE` for events emitted, `WSC` for calls (their time
    is that until the answer), `WSR` for events received.

    Args:
        request_event: The event to fire.
        *args: Passed to `socketio.Client`.
        **kwargs: Passed to `socketio.Client`.
    """

    def __init__(self, request_event: EventHook, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request_event = request_event
        self.on("*", self.on_message)
        # `send` and `call` emit an event themselves, which must not be reported again.
        self._inside = 0

    def connect(self, *args: Any, **kwargs: Any) -> None:
        """Connects; a failure is reported, not raised."""
        with self.request_event.measure("WS", "connect"):
            super().connect(*args, **kwargs)

    def send(
        self,
        data: Any,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
        name: str = "Unnamed",
    ) -> None:
        """Sends a message.

        Args:
            data: str, bytes, list or dict.
            namespace: None: the default one.
            callback: Called when the server has acknowledged the message.
            name: The name in the statistics.
        """
        self._reported("WSS", name, data, lambda: super(SocketIOClient, self).send(data, namespace, callback))

    def emit(
        self,
        event: str,
        data: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
    ) -> None:
        """Emits an event, which is reported under its name."""
        emit = super().emit
        if self._inside:
            emit(event, data, namespace, callback)
        else:
            self._reported("WSE", event, data, lambda: emit(event, data, namespace, callback))

    def call(self, event: str, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Emits an event and returns the server's answer; None if there was none in time."""
        call = super().call
        answer = None
        with self.request_event.measure("WSC", event) as request_meta:
            self._inside += 1
            try:
                answer = call(event, data, *args, **kwargs)
            finally:
                self._inside -= 1
            request_meta["response_length"] = _length(answer)
        return answer

    def on_message(self, event: str, data: Any = None, *more: Any) -> None:
        """Reports an event that was received; override it to use the data."""
        self._report("WSR", event, data, None)

    def _reported(self, request_type: str, name: str, data: Any, act: Callable[[], None]) -> None:
        exception = None
        self._inside += 1
        try:
            act()
        except Exception as failure:
            exception = failure
        finally:
            self._inside -= 1
        self._report(request_type, name, data, exception)

    def _report(self, request_type: str, name: str, data: Any, exception: Exception | None) -> None:
        self.request_event.fire(
            request_type=request_type,
            name=name,
            response_time=0,
            response_length=_length(data),
            exception=exception,
            context={},
            start_time=time.time(),
        )


def _length(payload: Any) -> int:
    return len(payload) if hasattr(payload, "__len__") else 0


class SocketIOUser(User):
    """A User with a Socket.IO client, `sio`; call its `connect` in `on_start`."""

    abstract = True

    options: dict[str, Any] = {}
    """Arguments for `socketio.Client`, such as `{"reconnection_attempts": 1, "logger": True}`."""

    sio: SocketIOClient

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sio = SocketIOClient(self.environment.events.request, **self.options)
        self.sio_greenlet = gevent.spawn(self.sio.wait)
