"""What requests through the engine raise; pickles name the classes here."""

from locust_rs.http.engine.errors import (
    CertificateError,
    ConnectTimeout,
    DecodingError,
    NetworkTimeout,
    ProtocolError,
    ProxyError,
    ServerClosed,
    TlsError,
)

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
