"""Every kind of response ends in exactly one result; h11 and httptools are asked for second opinions."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass

import h11
import httptools
import pytest
import requests

from locust_rs.http.engine import errors
from locust_rs.http.engine.client import make_client

from .conftest import ScriptedServer, answering, once, read_request

Serve = Callable[..., ScriptedServer]


@dataclass(frozen=True)
class Case:
    """What the server sends before it closes, and what must come out: a status and a body, or an error."""

    id: str
    answer: bytes
    status: int = 200
    body: bytes = b""
    error: type[Exception] | None = None
    method: str = "GET"
    agreed: bool = True
    """Whether h11 (which is strict) takes the response the same way."""


def ok(fields: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked\r\n"
CASES = [
    Case("length", ok(b"Content-Length: 5\r\n", b"hello"), body=b"hello"),
    Case("length zero", ok(b"Content-Length: 0\r\n", b"")),
    Case("length twice", ok(b"Content-Length: 5\r\nContent-Length: 5\r\n", b"hello"), body=b"hello"),
    Case("length list", ok(b"Content-Length: 5, 5\r\n", b"hello"), body=b"hello"),
    Case("lengths differ", ok(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"hello!"), error=errors.ProtocolError),
    Case("length malformed", ok(b"Content-Length: five\r\n", b"hello"), error=errors.ProtocolError),
    Case("length negative", ok(b"Content-Length: -1\r\n", b"hello"), error=errors.ProtocolError),
    Case("length too large", ok(b"Content-Length: 6\r\n", b"hello"), error=errors.ServerClosed),
    Case("until close", ok(b"X: y\r\n", b"hello"), body=b"hello"),
    Case("until close, empty", ok(b"X: y\r\n", b"")),
    Case("http/1.0", b"HTTP/1.0 200 OK\r\n\r\nhello", body=b"hello"),
    Case("no reason", b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", body=b"ok", agreed=False),
    Case("odd status", b"HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nok", status=299, body=b"ok"),
    Case("bare line feeds", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", body=b"ok"),
    Case("chunked", ok(CHUNKED, b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), body=b"hello"),
    Case("chunked, empty", ok(CHUNKED, b"0\r\n\r\n")),
    Case("upper case", ok(b"TRANSFER-ENCODING: Chunked\r\n", b"B\r\nhello world\r\n0\r\n\r\n"), body=b"hello world"),
    Case("chunk extensions", ok(CHUNKED, b'5;a="b;c"\r\nhello\r\n0;x\r\n\r\n'), body=b"hello"),
    Case("trailers", ok(CHUNKED, b"5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n"), body=b"hello"),
    Case("chunk size malformed", ok(CHUNKED, b"x\r\nhello\r\n"), error=errors.ProtocolError),
    Case("chunk size huge", ok(CHUNKED, b"f" * 17 + b"\r\n"), error=errors.ProtocolError),
    Case("chunk end wrong", ok(CHUNKED, b"5\r\nhelloX\r\n"), error=errors.ProtocolError),
    Case("chunks cut off", ok(CHUNKED, b"5\r\nhello\r\n"), error=errors.ServerClosed),
    Case("chunked and length", ok(CHUNKED + b"Content-Length: 3\r\n", b"2\r\nok\r\n0\r\n\r\n"), body=b"ok"),
    Case("no content", b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", status=204),
    Case("not modified", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", status=304),
    Case("head", ok(b"Content-Length: 5\r\n", b""), method="HEAD"),
    Case("head, chunked", ok(CHUNKED, b""), method="HEAD"),
    Case("interim", b"HTTP/1.1 100 Continue\r\n\r\n" + ok(b"Content-Length: 2\r\n", b"ok"), body=b"ok"),
    Case("early hints", b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" * 3 + ok(b"Content-Length: 2\r\n", b"ok"), body=b"ok"),
    Case("interim storm", b"HTTP/1.1 102 Processing\r\n\r\n" * 1000, error=errors.ProtocolError),
    Case("extra bytes", ok(b"Content-Length: 2\r\n", b"okHTTP/1.1 500 Oops\r\n\r\n"), body=b"ok"),
    Case("folded header", ok(b"X: a\r\n b\r\nContent-Length: 2\r\n", b"ok"), body=b"ok"),
    Case("no header line", ok(b"what is this\r\nContent-Length: 2\r\n", b"ok"), body=b"ok", agreed=False),
    Case("blank before colon", ok(b"Content-Length : 2\r\n", b"ok"), body=b"ok", agreed=False),
    Case("400 headers", ok(b"X: y\r\n" * 400 + b"Content-Length: 2\r\n", b"ok"), body=b"ok"),
    Case("5000 headers", ok(b"X: y\r\n" * 5000, b""), error=errors.ProtocolError, agreed=False),
    Case("endless header", ok(b"X: " + b"y" * 400_000 + b"\r\n", b""), error=errors.ProtocolError, agreed=False),
    Case("nothing", b"", error=errors.ServerClosed),
    Case("half a status line", b"HTTP/1.1 20", error=errors.ServerClosed),
    Case("half a header", b"HTTP/1.1 200 OK\r\nContent-Le", error=errors.ServerClosed),
    Case("no http", b"SSH-2.0-OpenSSH_9.0\r\n", error=errors.ProtocolError),
    Case("http/2", b"HTTP/2 200 OK\r\n\r\n", error=errors.ProtocolError),
    Case("status zero", b"HTTP/1.1 000 Zero\r\n\r\n", error=errors.ProtocolError),
    Case("binary", bytes(range(256)), error=errors.ProtocolError),
]  # fmt: skip

by_id = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


def check(case: Case, server: ScriptedServer) -> None:
    client = make_client(base_url=server.url)
    if case.error is not None:
        with pytest.raises(case.error) as caught:
            client.send(case.method, "/")
        assert caught.value.phase == "receive"  # type: ignore[attr-defined]
        assert caught.value.response_time_ms >= 0  # type: ignore[attr-defined]
        return
    response = client.send(case.method, "/")
    assert (response.status_code, response.content) == (case.status, case.body)
    assert 0 <= response.response_time_ms < 60_000


@by_id
def test_a_response_gives_one_result(case: Case, serve: Serve) -> None:
    check(case, serve(once(case.answer)))


@pytest.mark.parametrize("case", [case for case in CASES if len(case.answer) < 1000], ids=lambda case: case.id)
def test_a_response_in_single_bytes_gives_the_same_result(case: Case, serve: Serve) -> None:
    check(case, serve(once(case.answer, piecewise=True)))


@pytest.mark.parametrize("case", [case for case in CASES if case.agreed], ids=lambda case: case.id)
def test_h11_agrees(case: Case) -> None:
    connection = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=1_000_000)
    connection.send(h11.Request(method=case.method, target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(case.answer)
    connection.receive_data(b"") if not connection.trailing_data[1] else None
    status, body, complete, failed = 0, b"", False, False
    try:
        for _ in range(2000):
            event = connection.next_event()
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
                complete = isinstance(event, h11.EndOfMessage)
                break
            elif event in (h11.NEED_DATA, h11.PAUSED):
                break
    except h11.RemoteProtocolError:
        failed = True
    if case.id == "interim storm":
        assert not complete
    elif case.error is not None:
        assert failed or not complete
    else:
        assert (status, body, complete) == (case.status, case.body, True)


# What httptools refuses, or cannot know (that the request was HEAD).
STRICT = {"no content", "length twice", "length list", "bare line feeds", "chunked and length", "head", "head, chunked",
          "extra bytes", "no header line", "blank before colon", "folded header"}  # fmt: skip


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.error is None and case.id not in STRICT], ids=lambda case: case.id
)
def test_httptools_agrees(case: Case) -> None:
    class Seen:
        status, body, complete = 0, b"", False

        def on_status(self, _status: bytes) -> None:
            self.status = parser.get_status_code()

        def on_headers_complete(self) -> None:
            self.status = parser.get_status_code()

        def on_body(self, body: bytes) -> None:
            self.body += body

    seen = Seen()
    parser = httptools.HttpResponseParser(seen)
    parser.feed_data(case.answer)
    assert (seen.status, seen.body) == (case.status, case.body)


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
def test_connection_headers_decide_about_reuse(version: bytes, serve: Serve) -> None:
    field = b"Connection: keep-alive\r\n" if version == b"1.0" else b""
    server = serve(answering(b"HTTP/" + version + b" 200 OK\r\n" + field + b"Content-Length: 0\r\n\r\n"))
    client = make_client(base_url=server.url)
    assert [client.send("GET", "/").reused for _ in range(3)] == [False, True, True]
    closing = serve(answering(b"HTTP/" + version + b" 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
    client = make_client(base_url=closing.url)
    assert [client.send("GET", "/").reused for _ in range(2)] == [False, False]


def test_a_connection_with_extra_bytes_is_not_used_again(serve: Serve) -> None:
    server = serve(answering(ok(b"Content-Length: 2\r\n", b"ok") + ok(b"Content-Length: 3\r\n", b"bad")))
    client = make_client(base_url=server.url)
    assert [client.send("GET", "/").content for _ in range(3)] == [b"ok"] * 3
    assert server.connections == 3


def test_lazy_parts_are_what_was_sent(serve: Serve) -> None:
    fields = b"Content-Length: 2\r\nset-cookie: a=b\r\nSet-Cookie: c=d\r\nX-Name: caf\xe9\r\n"
    server = serve(answering(b"HTTP/1.1 404 Not  Here\r\n" + fields + b"\r\nno"))
    response = make_client(base_url=server.url + "/base/").send("PATCH", "/x?y=z#part", body=b"1", name="mine")
    assert (response.status_code, response.reason, response.http_version) == (404, "Not  Here", "1.1")
    assert response.header_list == [
        ("Content-Length", "2"), ("set-cookie", "a=b"), ("Set-Cookie", "c=d"), ("X-Name", "café")
    ]  # fmt: skip
    assert (response.header("SET-COOKIE"), response.header("missing")) == ("a=b", None)
    assert response.sets_cookies
    assert (response.method, response.name) == ("PATCH", "mine")
    assert response.url == server.url + "/base/x?y=z#part"
    assert response.remote_address == ("127.0.0.1", server.server_port)
    assert (response.content, response.raw_content, response.content_length) == (b"no", b"no", 2)
    assert list(response.timings_ms) == ["queued", "resolved", "connected", "tls", "sent", "first_byte", "last_byte"]
    times = [time for time in response.timings_ms.values() if time is not None]
    assert times == sorted(times)
    assert times[-1] == response.response_time_ms


@pytest.mark.parametrize(
    "fields",
    [
        b"X: one\r\n two\r\n",
        b"X: one  \r\n \t two\r\n\tthree \t\r\n",
        b"X:\r\n two\r\n",
        b"X: one\r\n \r\n two\r\nY: z\r\n",
        b"X: one\n two\r\n",
        b" folded: before any field\r\nX: one\r\n",
        b"X:\tone\t\r\nY:   two  \r\nZ:\r\n",
        b"X(Y): one\r\nx(y): \xe9\x85\r\n",
        b": one\r\nX: two\r\n",
        b"Set-Cookie: a=1;\r\n Path=/\r\nSet-Cookie: b=2\r\n",
        b"X: a\x0bb\x7f\x01\r\n",
    ],
    ids=["folded", "blanks", "empty first line", "blank line", "line feed", "nothing to continue", "outer blanks",
         "odd bytes", "no name", "cookie", "control characters"],
)  # fmt: skip
def test_headers_are_those_that_requests_shows(fields: bytes, serve: Serve) -> None:
    server = serve(answering(ok(fields + b"Content-Length: 2\r\n", b"ok")))
    expected = requests.get(server.url, timeout=10).raw._original_response.msg.items()
    response = make_client(base_url=server.url).get("/")
    assert response.header_list == expected
    for name, _ in expected:
        assert response.header(name.swapcase()) == next(value for key, value in expected if key.lower() == name.lower())


@pytest.mark.parametrize(
    ("length", "body"),
    [("", b"hello"), ("-1", b"hello"), ("five", b"hello"), ("5, x", b"hello"), ("2", b"he"), ("2, 3", None)],
    ids=["empty", "negative", "word", "partly", "number", "conflict"],
)
def test_lengths_that_are_not_numbers_may_be_tolerated(length: str, body: bytes | None, serve: Serve) -> None:
    server = serve(once(ok(f"Content-Length: {length}\r\n".encode(), b"hello")))
    client = make_client(base_url=server.url, lenient_lengths=True)
    for send in (client.get, lambda url: client.send("GET", url)):
        if body is None:
            with pytest.raises(errors.ProtocolError, match="conflicting"):
                send("/")
        else:
            assert send("/").content == body
        assert client.open_connections == 0


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (b"SSH-2.0-x\r\n", "SSH-2.0-x\r\n"),
        (b"HTTP/2 200 OK\r\n\r\n", "HTTP/2 200 OK\r\n"),
        (b"HTTP/1.1 0 Zero\n\n", "HTTP/1.1 0 Zero\n"),
        (b"caf\xe9", "café"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", None),
    ],
    ids=["another protocol", "another version", "odd status", "no line", "bad field"],
)
def test_an_error_tells_a_status_line_that_is_none(answer: bytes, line: str | None, serve: Serve) -> None:
    with pytest.raises(errors.ProtocolError) as caught:
        make_client(base_url=serve(once(answer)).url).get("/")
    assert caught.value.status_line == line
    assert line is None or repr(line.rstrip())[1:-1] in str(caught.value)


def test_requests_are_on_the_wire_as_they_were_given(serve: Serve) -> None:
    seen: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        while request := read_request(connection):
            seen.append(request)
            connection.sendall(ok(b"Content-Length: 0\r\n", b""))

    server = serve(handle)
    host = server.url.removeprefix("http://").encode()
    client = make_client(base_url=server.url + "/v1", headers=[("User-Agent", "x"), ("Accept", "*/*")])
    client.set_cookie("a=b")
    client.get("/one?q=1")
    client.send("POST", "/two", body=b"{}", extra=b"Content-Type: application/json\r\n")
    client.send("PUT", server.url + "/three", [("A", "1"), ("Host", "other"), ("Content-Length", "0")], body=b"")
    client.send("DELETE", server.url + "?x", b"", cookie="")
    client.send("POST", "/five", b"", body=iter([b"ab", b"", b"c"]), cookie="c=d")
    first = make_client(base_url=server.url, host_first=True, headers=[("A", "1")])
    first.get("/six")
    defaults = b"User-Agent: x\r\nAccept: */*\r\n"
    assert seen == [
        b"GET /v1/one?q=1 HTTP/1.1\r\n" + defaults + b"Cookie: a=b\r\nHost: " + host + b"\r\n\r\n",
        b"POST /v1/two HTTP/1.1\r\n" + defaults + b"Content-Type: application/json\r\nCookie: a=b\r\nHost: "
        + host + b"\r\nContent-Length: 2\r\n\r\n{}",
        b"PUT /three HTTP/1.1\r\nA: 1\r\nHost: other\r\nContent-Length: 0\r\nCookie: a=b\r\n\r\n",
        b"DELETE /?x HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
        b"POST /v1/five HTTP/1.1\r\nCookie: c=d\r\nHost: " + host
        + b"\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        b"GET /six HTTP/1.1\r\nHost: " + host + b"\r\nA: 1\r\n\r\n",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        (("GET", "relative"), {}),
        (("GET", "/with blank"), {}),
        (("GET", "/ümlaut"), {}),
        (("GET", "ftp://x/"), {}),
        (("G T", "/"), {}),
        (("", "/"), {}),
        (("GET", "/"), {"headers": [("a\r\nb", "c")]}),
        (("GET", "/"), {"headers": [("a", "c\r\nX: y")]}),
        (("GET", "/"), {"headers": b"no line end"}),
        (("GET", "/"), {"extra": b"no line end"}),
        (("GET", "/"), {"cookie": "a=b\r\nX: y"}),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is(
    arguments: tuple[str, str], keywords: dict[str, object], serve: Serve
) -> None:
    server = serve(answering(ok(b"Content-Length: 0\r\n", b"")))
    with pytest.raises(ValueError, match=r"\S"):
        make_client(base_url=server.url).send(*arguments, **keywords)  # type: ignore[arg-type]
    assert server.connections == 0


def test_bodies_of_the_wrong_type_are_refused(serve: Serve) -> None:
    client = make_client(base_url=serve(answering(ok(b"Content-Length: 0\r\n", b""))).url)
    for body in ("text", 5, [1, 2], iter(["text"])):
        with pytest.raises(TypeError):
            client.send("POST", "/", body=body)  # type: ignore[arg-type]


def test_get_leaves_unusual_urls_to_its_caller(serve: Serve) -> None:
    server = serve(answering(ok(b"Content-Length: 0\r\n", b"")))
    client = make_client(base_url=server.url)
    for url in ("relative", "/a b", "/é", "/a#b", "/a%20b", server.url, ""):
        assert client.get(url) is None
    assert make_client().get("/") is None
    assert client.get("/plain").status_code == 200
