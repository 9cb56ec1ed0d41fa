"""The WSGI server: address, TLS, error log, and the warning about an unprotected UI."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gevent import pywsgi

if TYPE_CHECKING:
    from locust_rs.web.site import Site
    from locust_rs.web.ui import WebUI

logger = logging.getLogger("locust.web")

BACKLOG = 256
"""Connections that may wait to be accepted."""


def normal_base_path(web_base_path: str | None) -> str:
    """`/path` for `path`, `/path/` and `/path`; empty for nothing."""
    inner = (web_base_path or "").strip("/")
    return f"/{inner}" if inner else ""


def tls_files(tls_cert: str | None, tls_key: str | None) -> tuple[str | None, str | None]:
    """Certificate and key as given, or those of `SSL_CERT` and `SSL_KEY` when neither is.

    Raises:
        ValueError: One of the two is missing; serving without encryption is not what was asked for.
    """
    if not tls_cert and not tls_key:
        tls_cert, tls_key = os.environ.get("SSL_CERT"), os.environ.get("SSL_KEY")
        # Other programs use these variables for bundles of authorities, so one of them alone is ignored.
        if not tls_cert or not tls_key:
            return None, None
    if not tls_cert or not tls_key:
        given, missing = ("--tls-cert", "--tls-key") if tls_cert else ("--tls-key", "--tls-cert")
        raise ValueError(f"{given} is set without {missing}: HTTPS needs both the certificate and its key")
    return tls_cert, tls_key


class _ErrorLog:
    """Logs what pywsgi would print to stderr."""

    def write(self, message: str) -> None:
        text = message.strip()
        if not text:
            return
        # A TLS handshake begins with these bytes.
        if "\\x16\\x03" in text:
            logger.error(
                "An https request was made against Locust's Web UI (which was expecting http). "
                f"Use http:// or start with --tls-cert and --tls-key. Underlying error: {text[:300]}"
            )
        else:
            logger.error(text[:1000])

    def flush(self) -> None:
        """Does nothing, because nothing is buffered."""


def make_server(site: Site, called: str = "The web UI", port_option: str = "--web-port") -> pywsgi.WSGIServer:
    """Creates a server that already listens.

    Args:
        site: What is served, and where.
        called: The name of the server in messages.
        port_option: The option that chooses its port.

    Raises:
        OSError: The address cannot be listened on.
        ValueError: The TLS files cannot be used.
    """
    tls: dict[str, Any] = {}
    if site.tls_cert and site.tls_key:
        tls["ssl_context"] = _tls_context(site.tls_cert, site.tls_key)
    server: pywsgi.WSGIServer = pywsgi.WSGIServer(  # type: ignore[call-overload]  # the stubs know no keywords by name
        _listen(site.host, site.port, called, port_option), site.app, log=None, error_log=_ErrorLog(), **tls
    )
    server.init_socket()
    return server


def _listen(host: str | None, port: int, called: str, port_option: str) -> socket.socket:
    """A listening socket; an empty host or `*` means every IPv4 address."""
    address = "" if host in (None, "*") else str(host)
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise OSError(
            error.errno,
            f"{called} can't listen on {address or '*'}:{port}: {error.strerror or error}. "
            f"Choose another port with {port_option}, or another address with --web-host",
        ) from error
    return listener


def _tls_context(certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for option, path in (("--tls-cert", certificate), ("--tls-key", key)):
        if not Path(path).is_file():
            raise ValueError(f"{option}: there is no file '{path}'")
    try:
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise ValueError(
            f"'{certificate}' and '{key}' are not a PEM certificate and its unencrypted key: {error}"
        ) from error
    return context


def is_loopback(host: str | None) -> bool:
    """Whether a server that listens on `host` can be reached only from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def warn_if_exposed(ui: WebUI) -> None:
    """Warns if everyone who can reach the port may start load tests."""
    if ui.web_login or ui.credentials or is_loopback(ui.host):
        return
    logger.warning(
        f"The web UI on {ui.host or '*'}:{ui.port} is open to everyone who can reach it. Protect it with "
        "--web-login or LOCUST_USER_NAME and LOCUST_PASSWORD, or listen on --web-host 127.0.0.1 only."
    )
