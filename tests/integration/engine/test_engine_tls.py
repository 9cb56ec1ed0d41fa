"""TLS with certificates of the tests' own authority: what is accepted, what is refused, and how it is said."""

from __future__ import annotations

import datetime
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import gevent
import pytest
import trustme

from locust_rs import _core
from locust_rs.http.engine import errors
from locust_rs.http.engine.client import make_client
from polling import until

from .conftest import ScriptedServer, answering, once, read_request, reset

Serve = Callable[..., ScriptedServer]
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    return server_context(authority.issue_cert("127.0.0.1", "localhost"))


def test_a_certificate_of_a_trusted_authority_is_accepted(serve: Serve, context: ssl.SSLContext, ca_file: str) -> None:
    server = serve(answering(HELLO), ssl_context=context)
    client = make_client(base_url=server.url, tls=_core.HttpTls(verify=True, ca_file=ca_file))
    responses = [client.get("/") for _ in range(3)]
    assert [response.content for response in responses] == [b"hello"] * 3
    assert [response.reused for response in responses] == [False, True, True]
    assert responses[0].timings_ms["tls"] is not None
    assert responses[1].timings_ms["tls"] is None


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_any_certificate_is_accepted_without_verification(
    version: ssl.TLSVersion, serve: Serve, authority: trustme.CA
) -> None:
    past = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
    expired = server_context(authority.issue_cert("other.example", not_after=past))
    expired.minimum_version = expired.maximum_version = version
    server = serve(answering(HELLO), ssl_context=expired)
    assert make_client(base_url=server.url).get("/").content == b"hello"


