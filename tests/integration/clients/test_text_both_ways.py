"""Text and JSON of a response are the same with the engine and without it, whatever the header says of them."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gevent.pywsgi import WSGIServer

from locust_rs.clients import HttpSession, ResponseContextManager

GERMAN = '{"gruß": "schön"}'

# Content-Type (several: one field each), body, Content-Encoding
CASES: dict[str, tuple[list[str], bytes, str | None]] = {
    "JSON": (["application/json"], b'{"a": [1, 2.5, null]}', None),
    "JSON in UTF-8": (["application/json"], GERMAN.encode(), None),
    "JSON in latin-1": (["application/json"], GERMAN.encode("latin-1"), None),
    "JSON with a charset": (["application/json; charset=utf-8"], GERMAN.encode(), None),
    "a charset in capitals": (["application/json;charset=UTF-8"], GERMAN.encode(), None),
    "a quoted charset": (['application/json; charset="utf-8"'], GERMAN.encode(), None),
    "a charset and more": (["text/plain; charset=utf-8; format=flowed"], GERMAN.encode(), None),
    "another charset": (["text/plain; charset=utf-16"], GERMAN.encode("utf-16"), None),
    "an unknown charset": (["text/plain; charset=klingon"], GERMAN.encode(), None),
    "text without a charset": (["text/html"], GERMAN.encode(), None),
    "text with other parameters": (["text/html; level=1"], GERMAN.encode(), None),
    "a type in capitals": (["Text/HTML"], GERMAN.encode(), None),
    "JSON of a kind": (["application/problem+json"], GERMAN.encode(), None),
    "no type": ([], GERMAN.encode(), None),
    "two types": (["text/html", "application/json"], GERMAN.encode(), None),
    "no body": (["application/json"], b"", None),
    "no JSON": (["application/json"], b"<html>", None),
    "half of it": (["application/json"], b'{"a": [1, 2', None),
    "JSON and more": (["application/json"], b'{"a": 1} x', None),
    "JSON between blanks": (["application/json"], b' \n{"a": 1} \n', None),
    "a mark before it": (["application/json"], b"\xef\xbb\xbf{}", None),
    "a number": (["application/json"], b"12345678901234567890123", None),
    "half a number": (["application/json"], b"-", None),
    "no number": (["application/json"], b"[NaN, -Infinity]", None),
    "half a character": (["application/json"], b'"\\ud83d"', None),
    "too deep": (["application/json"], b"[" * 200_000, None),
    "zipped": (["application/json"], gzip.compress(GERMAN.encode()), "gzip"),
    "zipped text": (["text/html"], gzip.compress(GERMAN.encode() * 10_000), "gzip"),
    "zipped, in capitals": (["application/json"], gzip.compress(GERMAN.encode()), "GZIP"),
    "zipped, with more behind": (["application/json"], gzip.compress(GERMAN.encode()) + b"more", "gzip"),
    "zipped in two members": (["text/html"], gzip.compress(b"one") + gzip.compress(b"two"), "gzip"),
    "zipped, cut off": (["application/json"], gzip.compress(GERMAN.encode() * 9)[:-12], "gzip"),
    "zipped, with a wrong sum": (["application/json"], gzip.compress(GERMAN.encode())[:-8] + bytes(8), "gzip"),
    "zipped by zlib": (["application/json"], zlib.compress(GERMAN.encode()), "deflate"),
    "deflated": (["application/json"], zlib.compress(GERMAN.encode())[2:-4], "deflate"),
    "said to be zipped": (["application/json"], b'{"a": 1}', "gzip"),
    "said to be zipped, longer": (["application/json"], b'{"a": 1, "b": "something longer than a head"}', "gzip"),
    "said to be deflated": (["application/json"], b'{"a": 1}', "deflate"),
    "said to be in Brotli": (["application/json"], b'{"a": 1}', "br"),
    "not encoded, and said so": (["application/json"], b'{"a": 1}', "identity"),
    "encoded as nobody can read": (["application/json"], b'{"a": 1}', "pack200-gzip"),
    "encoded as nobody can write": (["application/json"], b'{"a": 1}', "compress"),
    "encoded twice": (["application/json"], gzip.compress(zlib.compress(GERMAN.encode())), "deflate, gzip"),
    "no body, said to be zipped": (["application/json"], b"", "gzip"),
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server whose page N is the case N."""
    cases = list(CASES.values())

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        types, body, coding = cases[int(environ["PATH_INFO"].strip("/"))]
        headers = [("Content-Type", value) for value in types]
        start_response("200 OK", [*headers, *([("Content-Encoding", coding)] if coding else [])])
        return [body]

    server = WSGIServer(("127.0.0.1", 0), application, log=None)
    server.start()
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    yield f"http://127.0.0.1:{server.server_port}"
    server.stop()


def outcome(read: Callable[[], Any]) -> Any:
    """What it returns, in words that NaN equals itself in; or the error."""
    try:
        return repr(read())
    except RecursionError:
        return "RecursionError"  # its text tells where
    except zlib.error:
        return "zlib.error"  # the engine words it itself
    except Exception as error:
        return type(error).__mro__[:-2], str(error)


def looked_at(response: Any, order: str) -> list[Any]:
    """What a user sees who looks at a response in this order, and then once more."""
    looks: dict[str, Callable[[], Any]] = {
        "text": lambda: response.text,
        "json": lambda: response.json(),
        "encoding": lambda: response.encoding,
        "content": lambda: response.content,
        "set": lambda: setattr(response, "encoding", "latin-1"),
    }
    return [outcome(looks[name]) for name in [*order.split(), "text", "encoding", "json"]]


ORDERS = ("text", "json", "encoding", "content json", "text set json", "set text", "json set text")


OTHERS_OF_GEVENTHTTPCLIENT = {
    "zipped in two members", "encoded as nobody can read", "encoded as nobody can write", "encoded twice",
    "no body, said to be zipped", "said to be in Brotli",
}  # fmt: skip
"""Bodies that `FastHttpSession` takes in another way than geventhttpclient on purpose: see docs/differences.md."""


def close(session: Any) -> None:
    """Closes the session's connections."""
    (session.close if isinstance(session, HttpSession) else session.client.clientpool.close)()


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_text_and_json_are_the_same_either_way(kind: str, url: str, make_session: Callable[..., Any]) -> None:
    names = [name for name in CASES if not (kind == "fast" and name in OTHERS_OF_GEVENTHTTPCLIENT)]
    seen: list[dict[str, Any]] = []
    for http_engine in (True, False):
        session = make_session(kind, url, http_engine)
        paths = {name: f"/{list(CASES).index(name)}" for name in names}
        seen.append({name: [looked_at(session.get(paths[name]), order) for order in ORDERS] for name in names})
        close(session)
    assert seen[0] == seen[1]


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_replaced_parser_is_called(
    kind: str, url: str, make_session: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    response = make_session(kind, url).get("/0")
    monkeypatch.setattr(json, "loads", lambda text, **_: f"parsed {text}")
    assert response.json() == 'parsed {"a": [1, 2.5, null]}'


def test_arguments_of_the_parser_are_honoured(url: str, make_session: Callable[..., Any]) -> None:
    response: ResponseContextManager = make_session("http", url).get("/0")
    assert response.json(parse_float=str) == {"a": [1, "2.5", None]}
