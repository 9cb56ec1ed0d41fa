"""What the short way takes for plain is what requests and urllib3 send as it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import PreparedRequest, Request, Session
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from urllib3.util.request import SKIP_HEADER
from urllib3.util.url import _encode_target

from locust_rs.http.common.leaving import Reason
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
    assert not isinstance(merged, str)
    assert list(merged.items()) == list(prepared.headers.items())


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Content-Length": "1"}, Reason.OWN_FRAMING),
        ({"transfer-encoding": "chunked"}, Reason.OWN_FRAMING),
        ({"Expect": "100-continue"}, Reason.OWN_FRAMING),
        ({"X": b"bytes"}, Reason.ODD_HEADER),
        ({"X Y": "1"}, Reason.ODD_HEADER),
        ({"User-Agent": SKIP_HEADER}, Reason.ODD_HEADER),
        ({"X": "a\nb"}, Reason.ODD_HEADER),
        ({"X": "Ω"}, Reason.ODD_HEADER),
    ],
)
def test_headers_that_the_library_treats_on_its_own_are_left_to_it(headers: dict[str, Any], reason: Reason) -> None:
    assert draft.call_headers(Session().headers, headers) is reason


def test_what_urllib3_adds_is_sent_and_not_shown() -> None:
    lines = draft.call_headers({"X": "1"}, {"User-Agent": None})
    assert isinstance(lines, draft.CallHeaders)
    assert lines.block == b"X: 1\r\n"
    assert lines.added.startswith(b"Accept-Encoding: identity\r\nUser-Agent: python-urllib3/")


def test_only_names_with_passwords_make_a_basic_authorization() -> None:
    assert draft.basic_authorization(None) is None
    assert draft.basic_authorization(("a", "b")) == draft.basic_authorization(HTTPBasicAuth("a", "b")) == "Basic YTpi"
    assert draft.basic_authorization(HTTPDigestAuth("a", "b")) is None


@given(
    path=st.sampled_from(["/", "/a", "/a?b=c", "/a?b"]),
    params=st.dictionaries(st.text("ab_é &%", max_size=3), st.text("a1.~é /", max_size=3) | st.integers() | st.none()),
)
def test_plain_queries_are_those_of_requests(path: str, params: dict[str, Any]) -> None:
    query = draft.plain_query(params)
    if query:
        prepared = PreparedRequest()
        prepared.prepare_url("http://host" + path, params)
        assert prepared.url == f"http://host{path}{'&' if '?' in path else '?'}{query}"
