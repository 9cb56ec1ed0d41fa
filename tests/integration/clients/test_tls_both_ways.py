"""TLS through the engine and the old way: what is accepted, what is refused, and how the refusal is reported."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme
from gevent.pywsgi import WSGIServer

MakeSession = Callable[..., Any]


class Place(NamedTuple):
    """A TLS server and the files to go there with."""

    url: str
    other_name: str
    authority: str
    client_certificate: str


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"over {environ['wsgi.url_scheme']}".encode()]


def serve(context: ssl.SSLContext) -> WSGIServer:
    server = WSGIServer(("127.0.0.1", 0), application, log=None, error_log=None, ssl_context=context)
    server.start()
    return server


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server whose certificate is for 127.0.0.1 only, by an authority that nobody knows."""
    folder: Path = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("client@example.com").private_key_and_cert_chain_pem.write_to_path(folder / "client.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    server = serve(context)
    port = server.server_port
    yield Place(
        f"https://127.0.0.1:{port}", f"https://localhost:{port}", str(folder / "ca.pem"), str(folder / "client.pem")
    )
    server.stop()


def outcome(response: Any) -> Any:
    """Status, text, and the class of what went wrong."""
    return response.status_code, response.text or None, type(getattr(response, "error", None)).__name__


def verified(session: Any, verify: Any, cert: Any = None) -> Any:
    session.verify = verify
    session.cert = cert
    return session.get("/")


HTTP: dict[str, Callable[[Any, Place], Any]] = {
    "unknown authority": lambda s, p: s.get("/"),
    "known authority": lambda s, p: verified(s, p.authority),
    "not verified": lambda s, p: verified(s, False),
    "wrong name": lambda s, p: [verified(s, p.authority), s.get(p.other_name + "/")][1],
    "client certificate": lambda s, p: verified(s, p.authority, p.client_certificate),
    "changed in between": lambda s, p: [verified(s, False), verified(s, True)][1],
}


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("call", HTTP.values(), ids=HTTP.keys())
def test_http_session_verifies_as_requests_does(
    call: Callable[[Any, Place], Any], place: Place, make_session: MakeSession
) -> None:
    outcomes = []
    for http_engine in (True, False):
        with make_session("http", place.url, http_engine) as session:
            response = call(session, place)
            failures = session.user.environment.stats.total.num_failures
            outcomes.append((outcome(response), failures))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("insecure", [True, False])
def test_fast_http_session_verifies_unless_told_otherwise(
    insecure: bool, place: Place, make_session: MakeSession
) -> None:
    outcomes = []
    for http_engine in (True, False):
        session = make_session("fast", place.url, http_engine, insecure=insecure)
        response = session.get("/")
        assert isinstance(getattr(response, "error", None), ssl.SSLError) is not insecure
        outcomes.append((response.status_code, response.text, session.user.environment.stats.total.num_failures))
        session.client.close()
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("missing", ["/no/such/bundle.pem", "/no/such/certificate.pem"])
def test_missing_files_are_named_as_requests_names_them(missing: str, place: Place, make_session: MakeSession) -> None:
    with make_session("http", place.url) as session:
        if "bundle" in missing:
            session.verify = missing
        else:
            session.cert = missing
        with pytest.raises(OSError, match=missing):
            session.get("/")
