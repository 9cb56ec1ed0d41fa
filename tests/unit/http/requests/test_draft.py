"""What the short way takes for plain is what requests and urllib3 send as it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import PreparedRequest, Request, Session
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from urllib3.util.url import _encode_target

from locust_rs.http.requests import draft

PATHS = st.text("abzAZ09-._~/!$&'()*+,;=:@?%#[] é", max_size=14).map(lambda text: "/" + text)


@given(PATHS)
def test_plain_paths_are_sent_as_they_are(path: str) -> None:
    if draft.is_plain_path(path):
        prepared = PreparedRequest()
        prepared.prepare_url("http://host:8080" + path, None)
        assert prepared.url == "http://host:8080" + path
        assert prepared.path_url == path
        assert _encode_target(path) == path


@given(PATHS, st.none() | st.dictionaries(st.sampled_from("ab"), st.text(max_size=3), max_size=2))
def test_other_places_are_those_of_requests(path: str, params: Any) -> None:
    prepared = PreparedRequest()
    prepared.prepare_url("http://host:8080" + path, params)
    located = draft.located("http://host:8080" + path, params)
    assert located is not None
    url, wire_url, path_url = located
    assert (url, path_url) == (prepared.url, prepared.path_url)
    assert wire_url == "http://host:8080" + _encode_target(path_url)


@pytest.mark.parametrize(
    ("base_url", "plain"),
    [
        ("http://host", True),
        ("https://host.example:8443", True),
        ("http://127.0.0.1:80", True),
        ("http://host/", False),
        ("http://host/api", False),
        ("http://HOST", False),
        ("http://user:pw@host", False),
        ("http://[::1]", False),
        ("host", False),
        (None, False),
    ],
)
def test_only_an_origin_is_a_plain_base(base_url: str | None, plain: bool) -> None:
    assert draft.is_plain_base(base_url) is plain


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-A": "1"},
        {"user-agent": "mine"},
        {"Accept": None},
        {"Content-Type": "a/b", "X": "é"},
    ],
)
def test_merged_headers_are_those_of_requests(headers: dict[str, str | None]) -> None:
    session = Session()
    merged = draft.merged_headers(session.headers, headers)
    prepared = session.prepare_request(Request("GET", "http://host/", headers=headers))
    assert merged is not None
    assert list(merged.items()) == list(prepared.headers.items())


@pytest.mark.parametrize(
    "headers", [{"Host": "x"}, {"User-Agent": None}, {"Content-Length": "1"}, {"X": b"bytes"}, {"X Y": "1"}]
)
def test_headers_with_a_life_of_their_own_are_left_to_requests(headers: dict[str, Any]) -> None:
    assert draft.merged_headers(Session().headers, headers) is None


def test_authorization_is_basic_or_nothing_of_ours() -> None:
    assert draft.authorization(None) is None
    assert draft.authorization(("a", "b")) == draft.authorization(HTTPBasicAuth("a", "b")) == "Basic YTpi"
    with pytest.raises(LookupError):
        draft.authorization(HTTPDigestAuth("a", "b"))
