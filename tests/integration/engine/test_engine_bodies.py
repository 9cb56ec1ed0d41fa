"""Bodies: decoded, streamed and uploaded, with nothing piling up on either side."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable, Iterator

import brotli
import gevent
import gevent.event
import pytest

from locust_rs import _core
from locust_rs.http.engine import errors
from locust_rs.http.engine.client import make_client
from polling import until

from .conftest import ScriptedServer, answering, once, read_request

Serve = Callable[..., ScriptedServer]
TEXT = b"".join(b"line %d of the body\n" % number for number in range(3000))


def raw_deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(content) + compressor.flush()


def zstd_stored(content: bytes) -> bytes:
    """A zstd frame of raw blocks (RFC 8878): no compressor is needed for it."""
    frame = b"\x28\xb5\x2f\xfd" + b"\x80" + b"\x58" + len(content).to_bytes(4, "little")
    for start in range(0, max(len(content), 1), 1 << 16):
        block = content[start : start + (1 << 16)]
        last = start + len(block) == len(content)
        frame += (len(block) << 3 | last).to_bytes(3, "little") + block
    return frame


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstd_stored,
    "gzip, br": lambda content: brotli.compress(gzip.compress(content)),
    "identity": bytes,
    "unheard-of": bytes,
}

by_encoding = pytest.mark.parametrize("encoding", ENCODERS)


def encoded(encoding: str, body: bytes) -> bytes:
    fields = f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n"
    return f"HTTP/1.1 200 OK\r\n{fields}\r\n".encode() + body


@by_encoding
@pytest.mark.parametrize("content", [TEXT, b"", b"x"], ids=["text", "empty", "one byte"])
def test_content_is_decoded(encoding: str, content: bytes, serve: Serve) -> None:
    body = ENCODERS[encoding](content)
    response = make_client(base_url=serve(answering(encoded(encoding, body))).url).get("/")
    assert response.content_length == len(content)
    assert response.content == content
    assert response.raw_content == body
    assert response.content is response.content


@by_encoding
def test_streams_are_decoded_piece_by_piece(encoding: str, serve: Serve) -> None:
    body = ENCODERS[encoding](TEXT)
    client = make_client(base_url=serve(once(encoded(encoding, body), piecewise=len(body) < 20_000)).url)
    response = client.send("GET", "/", stream=True)
    pieces = []
    while piece := response.read(700):
        assert len(piece) <= 700
        pieces.append(piece)
    assert b"".join(pieces) == TEXT
    assert not response.streaming
    assert response.read(5) == b""


def test_a_gzip_body_of_several_members_with_garbage_after_it(serve: Serve) -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two") + b"garbage"
    assert make_client(base_url=serve(answering(encoded("gzip", body))).url).get("/").content == b"one two"


def test_zstd_as_its_own_tool_compresses_it(serve: Serve) -> None:
    body = bytes.fromhex("28b52ffd04589500005868656c6c6f207a7374642001008ab05fbc522e511b")
    response = make_client(base_url=serve(answering(encoded("zstd", body))).url).get("/")
    assert response.content == b"hello zstd " * 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("damage", ["cut", "wrong", "other"])
def test_a_damaged_body_fails_when_it_is_decoded(encoding: str, damage: str, serve: Serve) -> None:
    body = ENCODERS[encoding](TEXT)
    body = {"cut": body[:-5], "wrong": b"\xff\xfe" + body[2:], "other": b"<html>no such coding</html>"}[damage]
    client = make_client(base_url=serve(answering(encoded(encoding, body))).url)
    response = client.get("/")
    assert response.status_code == 200
    with pytest.raises(errors.DecodingError) as caught:
        _ = response.content
    assert caught.value.response is response  # type: ignore[attr-defined]
    assert response.raw_content == body
    assert response.content_length == len(body)
    stream = client.send("GET", "/", stream=True)
    with pytest.raises(errors.DecodingError) as caught:
        stream.read()
    assert caught.value.response is stream  # type: ignore[attr-defined]
    assert client.get("/").reused


def test_a_bomb_fails_its_request_and_not_the_process(serve: Serve) -> None:
    piece = zlib.compressobj(9, wbits=31)
    bomb = b"".join(piece.compress(bytes(1 << 20)) for _ in range(300)) + piece.flush()
    assert len(bomb) < 400_000
    response = make_client(base_url=serve(answering(encoded("gzip", bomb))).url).get("/")
    with pytest.raises(errors.DecodingError, match="exceeds"):
        _ = response.content


def test_a_stream_returns_with_the_header_and_reads_on_demand(serve: Serve) -> None:
    go_on = gevent.event.Event()

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(3):
            go_on.wait()
            go_on.clear()
            connection.sendall(b"7\r\nline %d\n\r\n" % number)
        connection.sendall(b"0\r\n\r\n")
        read_request(connection)

    client = make_client(base_url=serve(handle).url)
    response = client.send("GET", "/", stream=True)
    assert response.streaming
    header_ms = response.response_time_ms
    lines = []
    for _ in range(3):
        go_on.set()
        lines.append(response.read(100))
    assert lines == [b"line 0\n", b"line 1\n", b"line 2\n"]
    assert response.read() == b""
    assert not response.streaming
    assert response.response_time_ms >= header_ms
    assert client.open_connections == 1


def test_a_slow_reader_slows_the_server_down(serve: Serve) -> None:
    sent = 0

    def handle(connection: socket.socket) -> None:
        nonlocal sent
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while sent < 200_000_000:
            connection.sendall(bytes(1 << 20))
            sent += 1 << 20

    response = make_client(base_url=serve(handle).url).send("GET", "/", stream=True)
    while True:
        before = sent
        gevent.sleep(0.05)
        if sent == before:
            break
    assert sent < 50_000_000
    assert len(response.read(1_000_000)) > 0
    response.close()
    assert not response.streaming


def test_a_large_body_does_not_keep_the_others_waiting(serve: Serve) -> None:
    size = 300_000_000

    def handle(connection: socket.socket) -> None:
        while request := read_request(connection):
            if request.startswith(b"GET /small"):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsmall")
                continue
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(size // 1_000_000):
                connection.sendall(bytes(1_000_000))

    client = make_client(base_url=serve(handle).url)
    large = gevent.spawn(client.get, "/large")
    small = 0
    while not large.ready():
        assert client.get("/small").content == b"small"
        small += 1
    assert large.get().content_length == size
    assert small > 10


def test_a_stream_that_is_dropped_closes_its_connection(serve: Serve) -> None:
    client = make_client(base_url=serve(once(b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n")).url)
    response = client.send("GET", "/", stream=True)
    assert client.open_connections == 1
    del response
    assert client.open_connections == 0


def test_a_stream_that_is_read_to_its_end_keeps_its_connection(serve: Serve) -> None:
    client = make_client(base_url=serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")).url)
    for _ in range(3):
        response = client.send("GET", "/", stream=True)
        assert response.content == response.content == b"hello"
    assert response.reused
    response = client.send("GET", "/", stream=True)
    assert (response.read(2), response.read(), response.content) == (b"he", b"llo", b"")


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_stream_that_breaks_off_fails_where_it_is_read(cut: int, serve: Serve) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    client = make_client(base_url=serve(once(answer + b"x" * cut)).url)
    response = client.send("GET", "/", stream=True)
    with pytest.raises(errors.ServerClosed):
        response.read()
    assert client.open_connections == 0


def test_a_stream_without_news_runs_into_the_network_timeout(serve: Serve) -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
        gevent.sleep(60)

    client = make_client(base_url=serve(handle).url, network_timeout=0.05)
    response = client.send("GET", "/", stream=True)
    gevent.sleep(0.1)  # a pause of the reader is not a timeout
    assert response.read(5) == b"hello"
    with pytest.raises(errors.NetworkTimeout):
        response.read(5)


def test_two_greenlets_cannot_read_one_stream(serve: Serve) -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        gevent.sleep(60)

    response = make_client(base_url=serve(handle).url).send("GET", "/", stream=True)
    reader = gevent.spawn(response.read)
    gevent.sleep(0)
    with pytest.raises(RuntimeError, match="another greenlet"):
        response.read()
    reader.kill()
    response.close()


def echo_length(connection: socket.socket) -> None:
    """Answers with the method and the length of the body, however it is framed."""
    stream = connection.makefile("rb")
    while line := stream.readline():
        length, chunked = 0, False
        while (field := stream.readline()) != b"\r\n":
            name, _, value = field.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            chunked |= name.lower() == b"transfer-encoding"
        if chunked:
            while size := int(stream.readline(), 16):
                length += len(stream.read(size))
                stream.readline()
            stream.readline()
        else:
            assert len(stream.read(length)) == length
        body = b"%s %d" % (line.split()[0], length)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


@pytest.mark.parametrize("size", [0, 1, 16 * 1024, 16 * 1024 + 1, 5_000_000])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bodies_of_every_size_arrive(size: int, kind: Callable[[bytes], bytes], serve: Serve) -> None:
    client = make_client(base_url=serve(echo_length).url)
    for _ in range(2):
        assert client.send("POST", "/", body=kind(bytes(size))).content == b"POST %d" % size
    assert client.open_connections == 1


def test_iterables_are_pulled_as_the_socket_takes_them(serve: Serve) -> None:
    pulled, released = 0, gevent.event.Event()

    def pieces() -> Iterator[bytes]:
        nonlocal pulled
        for _ in range(400):
            pulled += 1
            yield bytes(100_000)

    def handle(connection: socket.socket) -> None:
        released.wait()
        echo_length(connection)

    client = make_client(base_url=serve(handle).url)
    upload = gevent.spawn(client.send, "PUT", "/", body=pieces())
    while True:
        before = pulled
        gevent.sleep(0.05)
        if pulled == before and pulled:
            break
    assert pulled < 200
    released.set()
    assert upload.get().content == b"PUT 40000000"


def test_files_are_sent_with_the_length_that_is_given(serve: Serve, tmp_path: object) -> None:
    path = tmp_path / "upload"  # type: ignore[operator]
    path.write_bytes(TEXT)
    client = make_client(base_url=serve(echo_length).url)
    with path.open("rb") as file:
        headers = [("Content-Length", str(len(TEXT)))]
        assert client.send("POST", "/", headers, file).content == b"POST %d" % len(TEXT)


def test_an_iterable_that_raises_ends_the_request(serve: Serve, engine: _core.HttpEngine) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"some"
        raise KeyError("mine")

    client = make_client(base_url=serve(echo_length).url)
    with pytest.raises(KeyError, match="mine"):
        client.send("POST", "/", body=pieces())
    assert (client.open_connections, engine.waiting_requests) == (0, 0)


@pytest.mark.parametrize("body", [bytes(20_000_000), None], ids=["bytes", "iterable"])
def test_an_answer_before_the_end_of_the_body_counts(body: bytes | None, serve: Serve) -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        until(lambda: finished)

    finished = False
    client = make_client(base_url=serve(handle).url)
    content = body if body is not None else (bytes(100_000) for _ in range(400))
    response = client.send("POST", "/", body=content)
    finished = True
    assert (response.status_code, response.content) == (413, b"no")
    assert client.open_connections == 0


def test_continue_is_tolerated(serve: Serve) -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    client = make_client(base_url=serve(handle).url)
    assert client.send("POST", "/", [("Expect", "100-continue")], b"body").status_code == 201
