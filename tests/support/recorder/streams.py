"""Calls with `stream=True`: every way to read a body, of every kind of body."""

from __future__ import annotations

import io
import pickle
from typing import Any

from describe import guarded
from scenes import Call, hook_sees, mounted, with_block, with_session

BODIES = {
    "chunked": "/chunked",
    "chunked slowly": "/slow-chunks",
    "chunked in splinters": "/split-chunks",
    "large chunks": "/large-chunks",
    "extended chunks": "/extended-chunks",
    "trailer": "/trailer",
    "length": "/json",
    "large": "/large",
    "empty": "/empty",
    "no content": "/204",
    "until close": "/until-close",
    "until close 1.0": "/until-close-10",
    "gzip": "/gzip",
    "deflate": "/deflate",
    "chunked gzip": "/chunked-gzip",
    "two gzips": "/two-gzips",
    "bad gzip": "/badgzip",
    "unknown encoding": "/unknown-encoding",
    "short": "/short",
    "negative length": "/length-negative",
    "empty length": "/length-empty",
    "bad chunk": "/bad-chunk",
    "cut chunk": "/cut-chunk",
    "chunks without an end": "/closed-chunks",
    "reset between chunks": "/reset-chunks",
    "reset": "/reset-body",
    "stall": "/stall-body",
    "stall between chunks": "/stall-chunks",
    "failure": "/404",
}


def patience(path: str) -> float:
    """How many seconds a call waits for the next bytes: not long only where none come."""
    return 0.3 if "stall" in path else 20


def pieces(response: Any, iterator: Any) -> list[Any]:
    """What comes out of an iterator until it ends or raises, and what the response is then."""
    found: list[Any] = []
    error = guarded(lambda: found.extend(iterator))
    return [summary(found), error, state(response)]


def summary(pieces: list[Any]) -> list[Any]:
    """The pieces, or their lengths and ends if they are many."""
    if len(pieces) < 30 and sum(map(len, pieces)) < 2000:
        return pieces
    return [len(pieces), [len(piece) for piece in pieces[:20]], pieces[0][:20], pieces[-1][-20:]]


def state(response: Any) -> list[Any]:
    """What tells how far a response was read."""
    raw = response.raw
    return [raw.closed, raw.isclosed(), response._content_consumed, response._content is False]


def iterated(path: str, size: int | None) -> Call:
    def call(client: Any) -> Any:
        response = client.get(path, stream=True, timeout=patience(path))
        return pieces(response, response.iter_content(size))

    return call


def lines(path: str, **options: Any) -> Call:
    def call(client: Any) -> Any:
        response = client.get(path, stream=True, timeout=patience(path))
        return pieces(response, response.iter_lines(**options))

    return call


def read(path: str, size: int | None, decode: bool | None = None) -> Call:
    """Reads `raw` in pieces until it is empty, three times over, and tells where it is."""

    def call(client: Any) -> Any:
        raw = client.get(path, stream=True, timeout=patience(path)).raw
        found: list[Any] = []
        for _ in range(40):
            piece = guarded(lambda: raw.read(size, decode_content=decode))
            found.append(piece if isinstance(piece, Exception) or len(piece) < 100 else [len(piece), piece[:9]])
        return [found, raw.tell(), raw.closed, type(raw).__name__, raw.geturl(), raw.status, raw.reason, raw.version]

    return call


def content(path: str) -> Call:
    """`content`, twice, and what is left afterwards."""

    def call(client: Any) -> Any:
        response = client.get(path, stream=True, timeout=patience(path))
        texts = [guarded(lambda: response.content) for _ in range(2)]
        rest = guarded(lambda: list(response.iter_content(7)))
        shown = [text if isinstance(text, Exception) else [len(text), text[:50]] for text in [*texts]]
        return [shown, rest if isinstance(rest, Exception) else summary(rest), state(response)]

    return call


