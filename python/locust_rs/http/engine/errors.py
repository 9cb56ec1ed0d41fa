"""What requests through the engine raise, besides the OSError subclass of a failed system call.

Every exception of a request carries `phase` ("resolve", "connect", "tls", "send" or "receive"),
`response_time_ms` and `start_time`, so that the failed request can be reported with its time.
"""

from __future__ import annotations

import ssl

__all__ = [
    "CertificateError",
    "ConnectTimeout",
    "DecodingError",
    "NetworkTimeout",
    "ProtocolError",
    "ProxyError",
    "ServerClosed",
    "TlsError",
]


class ConnectTimeout(TimeoutError):
    """The connection, or its TLS handshake, took longer than the connect timeout."""


class NetworkTimeout(TimeoutError):
    """No byte moved on the connection for as long as the network timeout."""


class ServerClosed(ConnectionError):
    """The server closed the connection before the response was complete."""


class ProtocolError(Exception):
    """What the server sent is not an HTTP/1.x response, or contradicts itself, or passes a limit.

    Attributes:
        status_line: What stands where the status line should be, with its line end; None if the fault is elsewhere.
    """

    status_line: str | None = None


class DecodingError(Exception):
    """The body is not what its Content-Encoding says, or would be larger than the limit."""


class TlsError(ssl.SSLError):
    """The TLS handshake failed, or the encrypted connection broke."""


class CertificateError(ssl.SSLCertVerificationError):
    """The server's certificate was not accepted."""


class ProxyError(OSError):
    """The proxy did not open a tunnel.

    Attributes:
        status_code: What the proxy answered; 0 if that was not an HTTP response.
    """

    status_code: int = 0
