"""WebSocketUser against a server of the package websockets, which runs in a process of its own."""

from __future__ import annotations

import json
import signal
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
import trustme

from locust_rs.contrib.websocket import ConnectionClosed, HandshakeRefused, TimedOut, WebSocketUser
from locust_rs.exception import LocustError
from websocket_server import WebSocketServer, websocket_server

Requests = list[dict[str, Any]]
MakeUser = Callable[..., WebSocketUser]


def kinds(requests: Requests) -> list[tuple[str, str]]:
    return [(request["request_type"], request["name"]) for request in requests]


@pytest.fixture
def own_server() -> Iterator[WebSocketServer]:
    """A server that the test may kill."""
    with websocket_server() as server:
        yield server


def test_every_operation_is_one_request(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(shared_server.url).client
    before = time.time()
    assert client.connect("/echo")
    assert client.send("grüße")
    assert client.receive(name="greeting") == "grüße"
    assert client.send(b"\x00\xff", name="blob")
    assert client.receive(name=lambda message: f"{len(message)} bytes") == b"\x00\xff"
    assert client.round_trip("?", name="question") == "?"
    answered_in_ms = client.ping()
    client.close()

    assert kinds(requests) == [
        ("WSConnect", "/echo"),
        ("WSSend", "/echo"),
        ("WSReceive", "greeting"),
        ("WSSend", "blob"),
        ("WSReceive", "2 bytes"),
        ("WSRoundTrip", "question"),
        ("WSPing", "/echo"),
    ]
    assert [request["response_length"] for request in requests] == [0, 7, 7, 2, 2, 1, 4]
    assert all(request["exception"] is None and request["url"].endswith("/echo") for request in requests)
    assert all(request["response_time"] >= 0 for request in requests)
    assert [request["start_time"] for request in requests] == sorted(request["start_time"] for request in requests)
    assert before <= requests[0]["start_time"] <= time.time()
    assert requests[-1]["response_time"] == answered_in_ms
    assert client.received_at is not None
    assert before <= client.received_at <= time.time()


def test_answers_find_their_round_trips_whatever_their_order(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(shared_server.url).client
    client.connect("/rpc")

    def call(id: int, delay_ms: int) -> Any:
        return client.round_trip(json.dumps({"id": id, "delay_ms": delay_ms}), id=id, name=f"call {id}")

    calls = [gevent.spawn(call, number, (5 - number) * 60) for number in range(5)]
    gevent.joinall(calls, raise_error=True)
    assert [json.loads(done.value)["id"] for done in calls] == [0, 1, 2, 3, 4]
    times = {request["name"]: request["response_time"] for request in requests}
    assert all(times[f"call {number}"] >= (5 - number) * 60 - 1 for number in range(5))


def test_an_answer_is_recognised_by_a_predicate_and_other_messages_stay(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(shared_server.url).client
    client.connect("/echo")
    client.send("news")
    assert client.round_trip("reply 7", match=lambda message: message.endswith("7")) == "reply 7"
    assert client.receive() == "news"
    assert client.round_trip('{"id": "a", "x": 1}', id="a") == '{"id": "a", "x": 1}'

    def broken(_message: Any) -> bool:
        raise KeyError("nothing")

    assert client.round_trip("x", match=broken) is None
    assert isinstance(requests[-1]["exception"], KeyError)
    # The message that the predicate failed on is there for others.
    assert client.receive() == "x"


def test_ids_come_from_where_the_user_says(shared_server: WebSocketServer, make_user: MakeUser) -> None:
    client = make_user(shared_server.url).client
    client.id_of = lambda message: message.partition(":")[0]
    client.connect("/echo")
    assert client.round_trip("17:hello", id="17") == "17:hello"
    waiting = gevent.spawn(client.round_trip, "other", id="18", timeout=30)
    gevent.sleep(0)
    with pytest.raises(ValueError, match="already waiting for the id '18'"):
        client.round_trip("x", id="18")
    client.send("18:")
    assert waiting.get() == "18:"


def test_pushes_are_iterated_until_the_server_ends_them(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(shared_server.url).client
    client.connect("/push?count=3", name="feed")
    assert list(client.messages(name=lambda message: message.partition(" ")[0])) == ["push 0", "push 1", "push 2"]
    assert kinds(requests) == [("WSConnect", "feed")] + [("WSReceive", "push")] * 3
    assert (client.is_connected, client.close_code) == (False, 1000)


def test_an_end_that_comes_with_the_handshake_is_answered(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    # Without the answer the server would wait, and each closing would take the whole close_timeout.
    client = make_user(shared_server.url, close_timeout=600.0).client
    for _ in range(20):
        client.connect("/push?count=0")
        assert list(client.messages()) == []
    assert [request["exception"] for request in requests] == [None] * 20


@pytest.mark.parametrize(("code", "is_failure"), [(1000, False), (1001, False), (1011, True), (4007, True)])
def test_the_code_of_an_end_says_whether_it_is_a_failure(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests, code: int, is_failure: bool
) -> None:
    client = make_user(shared_server.url).client
    client.connect(f"/push?count=1&code={code}&reason=because", name="feed")
    assert list(client.messages()) == ["push 0"]
    failures = [request["exception"] for request in requests if request["exception"] is not None]
    if is_failure:
        (failure,) = failures
        assert isinstance(failure, ConnectionClosed)
        assert (failure.code, failure.reason) == (code, "because")
        assert str(failure) == f"connection closed with {code}: because"
    else:
        assert failures == []
    assert (client.close_code, client.close_reason) == (code, "because")


def test_a_handler_gets_what_answers_nothing_and_stays_after_a_reconnection(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests, until: Any, caplog: Any
) -> None:
    got: list[Any] = []

    def on_message(self: Any, message: Any) -> None:
        got.append(message)
        if message == "bad":
            raise RuntimeError("handler")

    user = make_user(shared_server.url, on_message=on_message)
    user.client.connect("/echo")
    user.client.send("bad")
    user.client.send("pushed")
    assert user.client.round_trip("answer", match=lambda message: message == "answer") == "answer"
    until(lambda: len(got) == 2)
    assert "The handler of WebSocket messages failed" in caplog.text
    user.client.connect("/echo")
    user.client.send("again")
    until(lambda: len(got) == 3)
    assert got == ["bad", "pushed", "again"]
    assert [name for kind, name in kinds(requests) if kind == "WSReceive"] == ["/echo"] * 3
    assert all(request["exception"] is None for request in requests)


def test_what_does_not_come_in_time_is_a_failure(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(shared_server.url, timeout=0.05).client
    client.connect("/silent", timeout=30)
    assert client.receive() is None
    assert client.round_trip("x") is None
    assert client.round_trip("x", id=1, timeout=0.01) is None
    assert list(client.messages(timeout=0.01)) == []
    failures = [request["exception"] for request in requests[1:]]
    assert [str(failure) for failure in failures] == [
        "no message within 0.05 s",
        "no answer within 0.05 s",
        "no answer within 0.01 s",
        "no message within 0.01 s",
    ]
    assert all(isinstance(failure, TimedOut) for failure in failures)
    assert client.is_connected


def test_a_refused_handshake_is_a_failure_with_the_servers_answer(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(shared_server.url).client
    assert client.connect("/refuse") is False
    (request,) = requests
    failure = request["exception"]
    assert isinstance(failure, HandshakeRefused)
    assert str(failure) == "handshake refused: 403 Forbidden"
    assert (failure.status, failure.body) == (403, b"not for you\n")


def test_a_server_that_is_not_there_is_a_failure(make_user: MakeUser, requests: Requests, free_port: int) -> None:
    client = make_user(f"http://127.0.0.1:{free_port}").client
    assert client.connect("/x") is False
    assert client.send("x") is False
    assert kinds(requests) == [("WSConnect", "/x"), ("WSConnect", "/x")]
    assert all(isinstance(request["exception"], ConnectionRefusedError) for request in requests)


def test_headers_and_cookies_of_the_handshake(shared_server: WebSocketServer, make_user: MakeUser) -> None:
    client = make_user(f"{shared_server.url}/", headers={"X-Own": "1", "Origin": "https://shop.example"}).client
    client.cookies["kept"] = "yes"
    client.connect("/headers", headers={"Authorization": "Bearer t", "x-own": "2"}, cookies={"extra": "now"})
    sent = {name.lower(): value for name, value in json.loads(client.receive() or "").items()}
    assert (sent["x-own"], sent["authorization"], sent["origin"]) == ("2", "Bearer t", "https://shop.example")
    assert sorted(sent["cookie"].split("; ")) == ["extra=now", "kept=yes"]
    # The server's own cookie comes back on the next connection.
    client.connect("/headers")
    sent = {name.lower(): value for name, value in json.loads(client.receive() or "").items()}
    assert sorted(sent["cookie"].split("; ")) == ["kept=yes", "session=42"]


@pytest.mark.parametrize(
    ("offered", "chosen"), [([], None), (["chat.v1"], "chat.v1"), (["chat.v1", "chat.v2"], "chat.v2")]
)
def test_subprotocol_is_the_servers_choice(
    shared_server: WebSocketServer, make_user: MakeUser, offered: list[str], chosen: str | None
) -> None:
    client = make_user(shared_server.url, subprotocols=offered).client
    assert client.connect("/echo")
    assert client.subprotocol == chosen


@pytest.mark.parametrize("deflate", [True, False])
def test_permessage_deflate_is_used_if_offered(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests, deflate: bool
) -> None:
    client = make_user(shared_server.url, deflate=deflate).client
    client.connect("/echo")
    assert client.extensions == (["permessage-deflate"] if deflate else [])
    for message in ("x" * 300_000, bytes(range(256)) * 4000, "", b""):
        assert client.round_trip(message) == message
    # The length is that of the message, whatever went over the wire.
    assert [request["response_length"] for request in requests] == [0, 300_000, 1_024_000, 0, 0]


def test_a_message_beyond_the_limit_ends_the_connection(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(shared_server.url, max_message_bytes=1000, deflate=False).client
    client.connect("/echo")
    assert client.round_trip("x" * 1000) == "x" * 1000
    assert client.round_trip("x" * 1001) is None
    failure = requests[-1]["exception"]
    assert isinstance(failure, ConnectionClosed)
    assert failure.code == 1009


def test_a_server_that_breaks_the_protocol_is_a_failure(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(shared_server.url, close_timeout=0.1).client
    client.connect("/bad")
    assert client.receive() is None
    failure = requests[-1]["exception"]
    assert isinstance(failure, ConnectionClosed)
    assert failure.code == 1002


def test_unread_messages_are_bounded_and_the_log_says_so(
    shared_server: WebSocketServer, make_user: MakeUser, until: Any, caplog: Any
) -> None:
    client = make_user(shared_server.url, max_unread=2).client
    client.connect("/push?count=5")
    until(lambda: not client.is_connected)
    assert list(client.messages()) == ["push 3", "push 4"]
    assert caplog.text.count("More than 2 messages are waiting") == 1


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (lambda client: client.receive(timeout=60), "WSReceive"),
        (lambda client: list(client.messages()) or None, "WSReceive"),
        (lambda client: client.round_trip("x", id=1, timeout=60), "WSRoundTrip"),
        (lambda client: client.ping(timeout=60), "WSPing"),
    ],
    ids=["receive", "messages", "round trip", "ping"],
)
def test_a_killed_server_ends_what_waits_for_it(
    own_server: WebSocketServer, make_user: MakeUser, requests: Requests, act: Callable[[Any], Any], kind: str
) -> None:
    client = make_user(own_server.url).client
    client.connect("/silent")
    if kind == "WSPing":
        own_server.process.send_signal(signal.SIGSTOP)
    waiting = gevent.spawn(act, client)
    gevent.sleep(0.05)
    assert not waiting.ready()
    own_server.kill()
    assert waiting.get(timeout=30) is None
    assert kinds(requests)[-1][0] == kind
    failure = requests[-1]["exception"]
    assert isinstance(failure, ConnectionClosed)
    assert failure.code == 1006
    # The operation after the one that noticed tries to connect again.
    assert client.send("x") is False
    assert kinds(requests)[2:] == [("WSConnect", "/silent")]


def test_a_lost_connection_is_opened_again_with_its_login(
    own_server: WebSocketServer, make_user: MakeUser, requests: Requests, until: Any
) -> None:
    def on_connect(self: WebSocketUser) -> None:
        self.client.round_trip("login", name="login")

    client = make_user(own_server.url, on_connect=on_connect, subprotocols=["chat.v1"]).client
    client.connect("/echo")
    own_server.kill()
    until(lambda: not client.is_connected)
    assert client.send("lost") is False
    with websocket_server(port=own_server.port):
        assert client.round_trip("back") == "back"
        assert client.subprotocol == "chat.v1"
    shown = [(*kind, request["exception"] is None) for kind, request in zip(kinds(requests), requests, strict=True)]
    assert shown == [
        ("WSConnect", "/echo", True),
        ("WSRoundTrip", "login", True),
        ("WSSend", "/echo", False),
        ("WSConnect", "/echo", True),
        ("WSRoundTrip", "login", True),
        ("WSRoundTrip", "/echo", True),
    ]


def test_without_reconnection_every_operation_fails(
    shared_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(shared_server.url, reconnect=False).client
    client.connect("/push?count=0&code=4000", name="feed")
    assert [client.receive(), client.send("x"), client.round_trip("x"), client.ping()] == [None, False, None, None]
    assert kinds(requests[1:]) == [
        ("WSReceive", "feed"), ("WSSend", "feed"), ("WSRoundTrip", "feed"), ("WSPing", "feed")
    ]  # fmt: skip
    assert {str(request["exception"]) for request in requests[1:]} == {"connection closed with 4000"}


def test_a_silent_server_is_found_by_pings(
    own_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(own_server.url, ping_interval=0.2, close_timeout=0.1).client
    client.connect("/silent")
    own_server.process.send_signal(signal.SIGSTOP)
    assert client.receive(timeout=60) is None
    assert str(requests[-1]["exception"]) == "connection closed with 1006: no answer to a ping within 0.2 s"


def test_a_server_that_reads_nothing_does_not_hold_the_user(
    own_server: WebSocketServer, make_user: MakeUser, requests: Requests
) -> None:
    client = make_user(own_server.url, deflate=False, close_timeout=0.1).client
    client.connect("/echo")
    own_server.process.send_signal(signal.SIGSTOP)
    assert client.send(b"x" * 2**26, timeout=0.2) is False
    assert str(requests[-1]["exception"]) == "the server did not take the message within 0.2 s"
    client.close()


def test_a_flood_leaves_room_for_the_users_own_words(shared_server: WebSocketServer, make_user: MakeUser) -> None:
    client = make_user(shared_server.url, max_unread=10).client
    other = make_user(shared_server.url).client
    client.connect("/flood")
    other.connect("/echo")
    assert client.receive() == "x" * 1000
    assert client.ping() is not None
    assert other.round_trip("meanwhile") == "meanwhile"
    client.close()
    assert not client.is_connected


def test_wrong_uses_say_what_to_do(shared_server: WebSocketServer, make_user: MakeUser, environment: Any) -> None:
    client = make_user(shared_server.url).client
    with pytest.raises(LocustError, match=r"call connect\(\) first"):
        client.send("x")
    client.connect("/echo")
    with pytest.raises(TypeError, match="a WebSocket message is a str or bytes, not dict"):
        client.send({"a": 1})  # type: ignore[arg-type]
    environment.host = None
    with pytest.raises(LocustError, match="needs a host"):
        make_user(None).client.connect("/x")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls_server(authority: trustme.CA, tmp_path_factory: Any) -> Iterator[WebSocketServer]:
    path: Path = tmp_path_factory.mktemp("tls") / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(path)
    with websocket_server(certificate=path) as server:
        yield server


def test_certificates_are_verified_as_the_http_users_do(
    tls_server: WebSocketServer,
    authority: trustme.CA,
    make_user: MakeUser,
    requests: Requests,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    assert make_user(tls_server.url).client.connect("/echo") is False
    assert isinstance(requests[-1]["exception"], ssl.SSLCertVerificationError)
    for attributes in ({"verify": str(bundle)}, {"verify": False}, {"insecure": True}):
        client = make_user(tls_server.url.replace("wss", "https"), **attributes).client
        assert client.connect("/echo"), requests[-1]["exception"]
        assert client.round_trip("x" * 100_000) == "x" * 100_000
        client.close()
    context = ssl.create_default_context(cafile=str(bundle))
    assert make_user(tls_server.url, ssl_context=context).client.connect("/echo")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert make_user(tls_server.url).client.connect("/echo")
    assert make_user(tls_server.url, trust_env=False).client.connect("/echo") is False


def test_a_context_is_shared_by_the_users(tls_server: WebSocketServer, make_user: MakeUser) -> None:
    from locust_rs.contrib.websocket import opening

    users = [make_user(tls_server.url, insecure=True) for _ in range(3)]
    opening._shared_context.cache_clear()
    assert all(user.client.connect("/echo") for user in users)
    assert opening._shared_context.cache_info().currsize == 1
