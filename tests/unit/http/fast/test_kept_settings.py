"""Sessions with the same settings share one dictionary of them."""

from locust_rs.event import EventHook
from locust_rs.http.fast.engine_path import kept_settings
from locust_rs.http.fast.session import FastHttpSession


def test_equal_settings_are_kept_once():
    first, usable = kept_settings({"concurrency": 10, "proxy_host": None})
    second, _ = kept_settings({"concurrency": 10, "proxy_host": None})
    assert first is second
    assert usable


def test_settings_of_other_types_are_others():
    first, _ = kept_settings({"network_timeout": 60})
    second, _ = kept_settings({"network_timeout": 60.0})
    assert type(first["network_timeout"]) is int
    assert type(second["network_timeout"]) is float


def test_settings_that_cannot_be_shared_are_the_sessions_own():
    headers = {"X": "1"}
    settings, usable = kept_settings({"headers": headers})
    assert settings["headers"] is headers
    assert usable
    assert kept_settings({"unknown": [1]}) == ({"unknown": [1]}, False)


def test_a_new_session_has_its_own_cookies_and_credentials():
    first = FastHttpSession("http://user:secret@127.0.0.1:9", EventHook(), None)
    second = FastHttpSession("http://127.0.0.1:9", EventHook(), None)
    assert first.cookiejar is not second.cookiejar
    assert first.auth_header == "Basic dXNlcjpzZWNyZXQ="
    assert second.auth_header is None
    assert first.base_url == second.base_url == "http://127.0.0.1:9"
