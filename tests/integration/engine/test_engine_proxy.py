"""Requests through a proxy: absolute form for http, a CONNECT tunnel for https."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Callable

import gevent
import pytest
import trustme

from locust_rs.http.engine import errors
from locust_rs.http.engine.client import make_client

from .conftest import ScriptedServer, answering, once, read_request

Serve = Callable[..., ScriptedServer]
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def test_plain_requests_name_their_origin_to_the_proxy(serve: Serve) -> None:
    seen: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        while request := read_request(connection):
            seen.append(request)
            connection.sendall(HELLO)

    proxy = serve(handle)
    client = make_client(proxy=proxy.url.replace("//", "//me:s%20t@"), base_url="http://origin.invalid/v1")
    assert client.get("/x") is None
    assert client.send("GET", "/x").content == b"hello"
    assert client.send("GET", "http://other.invalid:8080").content == b"hello"
    credentials = base64.b64encode(b"me:s t")
    authorization = b"Proxy-Authorization: Basic " + credentials + b"\r\n"
    assert seen == [
        b"GET http://origin.invalid/v1/x HTTP/1.1\r\n" + authorization + b"Host: origin.invalid\r\n\r\n",
        b"GET http://other.invalid:8080/ HTTP/1.1\r\n" + authorization + b"Host: other.invalid:8080\r\n\r\n",
    ]


@pytest.fixture
def tls_server(serve: Serve) -> ScriptedServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return serve(answering(HELLO), ssl_context=context)


def relay(source: socket.socket, target: socket.socket) -> None:
    while piece := source.recv(65536):
        target.sendall(piece)
    target.shutdown(socket.SHUT_WR)


def test_https_goes_through_a_tunnel(serve: Serve, tls_server: ScriptedServer) -> None:
    seen: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        with socket.create_connection(("127.0.0.1", tls_server.server_port)) as target:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
            forth = gevent.spawn(relay, connection, target)
            relay(target, connection)
            forth.join()

    proxy = serve(handle)
    client = make_client(proxy=proxy.url.replace("//", "//u:p@"), base_url=tls_server.url)
    assert [client.send("GET", "/").content for _ in range(3)] == [b"hello"] * 3
    target = f"127.0.0.1:{tls_server.server_port}".encode()
    credentials = base64.b64encode(b"u:p")
    assert seen == [
        b"CONNECT " + target + b" HTTP/1.1\r\nHost: " + target + b"\r\nProxy-Authorization: Basic "
        + credentials + b"\r\n\r\n"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", 407, "407 Proxy Auth"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", 502, "502 Bad Gateway"),
    ],
)
def test_a_refused_tunnel_is_an_error_with_its_status(answer: bytes, status: int, words: str, serve: Serve) -> None:
    client = make_client(proxy=serve(once(answer)).url)
    with pytest.raises(errors.ProxyError, match=words) as caught:
        client.send("GET", "https://origin.invalid/")
    assert caught.value.status_code == status
    assert caught.value.phase == "proxy"  # type: ignore[attr-defined]
    assert client.open_connections == 0


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nand more", b"HTTP/1.1 200"],
    ids=["nothing", "no http", "more than asked for", "half a header"],
)
def test_a_proxy_that_speaks_no_http(answer: bytes, serve: Serve) -> None:
    client = make_client(proxy=serve(once(answer)).url)
    with pytest.raises((errors.ServerClosed, errors.ProtocolError, ConnectionResetError)):
        client.send("GET", "https://origin.invalid/")
    assert client.open_connections == 0


def test_proxies_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(ValueError, match="only http:// proxies"):
        make_client(proxy="https://proxy.example:443")
    with pytest.raises(ValueError, match="not an http"):
        make_client(proxy="socks5://proxy.example")
