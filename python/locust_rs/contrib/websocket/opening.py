"""Opening a WebSocket: TCP or a proxy's tunnel, TLS, and the handshake."""

from __future__ import annotations

import os
import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from requests.utils import (
    DEFAULT_CA_BUNDLE_PATH,
    extract_zipped_paths,
    get_environ_proxies,
    prepend_scheme_if_needed,
    select_proxy,
)
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.http11 import Response
from websockets.uri import WebSocketURI

from locust_rs.contrib.websocket.failures import HandshakeRefused, WebSocketFailure
from locust_rs.contrib.websocket.settings import Settings
from locust_rs.exception import LocustError

READ_BYTES = 65536
_MOST_PROXY_HEAD_BYTES = 65536
# A small table costs a quarter of zlib's usual memory, at nearly the same ratio for messages of a few KB.
_COMPRESSION = {"memLevel": 5}


def open_wire(uri: WebSocketURI, url: str, settings: Settings) -> socket.socket:
    """Connects to the server, through the proxy if there is one for it, with TLS for `wss`.

    Raises:
        OSError: The connection or TLS failed.
        WebSocketFailure: The proxy refused.
    """
    proxy = proxy_of(url, settings)
    place = _place_of_proxy(proxy) if proxy else (uri.host, uri.port)
    wire = socket.create_connection(place)
    try:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if proxy:
            _tunnel(wire, proxy, uri)
        if uri.secure:
            wire = _tls_context(settings).wrap_socket(wire, server_hostname=uri.host)
    except BaseException:
        wire.close()
        raise
    return wire


def shake_hands(
    wire: socket.socket, uri: WebSocketURI, settings: Settings, subprotocols: Any, headers: Mapping[str, str]
) -> tuple[ClientProtocol, Response, list[Any]]:
    """Turns a connection into a WebSocket.

    Returns:
        The state of the WebSocket, the server's answer, and frames that came right behind it.

    Raises:
        HandshakeRefused: The server answered something else.
        WebSocketFailure: The answer is not HTTP, or wrong.
    """
    deflate = [ClientPerMessageDeflateFactory(compress_settings=_COMPRESSION)] if settings.deflate else None
    protocol = ClientProtocol(
        uri, extensions=deflate, subprotocols=list(subprotocols) or None, max_size=settings.max_message_bytes
    )
    request = protocol.connect()
    for name, value in headers.items():
        if name in request.headers:
            del request.headers[name]
        request.headers[name] = value
    protocol.send_request(request)
    wire.sendall(b"".join(protocol.data_to_send()))
    events: list[Any] = []
    while not events and protocol.handshake_exc is None:
        piece = wire.recv(READ_BYTES)
        if piece:
            protocol.receive_data(piece)
        else:
            protocol.receive_eof()
        events = protocol.events_received()
    _check(protocol.handshake_exc)
    return protocol, events[0], events[1:]


def _check(error: Exception | None) -> None:
    if isinstance(error, InvalidStatus):
        answer = error.response
        raise HandshakeRefused(
            answer.status_code, answer.reason_phrase, dict(answer.headers.raw_items()), bytes(answer.body or b"")
        ) from error
    if isinstance(error, InvalidHandshake):
        raise WebSocketFailure(f"handshake failed: {error}") from error
    if error is not None:
        raise error


def proxy_of(url: str, settings: Settings) -> str | None:
    """The proxy for a URL, by requests' rules."""
    as_http = f"http{url.removeprefix('ws')}"
    environment = get_environ_proxies(as_http) if settings.trust_env else {}
    proxies = {**environment, **settings.proxies}
    found = select_proxy(url, proxies) or select_proxy(as_http, proxies)
    return str(prepend_scheme_if_needed(found, "http")) if found else None  # type: ignore[no-untyped-call]


def _place_of_proxy(proxy: str) -> tuple[str, int]:
    parts = urlsplit(proxy)
    if parts.scheme != "http" or not parts.hostname:
        raise LocustError(f"WebSocketUser connects through http proxies only, not through {parts.scheme}://…")
    return parts.hostname, parts.port or 80


def _tunnel(wire: socket.socket, proxy: str, uri: WebSocketURI) -> None:
    host = f"[{uri.host}]" if ":" in uri.host else uri.host
    lines = [f"CONNECT {host}:{uri.port} HTTP/1.1", f"Host: {host}:{uri.port}"]
    parts = urlsplit(proxy)
    if parts.username is not None:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        lines.append(f"Proxy-Authorization: Basic {b64encode(secret).decode()}")
    wire.sendall("\r\n".join([*lines, "", ""]).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        piece = wire.recv(4096)
        if not piece or len(head) > _MOST_PROXY_HEAD_BYTES:
            raise WebSocketFailure("the proxy closed the connection instead of making a tunnel")
        head += piece
    version, _, status = head.partition(b"\r\n")[0].decode("latin1").partition(" ")
    if not version.startswith("HTTP/1.") or not status.startswith("2"):
        raise WebSocketFailure(f"the proxy made no tunnel: {status}")


def _tls_context(settings: Settings) -> ssl.SSLContext:
    if settings.ssl_context is not None:
        return settings.ssl_context
    verify: bool | str = False if settings.insecure else settings.verify
    if verify is True and settings.trust_env:
        verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    return _shared_context(verify, settings.cert)


@lru_cache(maxsize=64)
def _shared_context(verify: bool | str, cert: Any) -> ssl.SSLContext:
    """A context for all users with the same settings: each would take its own copy of the certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    if verify:
        bundle = extract_zipped_paths(DEFAULT_CA_BUNDLE_PATH) if verify is True else verify  # type: ignore[no-untyped-call]
        context.load_verify_locations(**{"capath" if os.path.isdir(bundle) else "cafile": bundle})
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert:
        context.load_cert_chain(*((cert,) if isinstance(cert, str) else cert))
    return context
