"""How a user's WebSockets are opened and kept; the attributes of `WebSocketUser` under the same names."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Settings:
    """Settings of a `WebSocketClient`."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Header fields of every handshake."""

    subprotocols: Sequence[str] = ()
    """Subprotocols to offer, the preferred one first."""

    deflate: bool = True
    """Offer permessage-deflate; costs about 40 KiB per connection that uses it."""

    timeout: float = 60.0
    """Seconds that an operation may take, unless its call says otherwise."""

    close_timeout: float = 5.0
    """Seconds that the server has to answer a closing handshake."""

    ping_interval: float | None = None
    """Seconds without anything from the server after which it is pinged; it has as long to answer."""

    max_message_bytes: int | None = 16 * 2**20
    """A larger message ends the connection with code 1009."""

    max_unread: int = 10_000
    """Messages kept for `receive`; beyond it the oldest ones are dropped, and the log says so."""

    reconnect: bool = True
    """The operation after the one that noticed the loss of the connection connects again."""

    verify: bool | str = True
    """Certificates: as requests' `verify`, True for its bundle, or the path of one, or False."""

    insecure: bool = False
    """As `verify = False`; the name that `FastHttpUser` has for it."""

    cert: str | tuple[str, str] | None = None
    """A client certificate, as requests' `cert`."""

    ssl_context: ssl.SSLContext | None = None
    """Instead of `verify` and `cert`; `ssl.create_default_context()` trusts the system's certificates."""

    proxies: Mapping[str, str] = field(default_factory=dict)
    """As requests' `proxies`; looked up by `wss` and `ws`, then by `https` and `http`."""

    trust_env: bool = True
    """Respect `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, `REQUESTS_CA_BUNDLE` as requests does."""

    @classmethod
    def of(cls, owner: Any) -> Settings:
        """Takes the settings from the attributes of a user."""
        return cls(**{name: getattr(owner, name) for name in cls.__dataclass_fields__})
