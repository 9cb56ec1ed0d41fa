"""Cookie headers hold until the jar changes, and no longer."""

from __future__ import annotations

import pickle
from http.cookiejar import CookieJar
from typing import Any
from unittest import mock

import pytest
import requests
from requests.cookies import create_cookie

from locust_rs.http.common import cookies
from locust_rs.http.common.cookies import CookieBook, RequestsCookieJar, TellingCookieJar

URL = "http://host.example/"


def book(*made: Any, jar: CookieJar | None = None) -> CookieBook:
    jar = RequestsCookieJar() if jar is None else jar
    for cookie in made:
        jar.set_cookie(cookie)
    return CookieBook(jar, unverifiable=True)


def test_an_empty_jar_has_a_standing_answer() -> None:
    assert book().standing(URL) == (True, None)


def test_cookies_for_every_path_stand() -> None:
    assert book(create_cookie("a", "1"), create_cookie("b", "2")).standing(URL) == (True, "a=1; b=2")


@pytest.mark.parametrize("attributes", [{"path": "/deep"}, {"expires": 2**33, "discard": False}])
def test_cookies_that_come_and_go_do_not_stand(attributes: dict[str, Any]) -> None:
    assert book(create_cookie("a", "1", **attributes)).standing(URL)[0] is False


def test_a_header_is_asked_for_once() -> None:
    kept = book(create_cookie("a", "1"))
    with mock.patch.object(kept.jar, "add_cookie_header", wraps=kept.jar.add_cookie_header) as asked:
        assert [kept.header(URL + "x?a=b"), kept.header(URL + "x?c=d")] == ["a=1", "a=1"]
    assert asked.call_count == 1


def test_a_header_ends_with_its_cookie() -> None:
    kept = book(create_cookie("a", "1", expires=2**31, discard=False))
    with mock.patch.object(cookies.time, "time", return_value=2**31 - 10):
        assert kept.header(URL) == "a=1"
    with mock.patch.object(cookies.time, "time", return_value=2**31 + 10):
        assert kept.header(URL) is None


def test_a_jar_of_the_users_is_asked_every_time() -> None:
    kept = book(create_cookie("a", "1"), jar=CookieJar())
    assert kept.standing(URL) == (False, None)
    assert kept.header(URL) == "a=1"
    kept.jar.set_cookie(create_cookie("a", "2"))
    assert kept.header(URL) == "a=2"


@pytest.mark.parametrize("kind", [RequestsCookieJar, TellingCookieJar])
def test_jars_tell_of_changes_and_only_of_changes(kind: Any) -> None:
    told: list[int] = []
    jar = kind()
    jar.on_change = lambda: told.append(len(jar))
    jar.set_cookie(create_cookie("a", "1"))
    jar.set_cookie(create_cookie("a", "1"))
    jar.set_cookie(create_cookie("a", "2"))
    jar.clear()
    assert told == [1, 1, 0]


def test_set_cookies_are_taken_by_the_rules_of_the_jar() -> None:
    kept = book()
    kept.take(URL, [("Set-Cookie", "a=1; Path=/"), ("set-cookie", "b=2; Domain=other.example"), ("X", "y")])
    assert [cookie.name for cookie in kept.jar] == ["a"]


def test_a_pickled_jar_needs_no_locust() -> None:
    jar = RequestsCookieJar()
    jar.on_change = lambda: None
    jar.set("a", "1")
    copy = pickle.loads(pickle.dumps(jar))
    assert type(copy) is requests.cookies.RequestsCookieJar
    assert copy["a"] == "1"
