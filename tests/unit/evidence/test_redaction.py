"""No secret leaves the process with evidence, wherever in a request or response it stands."""

from __future__ import annotations

import base64
import json
import re
from argparse import Namespace
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_rs.env import Environment
from locust_rs.evidence import Evidence
from locust_rs.evidence.names import is_secret
from locust_rs.evidence.redaction import MOST_BODY, REDACTED
from locust_rs.html import get_html_report

ANY = "S3cret-Valü/+&=\"x'y z"


class Message:
    """A request or a response, as clients of HTTP have them."""

    def __init__(self, **attributes: Any) -> None:
        self.url, self.headers = "http://shop.example/cart", {}
        self.method, self.status_code, self.reason, self.body, self.content = "POST", 500, "", None, None
        self.request: Any = None
        self.__dict__.update(attributes)


def exchange(
    sent: dict[str, Any] | None = None, received: dict[str, Any] | None = None, **event: Any
) -> dict[str, Any]:
    request = Message(**(sent or {}))
    response = Message(**(received or {}), request=request)
    return {
        "request_type": "POST",
        "name": "cart",
        "response_time": 1,
        "exception": OSError(),
        "response": response,
        **event,
    }


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


JSON, FORM = {"Content-Type": "application/json"}, {"Content-Type": "application/x-www-form-urlencoded"}
XML, HTML = {"Content-Type": "text/xml"}, {"Content-Type": "text/html; charset=utf-8"}
PARTS = {"Content-Type": "multipart/form-data; boundary=b"}

