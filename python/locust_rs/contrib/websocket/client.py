"""`WebSocketClient`: the operations of a WebSocket, each recorded as a request."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from http.cookiejar import CookieJar
from typing import Any, cast

import gevent
from gevent.lock import BoundedSemaphore
from websockets.http11 import Response
from websockets.uri import parse_uri

from locust_rs.contrib.websocket import cookies as cookie_rules
from locust_rs.contrib.websocket import names
from locust_rs.contrib.websocket.connection import Connection
from locust_rs.contrib.websocket.failures import ConnectionClosed, TimedOut, WebSocketFailure
from locust_rs.contrib.websocket.inbox import Arrival, Inbox, Message
from locust_rs.contrib.websocket.opening import open_wire, shake_hands
from locust_rs.contrib.websocket.settings import Settings
from locust_rs.event import EventHook
from locust_rs.exception import LocustError

logger = logging.getLogger("locust.contrib.websocket")

CONNECT, SEND, RECEIVE, ROUND_TRIP, PING = "WSConnect", "WSSend", "WSReceive", "WSRoundTrip", "WSPing"
"""The types of the requests."""

Name = str | Callable[[Message], str] | None
"""A name in the statistics, or what makes one from a received message; None: the connection's."""


class WebSocketClient:
    """A WebSocket whose operations are requests in the statistics.

    A failed operation is recorded, not raised: it returns None or False. May be used by several greenlets.

    Args:
        request_event: The event to fire.
        base_url: Put before URLs that are only a path; `http` and `https` count as `ws` and `wss`.
        settings: How connections are opened and kept.
        context: Returns what is added to the context of every request.
        on_connect: Called after every successful handshake, by the greenlet that connected.
    """

    def __init__(
        self,
        request_event: EventHook,
        base_url: str | None = None,
        settings: Settings | None = None,
        context: Callable[[], dict[str, Any]] = dict,
        on_connect: Callable[[], Any] | None = None,
    ) -> None:
        self.base_url = base_url
        self.settings = settings or Settings()
        self.cookies = cookie_rules.new_jar()
        """Cookies of the user; those that a handshake's answer sets are added."""
        self.response: Response | None = None
        """The answer to the last handshake: `status_code`, `headers`."""
        self.received_at: float | None = None
        """When the message came that was returned last; seconds since the epoch."""
        self.id_of: Callable[[Message], Hashable] = names.json_id
        """Reads the id out of a message; as it stands, the member `id` of a JSON object."""
        self._request_event = request_event
        self._context = context
        self._on_connect = on_connect
        self._target: tuple[str, str, dict[str, Any]] | None = None
        self._connection: Connection | None = None
        self._handler: tuple[Callable[[Message], Any], Name] | None = None
        self._opening = BoundedSemaphore()

    def connect(
        self,
        url: str = "",
        *,
        name: str | None = None,
        subprotocols: Sequence[str] | None = None,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | CookieJar | None = None,
        timeout: float | None = None,
    ) -> bool:
        """Opens the WebSocket; one that is open is closed first.

        Args:
            url: A path, or an absolute URL.
            name: What the statistics call it, and operations without a name of their own, instead of `url`.
            subprotocols: Instead of those in the settings.
            headers: In addition to those in the settings.
            cookies: In addition to those of the client.
            timeout: Seconds, instead of the settings' `timeout`.

        Returns:
            Whether it is open now.
        """
        self.close()
        own = {"subprotocols": subprotocols, "headers": headers, "cookies": cookies, "timeout": timeout}
        full_url = names.websocket_url(self.base_url, url)
        self._target = (full_url, name or url or "/", own)
        return self._open() is not None

    @property
    def is_connected(self) -> bool:
        """Whether the WebSocket is open."""
        return self._connection is not None and self._connection.is_open

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the server has chosen."""
        return self._connection.protocol.subprotocol if self._connection else None

    @property
    def extensions(self) -> list[str]:
        """The names of the extensions in use."""
        return [extension.name for extension in self._connection.protocol.extensions] if self._connection else []

    @property
    def close_code(self) -> int | None:
        """The code by which the last connection was closed, 1006 if it broke; None while it is open."""
        return self._connection.why_closed.code if self._connection and not self._connection.is_open else None

    @property
    def close_reason(self) -> str | None:
        """What the server said beside the code; None while the connection is open."""
        return self._connection.why_closed.reason if self._connection and not self._connection.is_open else None

    def send(self, message: Message, name: str | None = None, timeout: float | None = None) -> bool:
        """Sends a text (str) or binary (bytes) message; the time is that until the kernel has it."""
        payload, is_text = names.encoded(message)
        connection, started = self._live(SEND, name), time.perf_counter()
        if connection is None:
            return False
        try:
            connection.send(payload, is_text, self._limit(timeout))
        except WebSocketFailure as failure:
            self._failed(SEND, name, started, failure, connection)
            return False
        self._record(SEND, name, started, time.perf_counter(), len(payload))
        return True

    def receive(self, timeout: float | None = None, name: Name = None) -> Message | None:
        """Returns the next message; the time is that from the call until it came, 0 if it was there already."""
        connection, started = self._live(RECEIVE, name), time.perf_counter()
        if connection is None:
            return None
        try:
            arrival = connection.inbox.next(self._limit(timeout))
        except WebSocketFailure as failure:
            self._failed(RECEIVE, name, started, failure, connection)
            return None
        return self._received(RECEIVE, name, started, arrival)

    def messages(self, timeout: float | None = None, name: Name = None) -> Iterator[Message]:
        """Returns the messages as they come, until the server ends the conversation or is silent for `timeout` seconds.

        The time of each is that since the previous one, or since the call. A silence, and an end with another code than
        1000 or 1001, is a failure.

        Args:
            timeout: None: it may be silent for ever.
        """
        connection = self._live(RECEIVE, name)
        started = time.perf_counter()
        while connection is not None:
            try:
                arrival = connection.inbox.next(timeout)
            except WebSocketFailure as failure:
                is_clean = isinstance(failure, ConnectionClosed) and failure.is_clean
                if is_clean or connection.was_closed_here:
                    connection.is_told = True
                else:
                    self._failed(RECEIVE, name, started, failure, connection)
                return
            yield self._received(RECEIVE, name, started, arrival)
            started = arrival.at

    def handle(self, handler: Callable[[Message], Any], name: Name = None) -> None:
        """Calls `handler` with every message that is not an answer to a round trip, in a greenlet of its own.

        Messages are recorded as those of `messages`. It stays for later connections.
        """
        self._handler = (handler, name)
        if self._connection is not None and self._connection.is_open:
            gevent.spawn(self._feed)

    def round_trip(
        self,
        message: Message,
        *,
        id: Hashable = None,
        match: Callable[[Message], Any] | None = None,
        timeout: float | None = None,
        name: Name = None,
    ) -> Message | None:
        """Sends a message and returns the answer; the time is that from the one to the other, the length the answer's.

        Args:
            id: The answer is the message with this id, see `id_of`.
            match: The answer is the next message for which this returns something true.
                Without either of both it is the next message.
        """
        payload, is_text = names.encoded(message)
        connection, started = self._live(ROUND_TRIP, name), time.perf_counter()
        if connection is None:
            return None
        inbox = connection.inbox
        ticket = inbox.expect_id(id) if id is not None else inbox.expect_match(match or (lambda _: True))
        limit = self._limit(timeout)
        try:
            connection.send(payload, is_text, limit)
            arrival = inbox.wait(ticket, max(limit - (time.perf_counter() - started), 0))
        except TimedOut:
            self._failed(ROUND_TRIP, name, started, TimedOut(f"no answer within {limit:g} s"), connection)
            return None
        except Exception as failure:
            # Also what `match` or `id_of` raised.
            self._failed(ROUND_TRIP, name, started, failure, connection)
            return None
        finally:
            inbox.cancel(ticket)
        return self._received(ROUND_TRIP, name, started, arrival)

    def ping(self, name: str | None = None, timeout: float | None = None) -> float | None:
        """Pings the server and returns the milliseconds until its pong."""
        connection, started = self._live(PING, name), time.perf_counter()
        if connection is None:
            return None
        payload, limit = os.urandom(4), self._limit(timeout)
        try:
            answered = connection.ping(payload, limit)
            answered.wait(limit)
            if not answered.ready():
                raise TimedOut(f"no pong within {limit:g} s")
            at = cast(float, answered.get())
        except WebSocketFailure as failure:
            self._failed(PING, name, started, failure, connection)
            return None
        finally:
            connection.forget_ping(payload)
        self._record(PING, name, started, at, len(payload))
        return (at - started) * 1000

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Ends the conversation with a closing handshake; nothing if there is no connection."""
        if self._connection is not None:
            self._connection.is_told = True
            self._connection.close(code, reason)
        self._target = None

    def abandon(self) -> None:
        """Closes the connection without a word; may be called in the hub."""
        self._target = None
        if self._connection is not None:
            self._connection.abandon()

    def _open(self) -> Connection | None:
        target = self._target
        if target is None:
            return None
        with self._opening:
            if self._connection is not None and self._connection.is_open:
                return self._connection
            url, _name, own = target
            started = time.perf_counter()
            limit = self._limit(own["timeout"])
            late = gevent.Timeout(limit)
            try:
                with late:
                    connection = self._handshake(url, own)
            except gevent.Timeout as timeout:
                if timeout is not late:
                    raise
                self._failed(CONNECT, None, started, TimedOut(f"not connected within {limit:g} s"), None)
                return None
            except (OSError, LocustError, ValueError) as failure:
                self._failed(CONNECT, None, started, failure, None)
                return None
            self._connection = connection
            self._record(CONNECT, None, started, time.perf_counter(), 0, response=self.response)
            if self._handler is not None:
                gevent.spawn(self._feed)
        if self._on_connect is not None:
            self._on_connect()
        return connection

    def _handshake(self, url: str, own: dict[str, Any]) -> Connection:
        settings = self.settings
        headers = {**settings.headers, **(own["headers"] or {})}
        cookie = cookie_rules.header(url, self.cookies, own["cookies"])
        if cookie:
            headers["Cookie"] = cookie
        offered = settings.subprotocols if own["subprotocols"] is None else own["subprotocols"]
        uri = parse_uri(url)
        wire = open_wire(uri, url, settings)
        try:
            protocol, self.response, frames = shake_hands(wire, uri, settings, offered, headers)
        except BaseException:
            wire.close()
            raise
        cookie_rules.take(url, self.response.headers.get_all("Set-Cookie"), self.cookies)
        inbox = Inbox(lambda message: self.id_of(message), settings.max_unread)
        connection = Connection(wire, protocol, inbox, settings.ping_interval, settings.close_timeout)
        connection.start(frames)
        return connection

    def _live(self, kind: str, name: Name) -> Connection | None:
        """The connection of an operation, made anew if its loss is known; None if there is none, which is recorded."""
        connection = self._connection
        if connection is not None and not connection.is_told:
            return connection
        if self._target is None:
            raise LocustError("The WebSocket is not connected: call connect() first.")
        if self.settings.reconnect:
            return self._open()
        gone = connection.why_closed if connection is not None else WebSocketFailure("not connected")
        self._failed(kind, name, time.perf_counter(), gone, None)
        return None

    def _feed(self) -> None:
        if self._handler is None:
            return
        handler, name = self._handler
        for message in self.messages(name=name):
            try:
                handler(message)
            except Exception:
                logger.exception("The handler of WebSocket messages failed")

    def _limit(self, timeout: float | None) -> float:
        return self.settings.timeout if timeout is None else timeout

    def _received(self, kind: str, name: Name, started: float, arrival: Arrival) -> Message:
        self.received_at = time.time() - (time.perf_counter() - arrival.at)
        called = name(arrival.message) if callable(name) else name
        self._record(kind, called, started, max(arrival.at, started), arrival.length_bytes, response=arrival.message)
        return arrival.message

    def _failed(self, kind: str, name: Name, started: float, failure: Exception, connection: Connection | None) -> None:
        if connection is not None and not connection.is_open:
            connection.is_told = True
        called = None if callable(name) else name
        self._record(kind, called, started, time.perf_counter(), 0, exception=failure)

    def _record(
        self,
        kind: str,
        name: str | None,
        started: float,
        ended: float,
        length_bytes: int,
        response: Any = None,
        exception: Exception | None = None,
    ) -> None:
        url, own_name, _ = self._target or ("", "", {})
        self._request_event.fire(
            request_type=kind,
            name=name or own_name,
            start_time=time.time() - (time.perf_counter() - started),
            response_time=(ended - started) * 1000,
            response_length=length_bytes,
            response=response,
            url=url,
            context=self._context(),
            exception=exception,
        )