def test_sessions_are_resumed(serve: Serve, context: ssl.SSLContext, ca_file: str) -> None:
    reused: list[bool | None] = []

    def handle(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        reused.append(connection.session_reused)
        connection.sendall(HELLO)

    server = serve(handle, ssl_context=context)
    tls = _core.HttpTls(verify=True, ca_file=ca_file)
    for _ in range(3):
        assert make_client(base_url=server.url, tls=tls).get("/").content == b"hello"
    assert reused == [False, True, True]


def test_the_server_name_and_the_protocol_are_told(serve: Serve, context: ssl.SSLContext, ca_file: str) -> None:
    names: list[str | None] = []
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.sni_callback = lambda connection, name, context: names.append(name)
    protocols: list[str | None] = []

    def handle(connection: ssl.SSLSocket) -> None:
        protocols.append(connection.selected_alpn_protocol())
        once(HELLO)(connection)

    server = serve(handle, ssl_context=context)
    tls = _core.HttpTls(verify=True, ca_file=ca_file)
    url = server.url.replace("127.0.0.1", "localhost")
    assert make_client(base_url=url, tls=tls).get("/").content == b"hello"
    assert (names, protocols) == (["localhost"], ["http/1.1"])


@pytest.mark.parametrize("case", ["expired", "future", "wrong host", "unknown authority"])
def test_bad_certificates_are_refused_with_a_reason(
    case: str, serve: Serve, authority: trustme.CA, ca_file: str
) -> None:
    past = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
    future = datetime.datetime(2090, 1, 1, tzinfo=datetime.UTC)
    certificate, words = {
        "expired": lambda: (authority.issue_cert("127.0.0.1", not_after=past), "expired"),
        "future": lambda: (authority.issue_cert("127.0.0.1", not_before=future), "not valid yet"),
        "wrong host": lambda: (authority.issue_cert("other.example"), "not made for this host"),
        "unknown authority": lambda: (trustme.CA().issue_cert("127.0.0.1"), "not one of the trusted authorities"),
    }[case]()
    server = serve(answering(HELLO), ssl_context=server_context(certificate))
    client = make_client(base_url=server.url, tls=_core.HttpTls(verify=True, ca_file=ca_file))
    with pytest.raises(errors.CertificateError, match=words) as caught:
        client.get("/")
    assert caught.value.phase == "tls"  # type: ignore[attr-defined]
    assert client.open_connections == 0
    if case == "wrong host":
        lenient = _core.HttpTls(verify=True, ca_file=ca_file, check_hostname=False)
        assert make_client(base_url=server.url, tls=lenient).get("/").content == b"hello"


def test_a_client_certificate_is_shown(
    serve: Serve, context: ssl.SSLContext, authority: trustme.CA, ca_file: str, tmp_path: Path
) -> None:
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    server = serve(answering(HELLO), ssl_context=context)
    mine = authority.issue_cert("me@example.org")
    both, key, chain = tmp_path / "both.pem", tmp_path / "key.pem", tmp_path / "chain.pem"
    mine.private_key_and_cert_chain_pem.write_to_path(str(both))
    mine.private_key_pem.write_to_path(str(key))
    chain.write_bytes(b"".join(blob.bytes() for blob in mine.cert_chain_pems))
    for files in ({"cert_file": str(both)}, {"cert_file": str(chain), "key_file": str(key)}):
        tls = _core.HttpTls(verify=True, ca_file=ca_file, **files)  # type: ignore[arg-type]
        assert make_client(base_url=server.url, tls=tls).get("/").content == b"hello"
    with pytest.raises((errors.TlsError, OSError)):
        make_client(base_url=server.url, tls=_core.HttpTls(verify=True, ca_file=ca_file)).get("/")


def test_no_common_protocol_version(serve: Serve, context: ssl.SSLContext) -> None:
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA")
    server = serve(answering(HELLO), ssl_context=context)
    with pytest.raises(errors.TlsError, match="no common"):
        make_client(base_url=server.url).get("/")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_missing_client_certificate_fails_the_handshake(version: ssl.TLSVersion, context: ssl.SSLContext) -> None:
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = context.maximum_version = version
    with socket.create_server(("127.0.0.1", 0)) as listener:
        greenlet = gevent.spawn(_refuse, listener, context)
        client = make_client(base_url=f"https://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(errors.TlsError, match="client certificate") as caught:
            client.get("/")
        assert caught.value.phase == "tls"  # type: ignore[attr-defined]
        greenlet.get(timeout=10)


def _refuse(listener: socket.socket, context: ssl.SSLContext) -> None:
    """Lets a handshake fail on the server's side. Reads on: a close with unread bytes would reset the connection."""
    connection, _ = listener.accept()
    with connection:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        while block := connection.recv(100_000):
            incoming.write(block)
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                connection.sendall(outgoing.read())
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(100_000):
                    pass
                return
            connection.sendall(outgoing.read())


def test_the_server_is_told_why_its_certificate_is_refused(serve: Serve, ca_file: str) -> None:
    told: list[str] = []
    context = server_context(trustme.CA().issue_cert("127.0.0.1"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    def handle(connection: socket.socket) -> None:
        try:
            context.wrap_socket(connection, server_side=True)
        except ssl.SSLError as error:
            told.append(str(error))

    server = serve(handle)
    client = make_client(
        base_url=server.url.replace("http:", "https:"), tls=_core.HttpTls(verify=True, ca_file=ca_file)
    )
    with pytest.raises(errors.CertificateError):
        client.get("/")
    until(lambda: bool(told))
    assert "alert" in told[0]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"\x15\x03\x03\x00\x02\x02\x28", errors.TlsError),
        (b"\x15\x03\x03\x00\x02\x02\x46", errors.TlsError),
        (b"\x15\x03\x03\x00\x02\x02\x70", errors.TlsError),
        (b"\x15\x03\x03\x00\x02\x01\x00", errors.TlsError),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", errors.TlsError),
        (b"\x16\x03\x03\x00\x04\x02\x00\x00\x00", errors.TlsError),
        (b"\x16\x03", errors.TlsError),
        (b"", errors.TlsError),
        (None, ConnectionResetError),
    ],
    ids=["handshake failure", "protocol version", "unrecognized name", "close notify", "no tls", "bad hello",
         "half a record", "close", "reset"],
)  # fmt: skip
def test_whatever_ends_a_handshake_is_an_oserror_of_the_phase_tls(
    answer: bytes | None, error: type[OSError], serve: Serve
) -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(100_000)
        if answer is None:
            reset(connection)
        else:
            connection.sendall(answer)

    server = serve(handle)
    with pytest.raises(error) as caught:
        make_client(base_url=server.url.replace("http:", "https:")).get("/")
    assert isinstance(caught.value, OSError)
    assert caught.value.phase == "tls"  # type: ignore[attr-defined]
    assert not hasattr(caught.value, "response")


def test_a_server_without_tls_is_told_from_one_with(serve: Serve) -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(100_000)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = serve(handle)
    with pytest.raises(errors.TlsError, match="does not seem to speak TLS"):
        make_client(base_url=server.url.replace("http:", "https:")).get("/")


def test_a_server_that_closes_during_the_handshake(serve: Serve) -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(100_000)

    server = serve(handle)
    with pytest.raises(errors.TlsError, match="during the handshake"):
        make_client(base_url=server.url.replace("http:", "https:")).get("/")


def test_a_silent_handshake_runs_into_the_connect_timeout(serve: Serve) -> None:
    server = serve(lambda connection: gevent.sleep(60))
    client = make_client(base_url=server.url.replace("http:", "https:"), connect_timeout=0.1)
    with pytest.raises(errors.ConnectTimeout) as caught:
        client.get("/")
    assert caught.value.phase == "tls"  # type: ignore[attr-defined]


def test_a_truncated_response_fails(serve: Serve, context: ssl.SSLContext) -> None:
    def handle(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        connection.sendall(HELLO[:-2])
        connection.shutdown(socket.SHUT_RDWR)

    with pytest.raises((errors.ServerClosed, ConnectionResetError)):
        make_client(base_url=serve(handle, ssl_context=context).url).get("/")


def test_large_bodies_both_ways(serve: Serve, context: ssl.SSLContext) -> None:
    def handle(connection: ssl.SSLSocket) -> None:
        while request := read_request(connection):
            body = request.partition(b"\r\n\r\n")[2]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    client = make_client(base_url=serve(handle, ssl_context=context).url)
    body = bytes(range(256)) * 20_000
    assert client.send("POST", "/", body=body).content == body
    stream = client.send("POST", "/", body=body, stream=True)
    assert b"".join(iter(lambda: stream.read(50_000), b"")) == body
    assert client.open_connections == 1


def test_close_notify_on_an_idle_connection_closes_it(serve: Serve, context: ssl.SSLContext) -> None:
    client = make_client(base_url=serve(once(HELLO), ssl_context=context).url)
    assert client.get("/").content == b"hello"
    until(lambda: client.open_connections == 0)


def test_settings_that_cannot_work_are_refused(tmp_path: Path, ca_file: str) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing here")
    with pytest.raises(ValueError, match="ca_file"):
        _core.HttpTls(verify=True)
    with pytest.raises(FileNotFoundError):
        _core.HttpTls(verify=True, ca_file=str(tmp_path / "missing"))
    with pytest.raises(ValueError, match="no certificate"):
        _core.HttpTls(verify=True, ca_file=str(empty))
    with pytest.raises(ValueError, match="private key"):
        _core.HttpTls(cert_file=ca_file)