PLACES = {
    "authorization": lambda s: exchange({"headers": {"Authorization": f"Bearer {s}"}}),
    "basic authorization": lambda s: exchange({"headers": {"authorization": basic(s)}}),
    "proxy authorization": lambda s: exchange({"headers": {"Proxy-Authorization": s}}),
    "cookie": lambda s: exchange({"headers": {"COOKIE": f"lang=en; id={s}"}}),
    "set-cookie": lambda s: exchange(received={"headers": {"Set-Cookie": f"id={s}; Path=/; HttpOnly"}}),
    "bytes": lambda s: exchange({"headers": [(b"Authorization", s.encode("latin-1", "replace"))]}),
    "header by its name": lambda s: exchange({"headers": {"X-Api-Key": s}}),
    "query": lambda s: exchange({"url": f"http://shop.example/?{urlencode({'a': 1, 'token': s, 'b': 2})}"}),
    "name of the query is quoted": lambda s: exchange({"url": f"/?user%5Bp%61ssword%5D={quote(s, safe='')}"}),
    "fragment": lambda s: exchange({"url": f"http://shop.example/#access_token={quote(s, safe='')}&x=1"}),
    "user info": lambda s: exchange({"url": f"http://anna:{quote(s, safe='')}@shop.example/"}),
    "user info of the event": lambda s: exchange(response=None, url=f"http://{quote(s, safe='')}@shop.example/"),
    "location": lambda s: exchange(received={"headers": {"Location": f"/next?api_key={quote_plus(s)}"}}),
    "form": lambda s: exchange({"headers": FORM, "body": urlencode({"user": "anna", "pwd": s, "x": 1})}),
    "form that is not quoted": lambda s: exchange({"headers": FORM, "body": f"user=anna&pwd={s.replace('&', '')}&x=1"}),
    "form as a dictionary": lambda s: exchange({"headers": FORM, "body": {"user": "anna", "pwd": s}}),
    "JSON": lambda s: exchange({"headers": JSON, "body": as_json({"user": "anna", "password": s, "x": 1})}),
    "JSON within JSON": lambda s: exchange({"body": as_json({"m": json.dumps({"password": s, "x": 1})})}),
    "JSON, twice within JSON": lambda s: exchange(
        {"headers": JSON, "body": as_json({"m": json.dumps({"m": json.dumps({"password": s, "x": 1})})})}
    ),
    "name of JSON is escaped": lambda s: exchange({"body": as_json({"password": s}).replace(b"pass", b"p\\u0061ss")}),
    "list in JSON": lambda s: exchange(received={"content": as_json({"apiKeys": ["a}", {"b": s}], "x": 1})}),
    "object in JSON": lambda s: exchange(received={"content": as_json({"credentials": {"a": {"b": s}}, "x": 1})}),
    "Python's own words": lambda s: exchange(response=f"<Answer {({'x': 1, 'token': s})!r}>"),
    "a dictionary": lambda s: exchange(response={"x": 1, "token": s}),
    "an object's text": lambda s: exchange(response=type("Answer", (), {"text": json.dumps({"token": s})})()),
    "multipart": lambda s: exchange(
        {
            "headers": PARTS,
            "body": f'--b\r\nContent-Disposition: form-data; name="password"\r\nX: y\r\n\r\n{s}\r\n--b--\r\n'.encode(),
        }
    ),
    "XML": lambda s: exchange({"headers": XML, "body": f"<a><ns:password x='1'>{s}</ns:password></a>".encode()}),
    "field of HTML": lambda s: exchange(
        received={"headers": HTML, "content": f'<input type="hidden" name="csrf_token" value="{quote(s)}"/>'.encode()}
    ),
    "meta of HTML": lambda s: exchange(
        received={"headers": HTML, "content": f"<meta name=csrf-token content='{quote(s)}'>".encode()}
    ),
    "line of a header": lambda s: exchange(received={"content": f"GET / HTTP/1.1\r\nCookie: id={s}\r\n\r\n".encode()}),
    "line of YAML": lambda s: exchange(received={"content": f"a: 1\nclient_secret: {s}\nb: 2\n".encode()}),
    "context": lambda s: exchange(context={"password": s, "id": 5}),
    "JSON in the context": lambda s: exchange(context={"payload": json.dumps({"password": s})}),
    "repeated in the answer": lambda s: exchange(
        {"headers": {"X-Auth-Token": s}}, {"reason": s, "content": f"Unknown <{s}> or {quote(s, safe='')}".encode()}
    ),
    "password repeated without its user": lambda s: exchange(
        {"headers": {"Authorization": basic(s)}}, {"content": f"no such user: {s}".encode()}
    ),
    "cookie repeated in a path": lambda s: exchange(
        {"headers": {"Cookie": f"id={quote(s, safe='')}"}}, {"headers": {"Location": f"/x/{quote(s, safe='')}"}}
    ),
    "argument of the locustfile": lambda s: exchange({"url": f"/{quote(s)}"}, {"content": f"Hi {s}".encode()}),
    "rule of one's own": lambda s: exchange({"headers": {"X-Customer": s}}, {"content": as_json({"x-CUSTOMER": s})}),
    "pattern of one's own": lambda s: exchange(received={"content": f"before own:{s}:own after".encode()}),
    "cut in the middle": lambda s: exchange(received={"content": as_json({"": "y" * (MOST_BODY - 50), "pwd": s})}),
    "repetition is cut": lambda s: exchange(
        {"headers": {"Authorization": s * 500}}, {"content": ("y" * (MOST_BODY + 4000) + s * 500).encode()}
    ),
}  # fmt: skip


def basic(secret: str) -> str:
    return "Basic " + base64.b64encode(f"anna:{secret}".encode()).decode()


def evidence_for(secret: str) -> Evidence:
    evidence = Evidence(lambda: (secret,) if secret else ())
    evidence.redact("x_customer", "/(?s:own:(.*):own)/")
    return evidence


