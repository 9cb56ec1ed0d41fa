"""A new session makes its containers when they are asked for; nobody can tell."""

import pickle

import pytest
import requests
from requests.adapters import HTTPAdapter

from locust_rs.clients import HttpSession
from locust_rs.event import EventHook
from locust_rs.http.requests.engine_path import EnginePath


def new_session() -> HttpSession:
    return HttpSession("http://127.0.0.1:9", EventHook(), None)


def test_has_every_attribute_of_a_requests_session():
    session = new_session()
    blank = requests.Session()
    for name, value in vars(blank).items():
        if name not in ("adapters", "cookies"):
            assert getattr(session, name) == value, name
            assert type(getattr(session, name)) is type(value), name
    assert isinstance(session.cookies, requests.cookies.RequestsCookieJar)
    assert list(session.adapters) == list(blank.adapters)
    assert all(isinstance(adapter, HTTPAdapter) for adapter in session.adapters.values())


@pytest.mark.parametrize("name", ["headers", "proxies", "hooks", "params", "adapters", "cookies"])
def test_containers_stay_what_they_are_and_belong_to_one_session(name):
    first, second = new_session(), new_session()
    assert getattr(first, name) is getattr(first, name)
    assert getattr(first, name) is not getattr(second, name)


def test_changes_before_the_first_request_reach_one_session_only():
    first, second = new_session(), new_session()
    first.headers["X-Mine"] = "1"
    first.hooks["response"].append(print)
    first.params["a"] = "b"
    first.cookies.set("c", "d")
    first.mount("http://other", HTTPAdapter())
    first.get_adapter("http://x").max_retries.total = 7
    assert "X-Mine" not in second.headers
    assert second.hooks == {"response": []}
    assert second.params == {}
    assert not list(second.cookies)
    assert list(second.adapters) == ["https://", "http://"]
    assert second.get_adapter("http://x").max_retries.total == 0
    assert list(first.adapters) == ["http://other", "https://", "http://"]


def test_a_container_that_is_assigned_replaces_the_one_that_was_never_made():
    session = new_session()
    session.headers = {"X": "1"}
    session.cookies = jar = requests.cookies.RequestsCookieJar()
    assert session.headers == {"X": "1"}
    assert session.cookies is jar


def test_adapters_of_a_new_session_count_as_its_own_until_they_are_changed():
    session = new_session()
    assert session._has_own_adapters()
    assert session.adapters
    assert session._has_own_adapters()
    session.mount("http://", HTTPAdapter())
    assert not session._has_own_adapters()


def test_what_no_session_has_is_still_missing():
    with pytest.raises(AttributeError, match="'HttpSession' object has no attribute 'nonsense'"):
        _ = new_session().nonsense


def test_is_pickled_like_a_requests_session():
    session = new_session()
    session.headers["X-Mine"] = "1"
    copied = pickle.loads(pickle.dumps(session))
    assert copied.headers["X-Mine"] == "1"
    assert copied.hooks == {"response": []}


def test_a_subclass_that_initialises_other_bases_gets_its_adapters_mounted():
    mounted = []

    class Own(HttpSession):
        def mount(self, prefix, adapter):
            mounted.append(prefix)
            super().mount(prefix, adapter)

    assert Own("http://127.0.0.1:9", EventHook(), None).adapters
    assert mounted[-2:] == ["https://", "http://"]


def test_engine_paths_share_nothing_that_they_change():
    session = new_session()
    first, second = EnginePath(session, False), EnginePath(session, False)
    assert first._blocks is not second._blocks
