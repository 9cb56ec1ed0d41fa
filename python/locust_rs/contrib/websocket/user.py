"""`WebSocketUser`: a User with a WebSocket."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from locust_rs.contrib.websocket.client import WebSocketClient
from locust_rs.contrib.websocket.inbox import Message
from locust_rs.contrib.websocket.settings import Settings
from locust_rs.user.base import User

if TYPE_CHECKING:
    from gevent import Greenlet
    from gevent.pool import Group

    from locust_rs.env import Environment


class WebSocketUser(User):
    """A User with a WebSocket, `client`; call its `connect` in `on_start` or in a task.

    The attributes are explained in `Settings`.
    """

    abstract = True

    headers: Mapping[str, str] = {}
    subprotocols: Sequence[str] = ()
    deflate: bool = Settings.deflate
    timeout: float = Settings.timeout
    close_timeout: float = Settings.close_timeout
    ping_interval: float | None = Settings.ping_interval
    max_message_bytes: int | None = Settings.max_message_bytes
    max_unread: int = Settings.max_unread
    reconnect: bool = Settings.reconnect
    verify: bool | str = Settings.verify
    insecure: bool = Settings.insecure
    cert: str | tuple[str, str] | None = Settings.cert
    ssl_context: ssl.SSLContext | None = Settings.ssl_context
    proxies: Mapping[str, str] = {}
    trust_env: bool = Settings.trust_env

    client: WebSocketClient

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.client = WebSocketClient(
            environment.events.request, self.host, Settings.of(self), self.context, self.on_connect
        )
        if type(self).on_message is not WebSocketUser.on_message:
            self.client.handle(self.on_message)

    def on_connect(self) -> None:
        """Called after each successful handshake, also that of a reconnection: to log in, to subscribe."""

    def on_message(self, message: Message) -> Any:
        """Override it to get every message that is not an answer to a round trip, in a greenlet of its own."""

    def on_stop(self) -> None:
        """Closes the WebSocket."""
        self.client.close()

    def start(self, group: Group) -> Greenlet[..., object]:
        """Starts the user; when it has ended, however that came, nothing of its connection is left."""
        greenlet = super().start(group)
        greenlet.rawlink(lambda _: self.client.abandon())
        return greenlet
