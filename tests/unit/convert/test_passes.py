"""What turns recorded requests into a test, idea by idea."""

from __future__ import annotations

import pytest

from locust_rs.convert.model import Header, Journey, JsonBody, JsonPath, Pattern, Request, Response
from locust_rs.convert.passes.correlation import correlate
from locust_rs.convert.passes.credentials import take_credentials
from locust_rs.convert.passes.findings import is_distinctive
from locust_rs.convert.passes.hosts import factor_hosts
from locust_rs.convert.passes.names import group_urls
from locust_rs.convert.passes.redirects import fold_redirects
from locust_rs.convert.passes.secrets import is_secret
from locust_rs.convert.passes.steps import make_steps
from locust_rs.convert.values import Values


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("/products/17", "/products/[id]"),
        ("/users/0b9f8e6c-3d1a-4a77-9c52-6f0f4f1f7d11/orders", "/users/[id]/orders"),
        ("/commits/9fceb02d0ae598e9", "/commits/[id]"),
        ("/v2/items", None),
        ("/decade", None),
        ("/red-shoes-2024", None),
        ("/s?q=red", None),
        ("/s?t=1700000000000", "/s?t=[t]"),
        ("/s?flag", None),
    ],
)
def test_a_url_with_ids_is_named(url: str, name: str | None) -> None:
    request = Request("GET", url)
    group_urls([request], Values())
    assert request.name == name


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("token", "abc123", True),
        ("token", "hello", False),
        ("title", "The 2nd long title of 2024", False),
        ("x", "0b9f8e6c-3d1a-4a77-9c52-6f0f4f1f7d11", True),
        ("x", "Zm9vYmFyMTIzNDU2Nzg5", True),
        ("slug", "red-shoes-2024-edition", False),
        ("date", "2024-01-31T12:00:00.000Z", False),
        ("next", "https://a.test/page2?token=abc123", False),
        ("id", 7, False),
        ("id", 4711, True),
        ("price", 4711, False),
        ("x", 48213, True),
        ("x", True, False),
        ("x", None, False),
        ("x", 48213.5, False),
    ],
)
def test_only_peculiar_values_are_followed(key: str, value: object, expected: bool) -> None:
    assert is_distinctive(key, value) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[(name, True) for name in ("password", "Passwd", "client_secret", "api_key", "X-Api-Key", "access_token")],
        *[(name, True) for name in ("sessionid", "JSESSIONID", "connect.sid", "refreshToken", "x-auth-token")],
        *[
            (name, False)
            for name in ("username", "monkey", "author", "page", "keyboard", "spin", "design", "passenger")
        ],
    ],
)
def test_secrets_are_known_by_their_names(name: str, expected: bool) -> None:
    assert is_secret(name) is expected


def json_response(content: str) -> Response:
    return Response(200, [], content)


def test_a_value_that_an_earlier_request_has_sent_is_not_the_servers() -> None:
    journey = Journey(
        "x",
        [
            Request(
                "POST", "http://a.test/a", body=JsonBody({"id": "abc123"}), response=json_response('{"id": "abc123"}')
            ),
            Request("GET", "http://a.test/abc123"),
        ],
    )
    correlate(journey, Values())
    assert journey.requests[1].url == "http://a.test/abc123"
    assert not list(journey.captures())


def test_a_value_is_taken_from_the_first_response_that_had_it() -> None:
    journey = Journey(
        "x",
        [
            Request("GET", "http://a.test/1", response=json_response('{"items": [{"id": 123456}]}')),
            Request("GET", "http://a.test/2", response=json_response('{"id": 123456}')),
            Request("GET", "http://a.test/items/123456"),
        ],
    )
    correlate(journey, Values())
    assert [capture.source for capture in journey.requests[0].captures] == [JsonPath(("items", 0, "id"))]
    assert not journey.requests[1].captures


