"""What the recording server answers, by path: lists of steps, each plain bytes on the wire.

Steps: `("send", bytes)`, `("sleep", seconds)`, `("close",)`, `("reset",)`, `("stall",)` (keep the connection open
and say nothing). `%PORT0%` and `%PORT1%` in the bytes become the server's two ports.

A path `/raw/<url-safe base64>` is answered with exactly the bytes that it carries.
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

Step = tuple[Any, ...]


def http(body: bytes = b"", status: str = "200 OK", headers: str = "", length: bool = True) -> bytes:
    """One HTTP/1.1 response as bytes; `headers` is a block of `Name: value` lines."""
    lines = [f"HTTP/1.1 {status}"]
    lines += [line for line in headers.splitlines() if line.strip()]  # a line that begins with a blank is folded
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(chunks: list[bytes], headers: str = "", trailer: bytes = b"") -> bytes:
    """A chunked response."""
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailer + b"\r\n"
    return http(headers=f"Transfer-Encoding: chunked\n{headers}", length=False) + framed


def redirect(location: str, status: str = "302 Found", headers: str = "", body: bytes = b"moved") -> bytes:
    """A redirect with a small body."""
    return http(body, status, f"Location: {location}\n{headers}")


def send(response: bytes) -> list[Step]:
    """Answers with one write."""
    return [("send", response)]


HTML = "Content-Type: text/html; charset=utf-8"
JSON = "Content-Type: application/json"
OBJECT = json.dumps({"name": "locust", "items": [1, 2, {"é": None}]}).encode()

ANSWERS: dict[str, list[Step]] = {
    "/": send(http(b"hello world", headers=HTML)),
    "/text": send(http("grüße".encode(), headers=HTML)),
    "/latin1": send(http("grüße".encode("latin-1"), headers="Content-Type: text/plain; charset=iso-8859-1")),
    "/plain": send(http("grüße".encode(), headers="Content-Type: text/plain")),
    "/notype": send(http(b"no content type")),
    "/binary": send(http(bytes(range(256)), headers="Content-Type: application/octet-stream")),
    "/json": send(http(OBJECT, headers=JSON)),
    "/badjson": send(http(b"{nope", headers=JSON)),
    "/empty": send(http(b"")),
    "/204": send(http(status="204 No Content", length=False)),
    "/304": send(http(status="304 Not Modified", length=False)),
    "/201": send(http(b"made", "201 Created", "Location: /json")),
    "/400": send(http(b"bad", "400 Bad Request")),
    "/401": send(http(b"who?", "401 Unauthorized", 'WWW-Authenticate: Basic realm="x"')),
    "/404": send(http(b"not here", "404 Not Found", HTML)),
    "/418": send(http(b"teapot", "418 I'm a teapot")),
    "/500": send(http(b"boom", "500 Internal Server Error")),
    "/503": send(http(b"", "503 Service Unavailable", "Retry-After: 1")),
    "/299": send(http(b"odd", "299 Strange")),
    "/noreason": send(http(b"x", "200 ")),
    "/100": send(b"HTTP/1.1 100 Continue\r\n\r\n" + http(b"after 100")),
    "/103": send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + http(b"after 103")),
    "/duplicate-headers": send(http(b"x", headers="X-A: 1\nX-A: 2\nX-B:  spaced  \nx-lower: l\nX-UPPER: U")),
    "/gzip": send(http(gzip.compress(b"squeezed" * 50, mtime=0), headers=f"{HTML}\nContent-Encoding: gzip")),
    "/deflate": send(http(zlib.compress(b"squeezed" * 50), headers=f"{HTML}\nContent-Encoding: deflate")),
    "/badgzip": send(http(b"this is no gzip", headers=f"{HTML}\nContent-Encoding: gzip")),
    "/unknown-encoding": send(http(b"xyz", headers=f"{HTML}\nContent-Encoding: rot13")),
    "/chunked": send(chunked([b"one\n", b"two\n", b"three"], HTML)),
    "/chunked-gzip": send(chunked([gzip.compress(b"squeezed" * 50, mtime=0)], f"{HTML}\nContent-Encoding: gzip")),
    "/trailer": send(chunked([b"one"], trailer=b"X-Trailer: yes\r\n")),
    "/until-close": [("send", http(b"until close", headers="Connection: close", length=False)), ("close",)],
    "/until-close-10": [("send", b"HTTP/1.0 200 OK\r\nX: y\r\n\r\nold style"), ("close",)],
    "/connection-close": [("send", http(b"bye", headers="Connection: close")), ("close",)],
    "/lines": send(chunked([b"alpha\nbe", b"ta\r\ngam", "ma é\n".encode(), b"last"], HTML)),
    "/short": [("send", http(b"x" * 10, headers="X: y").replace(b": 10", b": 20")), ("close",)],
    "/close": [("close",)],
    "/reset": [("reset",)],
    "/garbage": [("send", b"this is not http at all\r\n\r\n"), ("close",)],
    "/http2": [("send", b"HTTP/2 200 OK\r\n\r\n"), ("close",)],
    "/odd-status": [("send", b"HTTP/1.1 20x Odd\r\n\r\n"), ("close",)],
    "/folded": send(http(b"x", headers="X-Fold: one\n two\n\tthree \nX-Blanks:\tv \t")),
    "/length-negative": [("send", http(b"ok", headers="Connection: close").replace(b": 2", b": -1")), ("close",)],
    "/length-empty": [("send", http(b"ok", headers="Connection: close").replace(b": 2", b": ")), ("close",)],
    "/half-head": [("send", b"HTTP/1.1 200 OK\r\nContent-"), ("close",)],
    "/bad-chunk": [("send", http(headers="Transfer-Encoding: chunked", length=False) + b"zz\r\nx"), ("close",)],
    "/cut-chunk": [("send", http(headers="Transfer-Encoding: chunked", length=False) + b"5\r\nab"), ("close",)],
    "/stall": [("stall",)],
    "/stall-body": [("send", http(b"0123456789", headers=HTML)[:-5]), ("stall",)],
    "/slow-chunks": [("send", chunked([b"first"])[:-5]), ("sleep", 0.05), ("send", b"6\r\nsecond\r\n0\r\n\r\n")],
    "/split-chunks": [
        step
        for piece in (
            http(headers="Transfer-Encoding: chunked", length=False),
            b"1",
            b"0\r",
            b"\n0123456789",
            b"abcdef\r",
            b"\n3\r\nxyz",
            b"\r\n0\r\n",
            b"\r\n",
        )
        for step in (("send", piece), ("sleep", 0.01))
    ],
    "/stall-chunks": [("send", chunked([b"first"])[:-5]), ("stall",)],
    "/reset-chunks": [("send", chunked([b"first"])[:-5]), ("sleep", 0.05), ("reset",)],
    "/closed-chunks": [("send", chunked([b"first"])[:-5]), ("close",)],
    "/large-chunks": send(chunked([b"x" * 70000, b"y" * 3, b"z" * 9000], HTML)),
    "/large": send(http(b"0123456789" * 20000)),
    "/reset-body": [("send", http(b"x" * 10).replace(b": 10", b": 20")), ("sleep", 0.05), ("reset",)],
    "/two-gzips": send(
        chunked([gzip.compress(b"one\n", mtime=0), gzip.compress(b"two\n", mtime=0)], "Content-Encoding: gzip")
    ),
    "/extended-chunks": send(http(headers="Transfer-Encoding: chunked", length=False) + b"3;a=b\r\none\r\n0\r\n\r\n"),
    "/redirect": send(redirect("/json")),
    "/redirect-301": send(redirect("/json", "301 Moved Permanently")),
    "/redirect-303": send(redirect("/json", "303 See Other")),
    "/redirect-307": send(redirect("/json", "307 Temporary Redirect")),
    "/redirect-308": send(redirect("/json", "308 Permanent Redirect")),
    "/redirect-300": send(redirect("/json", "300 Multiple Choices")),
    "/redirect-absolute": send(redirect("http://127.0.0.1:%PORT0%/text")),
    "/redirect-port": send(redirect("http://127.0.0.1:%PORT1%/text")),
    "/redirect-host": send(redirect("http://localhost:%PORT0%/text")),
    "/redirect-scheme-relative": send(redirect("//127.0.0.1:%PORT0%/text")),
    "/redirect-relative": send(redirect("json?x=1#frag")),
    "/redirect-quoted": send(redirect("/a b/%7Eé?q=ü ü")),
    "/redirect-twice": send(redirect("/redirect", headers="Set-Cookie: hop=1")),
    "/redirect-loop": send(redirect("/redirect-loop")),
    "/redirect-404": send(redirect("/404")),
    "/redirect-close": send(redirect("/close")),
    "/redirect-ftp": send(redirect("ftp://127.0.0.1/x")),
    "/redirect-empty": send(redirect("")),
    "/redirect-cookie": send(redirect("/json", headers="Set-Cookie: a=1; Path=/\nSet-Cookie: b=2; Path=/json")),
    "/redirect-nolocation": send(http(b"lost", "302 Found")),
    "/redirect-close-header": [("send", redirect("/json", headers="Connection: close")), ("close",)],
    "/cookie": send(http(b"set", headers="Set-Cookie: session=abc; Path=/\nSet-Cookie: theme=dark; HttpOnly")),
    "/cookie-path": send(http(b"set", headers="Set-Cookie: deep=1; Path=/deep")),
    "/cookie-expire": send(http(b"gone", headers="Set-Cookie: session=; Path=/; Max-Age=0")),
    "/cookie-domain": send(http(b"set", headers="Set-Cookie: d=1; Domain=127.0.0.1\nSet-Cookie: e=2; Domain=x.com")),
    "/cookie-quoted": send(http(b"set", headers='Set-Cookie: q="a \\"b\\" c"; Path=/\nSet-Cookie: bare')),
    "/cookie-secure": send(http(b"set", headers="Set-Cookie: s=1; Secure")),
}
