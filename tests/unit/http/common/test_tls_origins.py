"""The memory of origins whose TLS is the library's."""

from __future__ import annotations

import time

import pytest

from locust_rs.http.common import tls_origins
from locust_rs.http.common.tls_origins import place_of
from locust_rs.http.engine import errors


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_origins, "_left", {})
    monkeypatch.setattr(tls_origins, "_told", set())
    monkeypatch.delenv("SSLKEYLOGFILE", raising=False)


def refusal(kind: type[BaseException], phase: str = "tls") -> BaseException:
    error = kind(1, "no common cipher")
    error.phase = phase  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal(errors.TlsError), True),
        (refusal(errors.CertificateError), True),
        (refusal(errors.ServerClosed), True),
        (refusal(ConnectionResetError), True),
        (refusal(errors.ConnectTimeout), False),
        (refusal(ConnectionRefusedError, "connect"), False),
        (refusal(errors.TlsError, "receive"), False),
        (None, False),
    ],
    ids=repr,
)
def test_only_a_failed_handshake_is_a_refusal(error: BaseException | None, expected: bool) -> None:
    assert tls_origins.is_refusal(error) is expected


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.com/x", "https://example.com:443"),
        ("HTTPS://[::1]:8443", "https://::1:8443"),
        ("http://example.com", None),
        ("https://example.com:99999", None),
        ("", None),
    ],
)
def test_a_place_is_an_https_origin(url: str, origin: str | None) -> None:
    place = place_of(url, "requests")
    assert (place and place.origin) == origin


def test_an_origin_leaves_with_its_settings_only() -> None:
    place = place_of("https://a.test", "requests", (True, None))
    assert place is not None
    before = tls_origins.VERSION[0]
    tls_origins.leave(place, refusal(errors.CertificateError))
    assert tls_origins.has_left(place)
    assert tls_origins.VERSION[0] != before
    assert not tls_origins.has_left(place_of("https://a.test", "requests", (False, None)))
    assert not tls_origins.has_left(place_of("https://a.test:8443", "requests", (True, None)))


def test_an_origin_that_closed_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    place = place_of("https://a.test", "requests")
    assert place is not None
    tls_origins.leave(place, refusal(errors.ServerClosed))
    assert tls_origins.has_left(place)
    before = tls_origins.VERSION[0]
    later = time.monotonic() + tls_origins.CLOSED_HANDSHAKE_SEC
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not tls_origins.has_left(place)
    assert tls_origins.VERSION[0] != before


def test_an_origin_that_closes_after_a_refusal_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    place = place_of("https://a.test", "requests")
    assert place is not None
    tls_origins.leave(place, refusal(errors.TlsError))
    tls_origins.leave(place, refusal(errors.ServerClosed))
    later = time.monotonic() + 2 * tls_origins.CLOSED_HANDSHAKE_SEC
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert tls_origins.has_left(place)


def test_the_memory_is_bounded() -> None:
    for number in range(tls_origins._MOST_ORIGINS + 5):
        place = place_of(f"https://host{number}.test", "requests")
        assert place is not None
        tls_origins.leave(place, refusal(errors.TlsError))
    assert len(tls_origins._left) == tls_origins._MOST_ORIGINS
    assert tls_origins.has_left(place)


def test_all_tls_is_the_librarys_while_openssl_logs_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "keys")
    assert tls_origins.has_left(place_of("https://a.test", "requests"))
    assert not tls_origins.has_left(place_of("http://a.test", "requests"))