def texts(value: Any) -> Iterator[str]:
    """All texts in a plain value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for one in pair for text in texts(one))
    elif isinstance(value, list | tuple):
        yield from (text for one in value for text in texts(one))


def kept(event: dict[str, Any], evidence: Evidence) -> list[str]:
    assert evidence.wants_failure("POST", "cart", "OSError()")
    evidence.keep_failure("OSError()", event)
    (piece,) = evidence.take()["failures"]
    return list(texts(piece))


def leaks(secret: str, shown: list[str]) -> list[str]:
    forms = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return [text for text in shown if any(form in text for form in forms)]


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_not_kept(place: str) -> None:
    secret = ANY.replace('"', "").replace("'", "") if "HTML" in place or "cookie" in place.lower() else ANY
    evidence = evidence_for(secret if "argument" in place else "")
    shown = kept(PLACES[place](secret), evidence)
    assert leaks(secret, shown) == []
    assert any(REDACTED in text for text in shown)


ESCAPED = {
    "query", "form", "form as a dictionary", "JSON", "JSON within JSON", "JSON, twice within JSON", "list in JSON",
    "object in JSON", "name of JSON is escaped", "a dictionary", "an object's text", "header by its name", "context",
    "JSON in the context", "fragment", "user info", "location", "proxy authorization",
}  # fmt: skip
"""Places where any text may stand, because the format marks its end."""


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(PLACES)), st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=9))
def test_no_secret_is_kept_from_any_place(place: str, secret: str) -> None:
    if place not in ESCAPED:
        # What a place does not escape ends a value there for every reader.
        secret = "".join(character if character.isalnum() or character in "-_.~$!" else "0" for character in secret)
    shown = kept(PLACES[place](f"s{secret}"), evidence_for(f"s{secret}" if "argument" in place else ""))
    assert leaks(f"s{secret}", shown) == []


@pytest.mark.parametrize("place", PLACES)
def test_what_a_worker_was_not_told_is_redacted_by_its_master(place: str) -> None:
    worker, master = Evidence(), evidence_for(ANY)
    worker.keep_failure("OSError()", PLACES[place](ANY))
    once = worker.take()
    master.merge(once, "w1")
    again = Evidence()
    again.merge(master.kept(), "w1")
    assert again.kept() == master.kept()  # redacted text is left alone
    if "own" in place or "argument" in place:
        assert leaks(ANY, list(texts(master.kept()))) == []


def test_no_output_has_a_secret() -> None:
    environment = Environment(parsed_options=Namespace(my_pin="pin-4711"), user_classes=[])
    environment.evidence.redact(re.compile("kn-[0-9]+"))
    runner = environment.create_local_runner()
    try:
        event = exchange({"headers": {"Authorization": "Bearer abcdef-123"}}, {"content": b"kn-12345 of abcdef-123"})
        environment.events.request.fire(**event, response_length=0, context={})
        from locust_rs.ci.results import run_results

        assert environment.evidence.failures
        results = json.dumps(run_results(environment))
        for output in (results, get_html_report(environment), repr(environment.evidence.kept())):
            assert REDACTED in output
            assert "kn-12345" not in output
            assert "abcdef-123" not in output
    finally:
        runner.quit()


@pytest.mark.parametrize(
    "name",
    ["password", "PASSWD", "userPassword", "token", "access_token", "X-CSRF-Token", "apiKey", "api-key", "APIKEY",
     "client_secret", "sessionid", "JSESSIONID", "sid", "auth", "X-Auth", "jwt", "otp", "Authorization", "private_key",
     "user%5Bpassword%5D", "sessionToken", "pin", "id_token"],
)  # fmt: skip
def test_name_of_a_secret(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "author",
        "authority",
        "key",
        "id",
        "name",
        "passenger",
        "spinner",
        "compass",
        "keyboard",
        "Accept",
        "monkey",
        "inside",
    ],
)
def test_name_of_no_secret(name: str) -> None:
    assert not is_secret(name)


def test_what_is_no_secret_is_kept_as_it_is() -> None:
    page = "<h1>401 Basic authentication required</h1> author: Anna, url: http://shop.example/?page=2, see RFC 7617"
    event = exchange(
        {"headers": {**JSON, "Accept": "*/*"}, "body": as_json({"author": "Anna", "id": 5, "password": None})},
        {"headers": {"WWW-Authenticate": 'Basic realm="shop"', "Date": "Sat"}, "content": page.encode()},
    )
    evidence = Evidence()
    evidence.keep_failure("OSError()", event)
    (piece,) = evidence.failures
    assert not any(REDACTED in text for text in texts(piece.to_plain()))
    assert piece.response is not None
    assert piece.response.body is not None
    assert piece.response.body.text == page


@pytest.mark.parametrize(
    ("rule", "words"),
    [("", "is empty"), ("  ", "is empty"), ("/(/", "is no regular expression")],
    ids=["none", "blank", "pattern"],
)
def test_a_wrong_rule_is_refused(rule: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Evidence().redact(rule)
