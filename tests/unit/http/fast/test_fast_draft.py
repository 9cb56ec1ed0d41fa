"""What the engine's side takes for usual is what geventhttpclient would send."""

from __future__ import annotations

from typing import Any

import pytest
from geventhttpclient.client import HTTPClient
from geventhttpclient.header import Headers
from geventhttpclient.url import URL
from hypothesis import given
from hypothesis import strategies as st

from locust_rs.http.fast import draft
from locust_rs.http.fast.draft import Call
from locust_rs.http.fast.redirects import next_call
from locust_rs.http.fast.response import FastRequest


class Session:
    """What a target is made from."""

    def _build_url(self, path: str) -> str:
        return "http://host" + path


def target_of(path: str, **extra: Any) -> str | None:
    return draft.target_of(Session(), path, extra, "http://host")


PATHS = st.text("abzAZ09-._~/!$&'()*+,;=:@?%#[] é", max_size=14).map(lambda text: "/" + text)


@given(PATHS)
def test_plain_paths_are_sent_as_they_are(path: str) -> None:
    if draft.is_plain_path(path):
        assert URL("http://host" + path).quoted_uri == path


@given(PATHS, st.sampled_from([None, {"a": "b c"}, [("a", "1"), ("a", "é")]]))
def test_targets_are_those_of_geventhttpclient(path: str, params: Any) -> None:
    target = target_of(path, params=params) if params else target_of(path)
    if target is not None:
        quoted = URL("http://host" + path, params=params).quoted_uri
        assert target in (quoted, "http://host" + quoted)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text("azAZ09_.~-+ %&=;#/?é\x00", max_size=8)
VALUES = WORDS | st.integers() | st.booleans() | st.floats() | st.none() | st.lists(WORDS, max_size=2) | st.binary()


@given(PATHS, st.dictionaries(WORDS, VALUES, max_size=3))
def test_queries_are_quoted_as_geventhttpclient_does(path: str, params: dict[str, Any]) -> None:
    target = target_of(path, params=params)
    if target is not None:
        quoted = URL("http://host" + path, params=params).quoted_uri
        assert target in (quoted, "http://host" + quoted)


@given(st.dictionaries(WORDS, WORDS | st.integers(), min_size=1))
def test_texts_and_integers_need_no_absolute_target(params: dict[str, Any]) -> None:
    for path in ("/x", "/x?y=z"):
        assert target_of(path, params=params) == URL("http://host" + path, params=params).quoted_uri


@pytest.mark.parametrize("params", [{"a": "\ud800"}, {"\ud800": 1}], ids=["value", "name"])
def test_a_lone_surrogate_is_left_to_geventhttpclient(params: dict[str, Any]) -> None:
    assert draft.plain_query(params) is None


@pytest.mark.parametrize("url", ["http://host/x", "//host/x", "x"], ids=["absolute", "protocol-relative", "relative"])
def test_other_urls_are_looked_at_by_geventhttpclient(url: str) -> None:
    assert target_of(url) is None


@pytest.mark.parametrize(
    ("data", "described", "body"),
    [
        ("é", b"content-type: text/plain; charset=utf-8\r\ncontent-length: 2\r\n", "é".encode()),
        (b"x", b"content-type: application/octet-stream\r\n", b"x"),
        (
            {"a": "b c"},
            b"content-type: application/x-www-form-urlencoded; charset=utf-8\r\ncontent-length: 5\r\n",
            b"a=b+c",
        ),
    ],
)
def test_usual_bodies_are_described_as_geventhttpclient_does(data: Any, described: bytes, body: bytes) -> None:
    assert draft.encoded_body(data, has_type=False) == (described, body)


@pytest.mark.parametrize("data", [["a"], iter([b"a"]), bytearray(b"a"), object()])
def test_unusual_bodies_are_left_to_geventhttpclient(data: Any) -> None:
    assert draft.encoded_body(data, has_type=False) is None


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("DELETE", None), ("POST", b""), ("PATCH", b"")])
def test_only_methods_with_a_body_announce_its_absence(method: str, body: bytes | None) -> None:
    assert draft.empty_body(method) == body
    request = FastRequest("http://host/", method=method, headers=Headers())
    assert draft.parts_of(request, HTTPClient("host")).body == body


@pytest.mark.parametrize(
    ("status", "location", "expected"),
    [
        (302, "/next", ("GET", "/next", {"X": "1"}, None)),
        (307, "/next?a=b", ("POST", "/next?a=b", {"X": "1", "Content-Type": "a/b"}, "data")),
        (302, "http://elsewhere/", None),
        (302, "//elsewhere/", None),
        (302, "next", None),
        (302, "/a/../b", None),
        (302, "/a b", None),
    ],
)
def test_redirects_within_the_origin_are_followed_from_kept_parts(status: int, location: str, expected: Any) -> None:
    headers = {"X": "1", "Content-Type": "a/b"}
    call = Call("POST", "/", "http://host/", headers, "data")
    following = next_call(call, "http://host", status, location)
    assert (following and (following.method, following.path, following.headers, following.data)) == expected