def read_twice(client: Any) -> Any:
    response = client.get("/lines", stream=True)
    first = list(response.iter_content(5))
    return [first, guarded(lambda: list(response.iter_content(5))), guarded(lambda: response.content)]


def closed_early(client: Any, path: str) -> Any:
    response = client.get(path, stream=True)
    iterator = response.iter_content(2)
    first = next(iterator)
    response.close()
    left = pieces(response, iterator)
    return [first, left, guarded(lambda: response.content), guarded(lambda: response.raw.read()), client.get("/json")]


def touched_and_closed(client: Any, path: str) -> Any:
    response = client.get(path, stream=True)
    iterator = response.iter_content(2)
    found = [next(iterator), response.raw.tell(), next(iterator)]
    response.close()
    return [found, pieces(response, iterator)]


def closed_unread(client: Any, path: str) -> Any:
    response = client.get(path, stream=True)
    response.close()
    return [guarded(lambda: response.content), state(response), guarded(lambda: response.raw.read(3))]


def iterator_dropped(client: Any, path: str) -> Any:
    response = client.get(path, stream=True)
    iterator = response.iter_content(2)
    first = next(iterator)
    iterator.close()
    return [first, state(response), guarded(lambda: list(response.iter_content(2))), guarded(lambda: response.content)]


def abandoned(client: Any) -> Any:
    for path in ("/chunked", "/json", "/large", "/until-close"):
        next(client.get(path, stream=True).iter_content(3))
    return client.get("/json")


def mixed(client: Any, path: str) -> Any:
    """Pieces, then `raw` itself, then pieces again."""
    response = client.get(path, stream=True)
    iterator = response.iter_content(3)
    found = [next(iterator), response.raw.tell(), response.raw.headers.get("X")]
    found += [next(iterator, None), guarded(lambda: response.raw.chunk_left)]
    return [*found, pieces(response, iterator)]


def decoding_raw(client: Any, path: str) -> Any:
    """As files are saved: `raw` decodes and is copied."""
    response = client.get(path, stream=True)
    response.raw.decode_content = True
    buffer = bytearray(6)
    count = response.raw.readinto(buffer)
    return [count, bytes(buffer), response.raw.read(4), response.raw.read(), response.raw.data]


def text_wrapped(client: Any) -> Any:
    raw = client.get("/text", stream=True).raw
    raw.auto_close = False
    return io.TextIOWrapper(raw, encoding="utf-8").read()


def raw_parts(client: Any) -> Any:
    raw = client.get("/duplicate-headers", stream=True).raw
    original = raw._original_response
    return [
        raw.getheaders().items(),
        raw.getheader("x-a"),
        raw.info()["X-B"],
        original.msg.get_all("X-A"),
        [original.status, original.reason, original.version, original.will_close, original.length, original.chunked],
        [raw.chunked, raw.length_remaining, raw.readable(), raw.supports_chunked_reads(), raw.version_string],
        raw.connection.sock.getpeername()[0],
        list(raw),
    ]


def of_session(client: Any, path: str) -> Any:
    def get(session: Any) -> Any:
        response = session.get(path, timeout=patience(path))
        return [state(response), response]

    return with_session(client, get, stream=True)


def pickled(client: Any) -> Any:
    copy = pickle.loads(pickle.dumps(client.get("/lines", stream=True)))
    return [copy.content, copy.raw, copy.status_code]


def in_block(path: str) -> Call:
    def body(response: Any) -> None:
        if b"two" not in list(response.iter_lines()):
            response.failure("nothing found")

    return lambda c: with_block(c, path, body, stream=True)


def hook_reads(client: Any) -> Any:
    seen: list[Any] = []

    def look(response: Any, **options: Any) -> None:
        seen.append([options["stream"], next(response.iter_content(3))])

    response = client.get("/chunked", stream=True, hooks={"response": look})
    return [seen, guarded(lambda: list(response.iter_content(3)))]


def redirected(client: Any, path: str, **options: Any) -> Any:
    response = client.get(path, stream=True, **options)
    if not hasattr(response, "history"):
        return response
    return [[state(earlier) for earlier in response.history], state(response), response]


