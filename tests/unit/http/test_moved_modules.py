"""Pickles that were made before the HTTP modules moved still find what they name."""

from __future__ import annotations

import pickle

import pytest


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("locust_rs.clients.native", "_unpickled"),
        ("locust_rs.clients.native", "EngineResponse"),
        ("locust_rs.clients.cookies", "_plain_jar"),
        ("locust_rs.clients.cookies", "RequestsCookieJar"),
        ("locust_rs.clients", "ResponseContextManager"),
        ("locust_rs.contrib.fasthttp", "LocustBadStatusCode"),
        *(
            ("locust_rs.engine.errors", name)
            for name in ("ConnectTimeout", "NetworkTimeout", "ServerClosed", "ProtocolError", "DecodingError")
        ),
        ("locust_rs.engine.errors", "TlsError"),
        ("locust_rs.engine.errors", "CertificateError"),
        ("locust_rs.engine.errors", "ProxyError"),
        ("locust_rs.engine.transport", "make_client"),
    ],
)
def test_names_of_earlier_pickles_are_found(module: str, name: str) -> None:
    assert pickle.loads(f"c{module}\n{name}\n.".encode()).__name__ in (name, "ResponseContextManager")
