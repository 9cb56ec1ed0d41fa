"""requests' and geventhttpclient's documented behaviours against httpbin, through the engine and the old way."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from polling import until
from references import reference_python

MakeSession = Callable[..., Any]


def listens(port: int) -> bool:
    """Whether a local port takes connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def httpbin() -> Iterator[str]:
    """The URL of an httpbin of our own."""
    python = reference_python("httpbin")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [str(python), "-W", "ignore", "-m", "waitress", "--threads=8", f"--listen=127.0.0.1:{port}", "httpbin:app"],
        stdout=subprocess.DEVNULL,
        stderr=sys.stderr,
    )
    try:
        until(lambda: listens(port), "an answer of httpbin", hopeless=lambda: server.poll() is not None)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def echo(response: Any) -> Any:
    """What httpbin has understood of a request."""
    heard = response.json()
    if "multipart" in str(heard.get("headers", {}).get("Content-Type")):
        heard["headers"]["Content-Type"] = "multipart"
    return heard


def status_and_text(response: Any) -> Any:
    return response.status_code, response.text


def status_and_json(response: Any) -> Any:
    return response.status_code, response.json()


BOTH: dict[str, Callable[[Any], Any]] = {
    "get": lambda s: echo(s.get("/get")),
    "query": lambda s: echo(s.get("/get", params={"a": ["1", "2"], "b": "ü &"})),
    "headers": lambda s: echo(s.get("/headers", headers={"X-Own": "1", "Accept": "a/b"})),
    "user agent": lambda s: echo(s.get("/user-agent")),
    "post form": lambda s: echo(s.post("/post", data={"a": "1", "b": "é"})),
    "post text": lambda s: echo(s.post("/post", data="text")),
    "post json": lambda s: echo(s.post("/post", json={"a": [1, None, "é"]})),
    "post file": lambda s: echo(s.post("/post", files={"f": ("name.txt", b"content", "text/plain")})),
    "post file and form": lambda s: echo(s.post("/post", data={"a": "1"}, files={"f": ("n", b"c")})),
    "put": lambda s: echo(s.put("/put", data="text")),
    "patch": lambda s: echo(s.patch("/patch", json={"a": 1})),
    "delete": lambda s: echo(s.delete("/delete")),
    "options": lambda s: sorted(s.options("/get").headers["Allow"].split(", ")),
    "head": lambda s: (s.head("/get").status_code, s.head("/get").content),
    **{f"status {code}": (lambda s, code=code: s.get(f"/status/{code}").status_code)
       for code in (200, 201, 204, 304, 400, 404, 418, 429, 500, 503)},
    "redirect": lambda s: echo(s.get("/redirect/3")),
    "relative redirect": lambda s: echo(s.get("/relative-redirect/2")),
    "absolute redirect": lambda s: echo(s.get("/absolute-redirect/2")),
    "redirect with body": lambda s: echo(s.post("/redirect-to?url=/post&status_code=307", data="kept")),
    "redirect loses body": lambda s: echo(s.post("/redirect-to?url=/get&status_code=303", data="lost")),
    "too many redirects": lambda s: s.get("/redirect/40").status_code,
    "not redirected": lambda s: s.get("/redirect/1", allow_redirects=False).status_code,
    "history": lambda s: [hop.status_code for hop in s.get("/redirect/2").history],
    "cookies": lambda s: echo(s.get("/cookies/set?a=1&b=2")),
    "cookies deleted": lambda s: [s.get("/cookies/set?a=1&b=2"), echo(s.get("/cookies/delete?a"))][1],
    "basic auth": lambda s: status_and_json(s.get("/basic-auth/u/p", auth=("u", "p"))),
    "wrong basic auth": lambda s: s.get("/basic-auth/u/p", auth=("u", "x")).status_code,
    "bearer": lambda s: status_and_json(s.get("/bearer", headers={"Authorization": "Bearer t"})),
    "gzip": lambda s: s.get("/gzip").json()["gzipped"],
    "deflate": lambda s: s.get("/deflate").json()["deflated"],
    "brotli": lambda s: s.get("/brotli").json()["brotli"],
    "utf-8": lambda s: s.get("/encoding/utf8").text,
    "html": lambda s: status_and_text(s.get("/html")),
    "image": lambda s: s.get("/image/png").content,
    "bytes": lambda s: s.get("/bytes/1000?seed=1").content,
    "chunks": lambda s: s.get("/stream-bytes/5000?seed=1&chunk_size=512").content,
    "lines": lambda s: len(s.get("/stream/20").text.splitlines()),
    "range": lambda s: s.get("/range/100", headers={"Range": "bytes=10-19"}).content,
    "etag": lambda s: s.get("/etag/abc", headers={"If-None-Match": "abc"}).status_code,
    "cache": lambda s: s.get("/cache", headers={"If-Modified-Since": "x"}).status_code,
    "response headers": lambda s: s.get("/response-headers?X-Own=a&X-Own=b").json(),
    "drip": lambda s: s.get("/drip?numbytes=5&duration=0.2&delay=0").content,
    "large body": lambda s: len(s.post("/post", data="x" * 200_000).json()["data"]),
}  # fmt: skip

HTTP: dict[str, Callable[[Any], Any]] = {
    "cookies of one request": lambda s: [echo(s.get("/cookies", cookies={"x": "1"})), echo(s.get("/cookies"))],
    "session headers": lambda s: [s.headers.update({"X-S": "1"}), echo(s.get("/headers"))][1],
    "digest auth": lambda s: digest(s),
    "streamed": lambda s: list(s.get("/stream-bytes/100?seed=1", stream=True).iter_content(30)),
    "streamed lines": lambda s: len(list(s.get("/stream/5", stream=True).iter_lines())),
    "timeout": lambda s: type(s.get("/delay/5", timeout=0.2).error).__name__,
    "links": lambda s: s.get("/links/3/0").status_code,
}

FAST: dict[str, Callable[[Any], Any]] = {
    "iter_lines": lambda s: len(list(s.iter_lines("/stream/5"))),
    "streamed": lambda s: s.get("/stream-bytes/100?seed=1", stream=True).content,
}


def digest(session: Any) -> Any:
    from requests.auth import HTTPDigestAuth

    return status_and_json(session.get("/digest-auth/auth/u/p", auth=HTTPDigestAuth("u", "p")))


def neutral(value: Any) -> Any:
    """Without what differs from request to request."""
    if isinstance(value, dict):
        return {key: neutral(item) for key, item in value.items() if key not in ("origin", "Content-Length")}
    return [neutral(item) for item in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        pytest.param(kind, call, id=f"{kind}-{name}")
        for kind, table in (("http", BOTH | HTTP), ("fast", BOTH | FAST))
        for name, call in table.items()
    ],
)
def test_httpbin_understands_both_ways_alike(
    kind: str, call: Callable[[Any], Any], httpbin: str, make_session: MakeSession
) -> None:
    results = []
    for http_engine in (True, False):
        session = make_session(kind, httpbin, http_engine, **({"max_redirects": 30} if kind == "fast" else {}))
        results.append((neutral(call(session)), sorted(session.user.environment.stats.entries)))
        (session if kind == "http" else session.client).close()
    assert results[0] == results[1]
