"""Servers that the engine's TLS cannot reach: the library reaches them, or its error is what the user gets."""

from __future__ import annotations

import logging
import os
import re
import shutil
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gevent import socket
from gevent.pywsgi import WSGIServer
from gevent.server import StreamServer
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from certificates import make_certificates, openssl
from locust_rs.http.common import tls_origins
from locust_rs.http.requests import tls

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")

MakeSession = Callable[..., Any]


class CountingServer(WSGIServer):  # type: ignore[misc]
    """A TLS server that counts connections, whatever becomes of their handshakes, and answers with the body."""

    connections = 0

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), self.answer, log=None, error_log=None, ssl_context=context)

    def wrap_socket_and_handle(self, client_socket: Any, address: Any) -> Any:
        self.connections += 1
        try:
            return super().wrap_socket_and_handle(client_socket, address)
        except OSError:
            client_socket.close()

    @staticmethod
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/redirect":
            start_response("302 Found", [("Location", "/target"), ("Set-Cookie", "seen=1")])
            return [b""]
        start_response("200 OK", [("Content-Type", "text/plain")])
        cookie = environ.get("HTTP_COOKIE", "")
        return [f"{environ['PATH_INFO']} {cookie} ".encode(), environ["wsgi.input"].read()]


@pytest.fixture
def open_session(make_session: MakeSession) -> Iterator[MakeSession]:
    """Makes sessions, and closes their connections after the test."""
    sessions = []

    def make(kind: str, *args: Any, **kwargs: Any) -> Any:
        sessions.append(make_session(kind, *args, **kwargs))
        return sessions[-1]

    yield make
    for session in sessions:
        (session.client.clientpool if hasattr(session, "client") else session).close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("certificates")
    make_certificates(path)
    return path


Adjust = Callable[[ssl.SSLContext, Path], object]


def tls12(context: ssl.SSLContext, ciphers: str) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)


