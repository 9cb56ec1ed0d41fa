"""SocketIOUser: tests Socket.IO servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import gevent
import socketio
from socketio.exceptions import DisconnectedError, TimeoutError

from locust_rs.event import EventHook
from locust_rs.user.base import User

CONNECTION_CHECK_S = 0.5
"""How often a call that waits for its answer looks whether there still is a connection."""

CLOSING_S = 3.0
"""How long a client waits for the server when it disconnects."""


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

    def connect(self, *args: Any, **kwargs: Any) -> None:
        """Connects; a failure is reported, not raised.

        Raises:
            ConnectionError: The client connects anew by itself; it tries again after an exception.
        """
        connect = super().connect
        failures: list[Exception] = []

        def act() -> None:
            try:
                connect(*args, **kwargs)
            except Exception as failure:
                failures.append(failure)
                raise

        self._timed("WS", "connect", act)
        if failures and threading.current_thread() is self._reconnect_task:
            raise failures[0]

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
        emit = super().emit
        self._reported("WSS", name, data, lambda: emit("message", data, namespace, callback))

    def emit(
        self,
        event: str,
        data: Any = None,
        namespace: str | None = None,
        callback: Callable[..., Any] | None = None,
    ) -> None:
        """Emits an event, which is reported under its name."""
        emit = super().emit
        self._reported("WSE", event, data, lambda: emit(event, data, namespace, callback))

    def call(self, event: str, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Emits an event and returns the server's answer; None if there was none in time, or the connection ended.

        Args:
            event: The event's name.
            data: str, bytes, list, dict, or a tuple of several arguments.
            *args: `namespace` (None: the default one) and `timeout` (seconds to wait for the answer, 60 if not given).
            **kwargs: The same, by name.
        """
        emit = super().emit
        namespace, timeout = _where_and_how_long(*args, **kwargs)

        def ask() -> Any:
            answers: list[tuple[Any, ...]] = []
            answered = self.eio.create_event()

            def note(*arguments: Any) -> None:
                answers.append(arguments)
                answered.set()

            emit(event, data, namespace, note)
            self._wait_for_answer(answered, namespace or "/", timeout)
            (arguments,) = answers
            return arguments if len(arguments) > 1 else next(iter(arguments), None)

        return self._timed("WSC", event, ask)

    def _wait_for_answer(self, answered: Any, namespace: str, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        session = self.sid
        while not answered.wait(min(CONNECTION_CHECK_S, max(deadline - time.monotonic(), 0))):
            # `socketio.Client.call` would wait for its timeout, though nobody is left to answer.
            if self.sid != session or namespace not in self.namespaces:
                raise DisconnectedError(f"The connection ended before {namespace!r} answered")
            if time.monotonic() >= deadline:
                raise TimeoutError

    def close(self) -> None:
        """Disconnects, or gives up connecting anew; does not wait long for a server that is silent."""
        session = None if self.eio.external_http else self.eio.http
        with gevent.Timeout(CLOSING_S, False):  # type: ignore[arg-type]  # False: ends the block without an exception
            self.shutdown()
        if session is not None:
            session.close()  # engineio forgets it, and leaves its connections to the garbage collector

    def on_message(self, event: str, data: Any = None, *more: Any) -> None:
        """Reports an event that was received; override it to use the data."""
        self._report("WSR", event, data, None)

    def _timed(self, request_type: str, name: str, act: Callable[[], Any]) -> Any:
        """Returns what `act` gives; None after a failure. A call that ends with its user is not reported."""
        result = exception = None
        start_time = time.time()
        started = time.perf_counter()
        try:
            result = act()
        except Exception as failure:
            exception = failure
        elapsed_ms = (time.perf_counter() - started) * 1000
        self._report(request_type, name, result, exception, elapsed_ms, start_time)
        return result

    def _reported(self, request_type: str, name: str, data: Any, act: Callable[[], None]) -> None:
        exception = None
        try:
            act()
        except Exception as failure:
            exception = failure
        self._report(request_type, name, data, exception)

    def _report(
        self,
        request_type: str,
        name: str,
        data: Any,
        exception: Exception | None,
        elapsed_ms: float = 0,
        start_time: float | None = None,
    ) -> None:
        self.request_event.fire(
            request_type=request_type,
            name=name,
            response_time=elapsed_ms,
            response_length=_length(data),
            exception=exception,
            context={},
            start_time=time.time() if start_time is None else start_time,
        )


def _where_and_how_long(namespace: str | None = None, timeout: float = 60) -> tuple[str | None, float]:
    """The further arguments of `call`."""
    return namespace, timeout


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

    def on_stop(self) -> None:
        """Disconnects. A subclass with an `on_stop` of its own calls this one, or the connection outlives the user."""
        self.sio.close()
        self.sio_greenlet.kill(block=False)