STREAMS: dict[str, Call] = {
    **{
        f"stream {body} by {size}": iterated(path, size)
        for body, path in BODIES.items()
        for size in (None, 1, 4, 1024)
        if not (size == 1 and "large" in path)
    },
    **{f"stream lines of {body}": lines(path) for body, path in BODIES.items()},
    **{f"stream content of {body}": content(path) for body, path in BODIES.items()},
    **{
        f"stream raw of {body} by {size}": read(path, size) for body, path in BODIES.items() for size in (None, 5, 4096)
    },
    **{f"stream raw of {body} decoded": read(path, 100, True) for body, path in BODIES.items()},
    "stream lines by chunk": lines("/lines", chunk_size=None, decode_unicode=True),
    "stream lines by delimiter": lines("/lines", chunk_size=3, delimiter=b"a"),
    "stream by nothing": iterated("/chunked", 0),
    "stream by a negative number": iterated("/chunked", -1),
    "stream by a negative number of a length": iterated("/json", -1),
    "stream by text": lambda c: c.get("/json", stream=True).iter_content("7"),
    "stream head": lambda c: list(c.head("/json", stream=True).iter_content(5)),
    "stream head chunked": lambda c: list(c.head("/chunked", stream=True).iter_content(5)),
    "stream post": lambda c: c.post("/chunked", json={"a": 1}, stream=True).text,
    "stream false": lambda c: c.get("/chunked", stream=False)._content,
    "stream json": lambda c: c.get("/json", stream=True).json(),
    "stream read twice": read_twice,
    **{
        f"stream closed early {path}": (lambda c, p=path: closed_early(c, p)) for path in ("/chunked", "/json", "/gzip")
    },
    **{
        f"stream touched, closed {path}": (lambda c, p=path: touched_and_closed(c, p)) for path in ("/chunked", "/json")
    },
    **{f"stream closed unread {path}": (lambda c, p=path: closed_unread(c, p)) for path in ("/chunked", "/json")},
    **{
        f"stream iterator dropped {path}": (lambda c, p=path: iterator_dropped(c, p))
        for path in ("/chunked", "/json", "/chunked-gzip")
    },
    "stream abandoned": abandoned,
    **{
        f"stream mixed {path}": (lambda c, p=path: mixed(c, p))
        for path in ("/chunked", "/large-chunks", "/json", "/until-close-10")
    },
    **{
        f"stream decoding raw {path}": (lambda c, p=path: decoding_raw(c, p))
        for path in ("/chunked", "/json", "/gzip", "/chunked-gzip")
    },
    "stream as a text file": text_wrapped,
    "stream raw parts": raw_parts,
    **{
        f"stream of the session {path}": (lambda c, p=path: of_session(c, p))
        for path in ("/chunked", "/json", "/gzip", "/404", "/short", "/close")
    },
    "stream pickled": pickled,
    "stream marked": in_block("/chunked"),
    "stream marked as failed": in_block("/lines"),
    "stream hook reads": hook_reads,
    "stream hook sees": lambda c: hook_sees(c, "/chunked", stream=True),
    "stream hook sees redirects": lambda c: hook_sees(c, "/redirect-twice", stream=True),
    **{
        f"stream redirected {path}": (lambda c, p=path: redirected(c, p))
        for path in ("/redirect", "/redirect-twice", "/redirect-loop", "/redirect-port", "/redirect-close")
    },
    "stream not redirected": lambda c: redirected(c, "/redirect", allow_redirects=False),
    "stream mounted": lambda c: mounted(c, lambda s: s.get("/chunked", stream=True)),
    "stream cookies": lambda c: [c.get("/cookie", stream=True), c.get("/json", stream=True), c.cookies.get_dict()],
    "stream refused": lambda c: c.get("http://127.0.0.1:1/", stream=True),
    "stream broken header": lambda c: c.get("/garbage", stream=True),
}