def demand_client(context: ssl.SSLContext, folder: Path, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> None:
    context.minimum_version = context.maximum_version = version
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED


KINDS: dict[str, tuple[str, Adjust]] = {
    "modern": ("rsa", lambda c, f: None),
    "cbc": ("rsa", lambda c, f: tls12(c, "ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA256")),
    "dhe": ("rsa", lambda c, f: (tls12(c, "DHE-RSA-AES128-GCM-SHA256"), c.load_dh_params(f / "dh.pem"))),
    "p521 certificate": ("p521", lambda c, f: None),
    "p521 exchange": ("rsa", lambda c, f: c.set_ecdh_curve("secp521r1")),
    "rsa exchange": ("rsa", lambda c, f: tls12(c, "AES128-GCM-SHA256")),
    "x509 v1": ("v1", lambda c, f: None),
    "signed": ("signed", lambda c, f: None),
    "expired": ("expired", lambda c, f: None),
    "wrong host": ("elsewhere", lambda c, f: None),
    "client demanded": ("signed", demand_client),
    "client demanded by 1.3": ("signed", lambda c, f: demand_client(c, f, ssl.TLSVersion.TLSv1_3)),
}

REACHED_UNVERIFIED = KINDS.keys() - {"rsa exchange", "client demanded", "client demanded by 1.3"}
REACHED_WITH_ITS_FILE = {"modern", "cbc", "dhe", "p521 certificate", "p521 exchange", "signed"}


@contextmanager
def serving(kind: str, folder: Path) -> Iterator[CountingServer]:
    name, adjust = KINDS[kind]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    adjust(context, folder)
    server = CountingServer(context)
    server.start()
    yield server
    server.stop(timeout=0)


def url_of(server: Any) -> str:
    return f"https://localhost:{server.server_port}"


def outcome(response: Any) -> Any:
    """Status, text, and class and text of what went wrong."""
    error = getattr(response, "error", None)
    return response.status_code, response.text or None, re.sub(" at 0x[0-9a-f]+", "", repr(error))


def trusted_file(kind: str, folder: Path) -> str:
    name = KINDS[kind][0]
    return str(folder / ("ca.pem" if name in ("signed", "expired", "elsewhere") else f"{name}.pem"))


@pytest.mark.parametrize("verified", ["unverified", "by requests' bundle", "by its file"])
@pytest.mark.parametrize("kind", KINDS)
def test_http_session_reaches_what_requests_reaches(
    kind: str, verified: str, folder: Path, open_session: MakeSession
) -> None:
    outcomes = []
    verify = {"unverified": False, "by requests' bundle": True}.get(verified, trusted_file(kind, folder))
    reached = {"unverified": REACHED_UNVERIFIED, "by its file": REACHED_WITH_ITS_FILE}.get(verified, set())
    with serving(kind, folder) as server:
        for http_engine in (True, False):
            with open_session("http", url_of(server), http_engine) as session:
                session.verify = verify
                answers = [session.get("/"), session.post("/post", data="body"), session.get("/redirect")]
                outcomes.append([outcome(answer) for answer in answers])
                assert [answer.status_code == 200 for answer in answers] == [kind in reached] * 3
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("insecure", [True, False], ids=["insecure", "verified"])
@pytest.mark.parametrize("kind", KINDS)
def test_fast_http_session_reaches_what_geventhttpclient_reaches(
    kind: str, insecure: bool, folder: Path, open_session: MakeSession
) -> None:
    outcomes = []
    reached = REACHED_UNVERIFIED if insecure else set()
    with serving(kind, folder) as server:
        for http_engine in (True, False):
            session = open_session("fast", url_of(server), http_engine, insecure=insecure)
            answers = [session.get("/"), session.post("/post", data="body"), session.get("/redirect")]
            outcomes.append([outcome(answer) for answer in answers])
            assert [answer.status_code == 200 for answer in answers] == [kind in reached] * 3
    assert outcomes[0] == outcomes[1]


CLIENT_CERTIFICATES: dict[str, Callable[[Path], Any]] = {
    "one file": lambda f: str(f / "client.pem"),
    "a pair": lambda f: (str(f / "client.pem"), str(f / "client.pem")),
}


@pytest.mark.parametrize("cert", CLIENT_CERTIFICATES.values(), ids=CLIENT_CERTIFICATES)
def test_client_certificates_are_shown_in_every_form(
    cert: Callable[[Path], Any], folder: Path, open_session: MakeSession
) -> None:
    for kind in ("client demanded", "client demanded by 1.3"):
        with serving(kind, folder) as server:
            session = open_session("http", url_of(server))
            session.verify, session.cert = str(folder / "ca.pem"), cert(folder)
            assert outcome(session.get("/")) == (200, "/  ", "None")


def test_an_encrypted_key_is_left_to_requests(folder: Path) -> None:
    assert tls.settings(True, (str(folder / "client.pem"), str(folder / "client.pem"))) is not None
    assert tls.settings(True, (str(folder / "client.pem"), str(folder / "encrypted.key"))) is None


def test_verify_may_name_a_directory(folder: Path, open_session: MakeSession, tmp_path: Path) -> None:
    shutil.copy(folder / "ca.pem", tmp_path)
    openssl(tmp_path, "rehash", ".")
    with serving("signed", folder) as server:
        for http_engine in (True, False):
            session = open_session("http", url_of(server), http_engine)
            session.verify = str(tmp_path)
            assert outcome(session.get("/")) == (200, "/  ", "None")


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_an_origin_leaves_once_with_one_line(
    kind: str, folder: Path, open_session: MakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"insecure": True} if kind == "fast" else {}
    with serving("cbc", folder) as server, caplog.at_level(logging.INFO, "locust.http"):
        connections = []
        for _ in range(3):
            session = open_session(kind, url_of(server), **settings)
            session.verify = False
            for path in ("/", "/again", "/redirect"):
                assert session.get(path).status_code == 200
            assert session.post("/post", data="x").text.endswith("x")
            assert session.user.environment.stats.total.num_requests == 4
            connections.append(server.connections)
        if kind == "http":
            session.verify = True
            assert session.get("/").status_code == 0
    assert connections == [2, 3, 4]
    lines = [record.getMessage() for record in caplog.records if url_of(server) in record.getMessage()]
    assert len(lines) == 1
    assert "leaves the engine" in lines[0]
    assert "cost" in lines[0]


def test_the_verified_origin_stays_on_the_engine_when_another_setting_has_left(
    folder: Path, open_session: MakeSession
) -> None:
    with serving("signed", folder) as server, open_session("http", url_of(server)) as session:
        assert session.get("/").status_code == 0
        response = session.get("/", verify=str(folder / "ca.pem"))
        assert hasattr(response, "timings_ms")


def marked(session: Any, **kwargs: Any) -> Any:
    with session.get("/", catch_response=True, **kwargs) as response:
        response.failure("not what was meant")
    return response


def hooked(session: Any) -> Any:
    seen: list[int] = []
    response = session.get("/redirect", hooks={"response": lambda r, *_args, **_kwargs: seen.append(r.status_code)})
    assert seen == [302, 200]
    return response


def retried(session: Any) -> Any:
    session.mount("https://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[500])))
    return session.get("/")


def signed(request: Any) -> Any:
    request.headers["Cookie"] = "signed=1"
    return request


BOTH: dict[str, Callable[[Any], Any]] = {
    "name": lambda s: s.get("/?a=b", name="grouped"),
    "catch_response": marked,
    "json": lambda s: s.post("/", json={"a": "é"}),
    "form": lambda s: s.put("/", data={"a": "1"}),
    "text": lambda s: s.post("/", data="é"),
    "params": lambda s: s.get("/", params={"a": 1}),
    "auth": lambda s: s.get("/redirect", auth=("a", "b")),
    "stream": lambda s: s.get("/", stream=True),
    "no redirect": lambda s: s.get("/redirect", allow_redirects=False),
    "cookie": lambda s: [s.get("/redirect"), s.get("/after")][1],
    "head": lambda s: s.head("/"),
}
FORMS = [
    *(("http", name, call) for name, call in BOTH.items()),
    *(("fast", name, call) for name, call in BOTH.items()),
    ("http", "hook", hooked),
    ("http", "auth object", lambda s: s.get("/", auth=signed)),
    ("http", "retries", retried),
    ("http", "cookies of the call", lambda s: s.get("/redirect", cookies={"own": "1"})),
    ("http", "timeout", lambda s: s.get("/", timeout=(5, 5))),
    ("fast", "rest", lambda s: s.post("/", data=b"x", headers={"Content-Type": "x/y"})),
]


@pytest.mark.parametrize(("kind", "call"), [form[::2] for form in FORMS], ids=[f"{k} {n}" for k, n, _ in FORMS])
def test_every_form_is_sent_as_the_library_sends_it(
    kind: str, call: Callable[[Any], Any], folder: Path, open_session: MakeSession
) -> None:
    results = []
    with serving("cbc", folder) as server:
        for http_engine in (True, False):
            session = open_session(kind, url_of(server), http_engine)
            session.verify = False
            events: list[dict[str, Any]] = []
            session.request_event.add_listener(lambda events=events, **event: events.append(event))
            response = call(session)
            told = [
                (e["request_type"], e["name"], e["url"], e["response_length"], repr(e["exception"])) for e in events
            ]
            history = [earlier.status_code for earlier in response.history]
            results.append((outcome(response), response.url, history, dict(response.request.headers), told))
    assert results[0] == results[1]


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_redirect_to_such_a_server_is_followed(kind: str, folder: Path, open_session: MakeSession) -> None:
    def redirecting(_environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        start_response("302 Found", [("Location", f"{url_of(server)}/there")])
        return [b""]

    first = WSGIServer(("127.0.0.1", 0), redirecting, log=None, error_log=None)
    first.start()
    with serving("cbc", folder) as server:
        for _ in range(2):
            session = open_session(kind, f"http://127.0.0.1:{first.server_port}")
            session.verify = False
            response = session.get("/")
            assert outcome(response) == (200, "/there  ", "None")
            assert [earlier.status_code for earlier in response.history] == [302]
    first.stop(timeout=0)


def test_files_are_sent_in_full_by_the_second_try(folder: Path, open_session: MakeSession, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(b"the content")
    for kind in ("http", "fast"):
        with serving("cbc", folder) as server, open(tmp_path / "upload", "rb") as upload:
            session = open_session(kind, url_of(server))
            session.verify = False
            assert b"the content" in session.post("/upload", files={"file": upload}).content


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_the_reported_time_is_that_of_the_library(kind: str, folder: Path, open_session: MakeSession) -> None:
    with serving("cbc", folder) as server:
        session = open_session(kind, url_of(server))
        session.verify = False
        seen: list[dict[str, Any]] = []
        session.request_event.add_listener(lambda **event: seen.append(event))
        began = time.time()
        session.get("/")
    assert len(seen) == 1
    assert seen[0]["response_time"] > 0
    assert seen[0]["start_time"] >= began


@contextmanager
def closing_first(count: float, server: Any) -> Iterator[StreamServer]:
    """Closes the first `count` connections in their handshake, and passes the others to the TLS server."""
    accepted = []

    def handle(connection: socket.socket, address: Any) -> None:
        accepted.append(address)
        if len(accepted) <= count:
            connection.recv(1)
            connection.close()
        else:
            server.wrap_socket_and_handle(connection, address)

    front = StreamServer(("127.0.0.1", 0), handle)
    front.start()
    yield front
    front.stop(timeout=0)


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_handshake_that_the_server_closes_fails_as_the_library_fails(
    kind: str, folder: Path, open_session: MakeSession
) -> None:
    outcomes = []
    with serving("modern", folder) as server, closing_first(float("inf"), server) as front:
        for http_engine in (True, False):
            session = open_session(kind, url_of(front), http_engine)
            session.verify = False
            outcomes.append([outcome(session.get("/")), outcome(session.post("/", data="x"))])
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0][0] == 0


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_request_that_was_taken_is_not_sent_again(kind: str, folder: Path, open_session: MakeSession) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "rsa.pem", folder / "rsa.key")
    taken = []

    def handle(connection: Any, _address: Any) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            taken.append(secure.recv(65536))
            os.write(secure.fileno(), b"no record of TLS")
            secure.recv(1)  # the alert

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    try:
        session = open_session(kind, url_of(server))
        session.verify = False
        response = session.post("/", data="order")
    finally:
        server.stop(timeout=0)
    assert response.status_code == 0
    assert [request.startswith(b"POST / ") for request in taken] == [True]


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_an_origin_that_closed_a_handshake_comes_back_to_the_engine(
    kind: str, folder: Path, open_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving("modern", folder) as server, closing_first(1, server) as front:
        session = open_session(kind, url_of(front))
        session.verify = False
        assert not hasattr(session.get("/"), "timings_ms")
        assert not hasattr(session.get("/"), "timings_ms")
        later = time.monotonic() + 2 * tls_origins.CLOSED_HANDSHAKE_SEC
        monkeypatch.setattr(time, "monotonic", lambda: later)
        session.get("/")  # finds that the time is over
        assert hasattr(session.get("/"), "timings_ms")


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_secrets_are_logged_where_openssl_logs_them(
    kind: str, folder: Path, open_session: MakeSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    with serving("modern", folder) as server:
        session = open_session(kind, url_of(server))
        session.verify = False
        assert session.get("/").status_code == 200
    assert "SECRET" in (tmp_path / "keys").read_text() or "CLIENT_RANDOM" in (tmp_path / "keys").read_text()