@pytest.mark.parametrize(
    ("response", "url", "source"),
    [
        (
            Response(200, [], "", "http://a.test/orders/48213?x=1"),
            "/orders/48213/lines",
            Pattern("/orders/([^/?&#]+)", in_url=True),
        ),
        (
            Response(200, [], "", "http://a.test/cb?code=a8f3k2m9d7s6h5g4"),
            "/token?c=a8f3k2m9d7s6h5g4",
            Pattern("code=([^/?&#]+)", in_url=True),
        ),
        (
            Response(200, [], "<p>99999</p><a href='/o/48213/x'>"),
            "/o/48213",
            Pattern("href=[\"']/o/([^\"'/?&#]+)"),
        ),
        (Response(200, [], "<a href='/o/11111'></a><a href='/o/48213'>"), "/o/48213", None),
        (Response(200, [("X-CSRF-Token", "a8f3k2m9d7s6h5g4")]), "/x/a8f3k2m9d7s6h5g4", Header("X-CSRF-Token")),
    ],
    ids=["redirect", "code", "link", "second of alike links", "header"],
)
def test_a_value_is_found_where_it_came_from(response: Response, url: str, source: object) -> None:
    journey = Journey("x", [Request("GET", "http://a.test/", response=response), Request("GET", f"http://a.test{url}")])
    correlate(journey, Values())
    assert [capture.source for capture in journey.captures()] == ([source] if source else [])


def test_a_text_is_no_number_in_json() -> None:
    journey = Journey(
        "x",
        [
            Request("GET", "http://a.test/1", response=json_response('{"id": "123456"}')),
            Request("POST", "http://a.test/2", body=JsonBody({"id": 123456})),
        ],
    )
    correlate(journey, Values())
    assert journey.requests[1].body == JsonBody({"id": 123456})


def test_credentials_in_a_url_are_authentication_unless_there_is_another() -> None:
    url = "http://b%40b:p:w@a.test/x@y"
    journey = Journey("x", [Request("GET", url), Request("GET", url, auth=("c", "d"))])
    take_credentials(journey)
    assert [request.url for request in journey.requests] == ["http://a.test/x@y"] * 2
    assert [request.auth for request in journey.requests] == [("b@b", "p:w"), ("c", "d")]


def test_a_redirect_that_was_not_followed_stays() -> None:
    moved = Response(302, [("location", "/b")])
    journey = Journey(
        "x",
        [
            Request("GET", "http://a.test/a", response=moved),
            Request("GET", "http://a.test/c"),
            Request("POST", "http://a.test/b"),
        ],
    )
    fold_redirects(journey)
    assert [request.url[-1] for request in journey.requests] == ["a", "c", "b"]


def test_the_host_of_most_requests_is_the_users() -> None:
    journey = Journey(
        "x", [Request("GET", url) for url in ("https://CDN.test/x", "https://a.test", "https://a.test/ä b#c")]
    )
    values = Values()
    factor_hosts(journey, values)
    assert journey.host == "https://a.test"
    assert [request.url for request in journey.requests[1:]] == ["/", "/%C3%A4%20b"]
    assert values.constants["CDN_TEST"].code == '"https://cdn.test"'


def timed(*moments: tuple[float, str | None]) -> Journey:
    return Journey(
        "x", [Request("GET", f"/{index}", started_s=at, step=page) for index, (at, page) in enumerate(moments)]
    )


@pytest.mark.parametrize(
    ("moments", "sizes", "think_times"),
    [
        ([(0, None), (0.2, None), (0.9, None)], [3], None),
        ([(0, None), (3, None), (3.1, None), (10, None)], [1, 2, 1], (3.0, 6.9)),
        ([(0, "a"), (0.5, "b"), (0.6, "b")], [1, 2], (0.5, 0.5)),
    ],
    ids=["no pause", "pauses", "pages"],
)
def test_pauses_part_steps(
    moments: list[tuple[float, str | None]], sizes: list[int], think_times: tuple[float, float] | None
) -> None:
    journey = timed(*moments)
    make_steps(journey)
    assert [len(step.requests) for step in journey.steps] == sizes
    assert journey.think_times_s == think_times
