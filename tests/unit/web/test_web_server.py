"""Address, TLS, and the server's messages at its start."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import gevent
import pytest
import requests
import trustme

from locust_rs.web.server import is_loopback, normal_base_path, tls_files
from web_case.fixtures import MakeUI


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str, str]:
    """Paths of authority, certificate and key."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    paths = [tmp_path / name for name in ("ca.pem", "cert.pem", "key.pem")]
    authority.cert_pem.write_to_path(paths[0])
    issued.cert_chain_pems[0].write_to_path(paths[1])
    issued.private_key_pem.write_to_path(paths[2])
    return tuple(map(str, paths))


@pytest.fixture
def serve(make_ui: MakeUI) -> Any:
    """Starts a UI and returns its address and the UI."""
    started: list[Any] = []

    def start(host: str = "127.0.0.1", **ui_args: Any) -> Any:
        ui = make_ui(ui=ui_args)
        ui.host = host
        started.append(ui)
        ui.start()
        with gevent.Timeout(20):
            while ui.server is None or ui.server.socket is None:
                gevent.sleep(0.01)
        return ui

    yield start
    for ui in started:
        ui.stop()
        ui.greenlet.join(10)


def test_it_serves_until_it_is_stopped(serve: Any) -> None:
    ui = serve()
    address = f"http://127.0.0.1:{ui.server.server_port}/worker-count"
    assert requests.get(address, timeout=20).json() == {"worker_count": 0}
    ui.stop()
    ui.greenlet.join(10)
    assert ui.greenlet.ready()
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=20)


@pytest.mark.parametrize("by", ["arguments", "environment"])
def test_https(serve: Any, certificate: Any, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    authority, cert, key = certificate
    if by == "environment":
        monkeypatch.setenv("SSL_CERT", cert)
        monkeypatch.setenv("SSL_KEY", key)
        ui = serve()
    else:
        ui = serve(tls_cert=cert, tls_key=key)
    answer = requests.get(f"https://127.0.0.1:{ui.server.server_port}/worker-count", verify=authority, timeout=20)
    assert answer.json() == {"worker_count": 0}
    assert ui.app.config["SESSION_COOKIE_SECURE"]


def test_https_against_http_is_explained(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    ui = serve()
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://127.0.0.1:{ui.server.server_port}/", timeout=20)
    assert "An https request was made against Locust's Web UI (which was expecting http)" in caplog.text


def test_a_busy_port_is_named(serve: Any, make_ui: MakeUI) -> None:
    first = serve()
    second = make_ui()
    second.port = first.server.server_port
    with pytest.raises(OSError, match=rf"can't listen on 127.0.0.1:{second.port}: .*--web-port"):
        second.start_server()
    second.stop()


@pytest.mark.parametrize(
    ("certificate_text", "words"), [(None, "--tls-cert: there is no file"), ("nonsense", "are not a PEM certificate")]
)
def test_tls_files_must_be_usable(make_ui: MakeUI, tmp_path: Path, certificate_text: str | None, words: str) -> None:
    path = tmp_path / "cert.pem"
    if certificate_text:
        path.write_text(certificate_text)
    ui = make_ui(ui={"tls_cert": str(path), "tls_key": str(path)})
    with pytest.raises(ValueError, match=words):
        ui.start_server()
    ui.stop()


def test_half_of_tls_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="--tls-cert is set without --tls-key"):
        tls_files("cert.pem", None)
    monkeypatch.setenv("SSL_CERT", "authorities.pem")  # what other programs use it for
    assert tls_files(None, None) == (None, None)


@pytest.mark.parametrize(
    ("host", "protection", "warned"),
    [
        ("", {}, True),
        ("0.0.0.0", {}, True),
        ("127.0.0.1", {}, False),
        ("::1", {}, False),
        ("", {"web_login": True}, False),
    ],
)
def test_an_open_door_is_mentioned_once(
    make_ui: MakeUI, caplog: pytest.LogCaptureFixture, host: str, protection: dict[str, Any], warned: bool
) -> None:
    from locust_rs.web.server import warn_if_exposed

    ui = make_ui(ui=protection)
    ui.host = host
    warn_if_exposed(ui)
    assert ("is open to everyone who can reach it" in caplog.text) is warned


@pytest.mark.parametrize(
    ("given", "base"), [(None, ""), ("", ""), ("/", ""), ("a", "/a"), ("/a/", "/a"), ("/a/b", "/a/b")]
)
def test_base_paths_are_normalised(given: str | None, base: str) -> None:
    assert normal_base_path(given) == base


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.3.2.1", True), ("::1", True), ("", False), ("*", False), ("10.0.0.1", False)],
)
def test_loopback_addresses(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_the_minimum_is_tls_1_2(certificate: Any) -> None:
    from locust_rs.web.server import _tls_context

    assert _tls_context(certificate[1], certificate[2]).minimum_version == ssl.TLSVersion.TLSv1_2
