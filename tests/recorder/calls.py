"""Scripted calls, run by any interpreter that has a `locust`: what do they return, raise and report?

`python calls.py http|fast PORT0 PORT1` prints one JSON object per call. Only the public interface is used, so the
same file runs under stock Locust and here; the recording server sees what each sent.
"""

from __future__ import annotations

import io
import json
import pickle
import re
import sys
from collections.abc import Callable
from typing import Any

Call = Callable[[Any], Any]


class Events:
    """Stands where `environment.events.request` stands and keeps what is fired."""

    def __init__(self) -> None:
        self.fired: list[dict[str, Any]] = []

    def fire(self, *, reverse: bool = False, **kwargs: Any) -> None:
        """Keeps one event."""
        self.fired.append(kwargs)


class ContextUser:
    """A user whose `context()` has something to say."""

    def context(self) -> dict[str, Any]:
        """What every request of this user carries."""
        return {"user": "me", "shared": "user"}


def with_block(client: Any, path: str, body: Callable[[Any], Any], **kwargs: Any) -> Any:
    """A request with `catch_response`, whose response is handed to `body`."""
    with client.get(path, catch_response=True, **kwargs) as response:
        body(response)
    return response


def renamed(client: Any) -> Any:
    with client.rename_request("/grouped"):
        client.get("/")
        client.get("/json", name="own name wins?")
    return client.get("/text")


def request_name(client: Any) -> Any:
    client.request_name = "/named"
    client.get("/json")
    client.request_name = None
    return client.get("/json")


def swallowed(client: Any, error: Exception) -> str:
    try:
        with client.get("/", catch_response=True):
            raise error
    except Exception as caught:
        return f"caught {type(caught).__name__}"
    return "nothing raised"


def locust_error(client: Any, name: str) -> str:
    import locust.exception

    return swallowed(client, getattr(locust.exception, name)())


def marked_then_raised(client: Any, path: str, mark: str, error: Exception) -> str:
    """Marks the response and then raises inside the with-block."""
    try:
        with client.get(path, catch_response=True) as response:
            if mark == "failure":
                response.failure("marked")
            else:
                response.success()
            raise error
    except Exception as caught:
        return f"caught {caught!r}"
    return "nothing raised"


def response_error() -> Exception:
    import locust.exception

    return locust.exception.ResponseError("from the block")


def meta_in_block(client: Any, path: str, **kwargs: Any) -> Any:
    with client.get(path, catch_response=True, **kwargs) as response:
        return {key: describe(value) for key, value in response.request_meta.items()}


def entered_twice(client: Any) -> Any:
    response = client.get("/404", catch_response=True)
    for _ in range(2):
        with response:
            pass
    return None


def failing_with(client: Any, reason: Any) -> Any:
    with client.get("/json", catch_response=True) as response:
        response.failure(reason)
    return guarded(response.raise_for_status)


def marked_outside(client: Any) -> Any:
    with client.get("/json", catch_response=True) as response:
        pass
    response.failure("late")
    return response


def context_kept(client: Any) -> Any:
    context: dict[str, Any] = {"a": 1}
    with client.get("/json", catch_response=True, context=context) as response:
        response.request_meta["context"]["b"] = 2
    return context


def rename_in_block(response: Any) -> None:
    response.request_meta["name"] = "from the block"
    response.request_meta["context"] = {"replaced": True}


def twice(client: Any, path: str, **kwargs: Any) -> list[Any]:
    return [client.get(path, **kwargs), client.get("/json")]


def set_then_get(client: Any, path: str) -> list[Any]:
    return [client.get(path), client.get("/json"), client.get("/deep/er"), client.post("/json", data="x")]


def manual(mark: str) -> Callable[[Any], Any]:
    """Bodies of with-blocks."""

    def failing(response: Any) -> None:
        response.failure("because")

    def failing_with_exception(response: Any) -> None:
        response.failure(ValueError("because"))

    def succeeding(response: Any) -> None:
        response.success()

    def both(response: Any) -> None:
        response.success()
        response.failure("after all")

    def looking(response: Any) -> None:
        assert response.text is not None or response.content is None

    def raising(response: Any) -> None:
        response.raise_for_status()

    return locals()[mark]


COMMON: dict[str, Call] = {
    "get": lambda c: c.get("/"),
    "get text": lambda c: c.get("/text"),
    "get latin1": lambda c: c.get("/latin1"),
    "get plain": lambda c: c.get("/plain"),
    "get notype": lambda c: c.get("/notype"),
    "get binary": lambda c: c.get("/binary"),
    "get json": lambda c: c.get("/json").json(),
    "get badjson": lambda c: c.get("/badjson").json(),
    "get empty": lambda c: c.get("/empty"),
    **{f"get {code}": (lambda c, code=code: c.get(f"/{code}")) for code in
       ("204", "304", "201", "400", "401", "404", "418", "500", "503", "299", "noreason", "100", "103")},
    "get duplicate headers": lambda c: c.get("/duplicate-headers"),
    "get gzip": lambda c: c.get("/gzip"),
    "get deflate": lambda c: c.get("/deflate"),
    "get badgzip": lambda c: c.get("/badgzip"),
    "get unknown encoding": lambda c: c.get("/unknown-encoding"),
    "get chunked": lambda c: c.get("/chunked"),
    "get chunked gzip": lambda c: c.get("/chunked-gzip"),
    "get trailer": lambda c: c.get("/trailer"),
    "get until close": lambda c: twice(c, "/until-close"),
    "get until close 1.0": lambda c: twice(c, "/until-close-10"),
    "get connection close": lambda c: twice(c, "/connection-close"),
    "send connection close": lambda c: twice(c, "/", headers={"Connection": "close"}),
    "short body": lambda c: c.get("/short"),
    "server closes": lambda c: c.get("/close"),
    "server resets": lambda c: c.get("/reset"),
    "garbage": lambda c: c.get("/garbage"),
    "half head": lambda c: c.get("/half-head"),
    "bad chunk": lambda c: c.get("/bad-chunk"),
    "cut chunk": lambda c: c.get("/cut-chunk"),
    "post closes": lambda c: c.post("/close", data="x"),
    "no such port": lambda c: c.get("http://127.0.0.1:1/x"),
    "no such host": lambda c: c.get("http://no.such.host.invalid/x"),
    "bad url": lambda c: c.get("http://"),
    "bad port": lambda c: c.get("http://127.0.0.1:99999/"),
    "no scheme": lambda c: c.get("//127.0.0.1/x"),
    "ftp": lambda c: c.get("ftp://127.0.0.1/x"),
    "relative": lambda c: c.get("json"),
    "unicode path": lambda c: c.get("/grüße/ü?q=é è&x=%20%7E"),
    "spaces": lambda c: c.get("/a b?c d=e f"),
    "fragment": lambda c: c.get("/json#part"),
    "question": lambda c: c.get("/json?"),
    "dots": lambda c: c.get("/a/../b/./c"),
    "double slash": lambda c: c.get("//json"),
    "params": lambda c: c.get("/json", params={"a": 1, "b": ["x", "y"], "c": "ü &", "d": None}),
    "params with query": lambda c: c.get("/json?z=0", params={"a": "1"}),
    "params pairs": lambda c: c.get("/json", params=[("a", "1"), ("a", "2")]),
    "headers": lambda c: c.get("/json", headers={"X-One": "1", "user-agent": "mine", "Accept": "text/plain"}),
    "header host": lambda c: c.get("/json", headers={"Host": "example.com"}),
    "header bad value": lambda c: c.get("/json", headers={"X": "a\nb"}),
    "header bad name": lambda c: c.get("/json", headers={"X Y": "a"}),
    "header unicode": lambda c: c.get("/json", headers={"X": "é"}),
    "header wide unicode": lambda c: c.get("/json", headers={"X": "Ω"}),
    "auth": lambda c: c.get("/json", auth=("joe", "sécret")),
    "url auth": lambda c: c.get("http://joe:secret@127.0.0.1:%d/json" % PORTS[0]),
    "post nothing": lambda c: c.post("/json"),
    "post text": lambda c: c.post("/json", data="text é"),
    "post bytes": lambda c: c.post("/json", data=b"\x00\xff"),
    "post empty text": lambda c: c.post("/json", data=""),
    "post form": lambda c: c.post("/json", data={"a": "1", "b": "ü &=", "c": 3}),
    "post form list": lambda c: c.post("/json", data={"a": ["1", "2"]}),
    "post empty form": lambda c: c.post("/json", data={}),
    "post json": lambda c: c.post("/json", json={"a": [1, None, "é"], "b": {"c": 1.5}}),
    "post json empty": lambda c: c.post("/json", json={}),
    "post json list": lambda c: c.post("/json", json=[]),
    "post json string": lambda c: c.post("/json", json="x"),
    "post json nan": lambda c: c.post("/json", json=float("nan")),
    "post json object": lambda c: c.post("/json", json=object()),
    "post json and data": lambda c: c.post("/json", json={"a": 1}, data="data"),
    "post json with type": lambda c: c.post("/json", json={"a": 1}, headers={"Content-Type": "x/y"}),
    "post json with accept": lambda c: c.post("/json", json={"a": 1}, headers={"accept": "x/y"}),
    "post form with type": lambda c: c.post("/json", data={"a": 1}, headers={"content-type": "x/y"}),
    "post text with type": lambda c: c.post("/json", data="é", headers={"Content-Type": "text/plain"}),
    "post file": lambda c: c.post("/json", data=open(__file__, "rb")),
    "post bytesio": lambda c: c.post("/json", data=io.BytesIO(b"stream")),
    "post iterator": lambda c: c.post("/json", data=iter([b"one", b"", b"two"])),
    "post generator": lambda c: c.post("/json", data=(part for part in (b"one", b"two"))),
    "post files": lambda c: c.post("/json", files={"f": ("name.txt", b"content", "text/plain")}),
    "post files and data": lambda c: c.post("/json", data={"a": "1"}, files={"f": ("n", io.BytesIO(b"c"))}),
    "put text": lambda c: c.put("/json", data="text"),
    "put json": lambda c: c.put("/json", json={"a": 1}),
    "patch text": lambda c: c.patch("/json", data="text"),
    "patch json": lambda c: c.patch("/json", json={"a": 1}),
    "delete": lambda c: c.delete("/json"),
    "delete json": lambda c: c.delete("/json", json={"a": 1}),
    "delete data": lambda c: c.delete("/json", data="x"),
    "options": lambda c: c.options("/json"),
    "head": lambda c: c.head("/json"),
    "head redirect": lambda c: c.head("/redirect"),
    "head follows": lambda c: c.head("/redirect", allow_redirects=True),
    "head gzip": lambda c: c.head("/gzip"),
    "request lower": lambda c: c.request("get", "/json"),
    "request odd": lambda c: c.request("PURGE", "/json"),
    "request odd data": lambda c: c.request("PROPFIND", "/json", data="x"),
    "request bad method": lambda c: c.request("BAD METHOD", "/json"),
    "get with data": lambda c: c.request("GET", "/json", data="body"),
    **{f"{verb} {kind}": (lambda c, verb=verb, kind=kind: getattr(c, verb)(f"/redirect{kind}", **(
        {"data": {"a": "1"}} if verb in ("post", "put") else {})))
       for verb in ("get", "post", "put", "delete")
       for kind in ("", "-301", "-303", "-307", "-308")},
    **{f"redirect {kind}": (lambda c, kind=kind: c.get(f"/redirect-{kind}")) for kind in
       ("300", "absolute", "port", "host", "scheme-relative", "relative", "quoted", "twice", "loop", "404", "close",
        "ftp", "empty", "cookie", "nolocation", "close-header")},
    "redirect stream body": lambda c: c.post("/redirect-307", data=io.BytesIO(b"stream")),
    "redirect iterator body": lambda c: c.post("/redirect-307", data=iter([b"one"])),
    "redirect json body": lambda c: c.post("/redirect-308", json={"a": 1}),
    "redirect fragment": lambda c: c.get("/redirect#keep"),
    "redirect auth same": lambda c: c.get("/redirect", auth=("a", "b")),
    "redirect auth port": lambda c: c.get("/redirect-port", auth=("a", "b")),
    "redirect auth host": lambda c: c.get("/redirect-host", auth=("a", "b")),
    "redirect auth header": lambda c: c.get("/redirect-port", headers={"Authorization": "x"}),
    "redirect cookie header": lambda c: c.get("/redirect-port", headers={"Cookie": "x=y"}),
    "redirect host header": lambda c: c.get("/redirect", headers={"Host": "example.com"}),
    "no redirect": lambda c: c.get("/redirect", allow_redirects=False),
    "no redirect post": lambda c: c.post("/redirect", data="x", allow_redirects=False),
    "no redirect loop": lambda c: c.get("/redirect-loop", allow_redirects=False),
    "cookies": lambda c: set_then_get(c, "/cookie"),
    "cookies path": lambda c: set_then_get(c, "/cookie-path"),
    "cookies expire": lambda c: [c.get("/cookie"), c.get("/cookie-expire"), c.get("/json")],
    "cookies domain": lambda c: set_then_get(c, "/cookie-domain"),
    "cookies quoted": lambda c: set_then_get(c, "/cookie-quoted"),
    "cookies secure": lambda c: set_then_get(c, "/cookie-secure"),
    "cookies redirect": lambda c: [c.get("/redirect-cookie"), c.get("/json")],
    "cookies and header": lambda c: [c.get("/cookie"), c.get("/json", headers={"Cookie": "mine=1"})],
    "name": lambda c: c.get("/json", name="grouped"),
    "name empty": lambda c: c.get("/json", name=""),
    "context": lambda c: c.get("/json", context={"a": 1, "shared": "call"}),
    "rename_request": renamed,
    "request_name": request_name,
    "catch fine": lambda c: with_block(c, "/", manual("looking")),
    "catch bad": lambda c: with_block(c, "/404", manual("looking")),
    "catch failure": lambda c: with_block(c, "/", manual("failing")),
    "catch failure exception": lambda c: with_block(c, "/", manual("failing_with_exception")),
    "catch success": lambda c: with_block(c, "/404", manual("succeeding")),
    "catch both": lambda c: with_block(c, "/404", manual("both")),
    "catch refused": lambda c: with_block(c, "http://127.0.0.1:1/", manual("looking")),
    "catch refused success": lambda c: with_block(c, "http://127.0.0.1:1/", manual("succeeding")),
    "catch raising": lambda c: with_block(c, "/404", manual("raising")),
    "catch meta": lambda c: with_block(c, "/", rename_in_block),
    "catch without with": lambda c: c.get("/", catch_response=True),
    "catch value error": lambda c: swallowed(c, ValueError("own")),
    "catch response error": lambda c: locust_error(c, "ResponseError"),
    "catch catch-response error": lambda c: locust_error(c, "CatchResponseError"),
    "catch interrupt": lambda c: locust_error(c, "InterruptTaskSet"),
    "catch reschedule": lambda c: locust_error(c, "RescheduleTask"),
    "catch failure, raise": lambda c: marked_then_raised(c, "/", "failure", ValueError("own")),
    "catch success, raise": lambda c: marked_then_raised(c, "/404", "success", ValueError("own")),
    "catch failure, response error": lambda c: marked_then_raised(c, "/", "failure", response_error()),
    "catch response error text": lambda c: swallowed(c, response_error()),
    "catch meta in block": lambda c: meta_in_block(c, "/404?x=1"),
    "catch meta in block named": lambda c: meta_in_block(c, "/json", name="n", context={"k": "v"}),
    "catch meta in block refused": lambda c: meta_in_block(c, "http://127.0.0.1:1/x"),
    "catch meta in block stream": lambda c: meta_in_block(c, "/json", stream=True),
    "catch entered twice": entered_twice,
    "catch failure none": lambda c: failing_with(c, None),
    "catch failure dict": lambda c: failing_with(c, {"a": 1}),
    "catch failure empty": lambda c: failing_with(c, ""),
    "catch failure number": lambda c: failing_with(c, 404),
    "catch marked outside": marked_outside,
    "catch context": context_kept,
    "error named": lambda c: c.get("/404", name="grouped"),
    "error named redirect": lambda c: c.get("/redirect-404", name="grouped"),
    "error query": lambda c: c.get("/500?a=b&c=é"),
    "error absolute": lambda c: c.get("http://127.0.0.1:%d/404" % PORTS[0]),
    "error credentials": lambda c: c.get("http://joe:pw@127.0.0.1:%d/404" % PORTS[0]),
    "refused named": lambda c: c.get("http://127.0.0.1:1/x?y=z#f", name="grouped"),
    "refused post": lambda c: c.post("http://127.0.0.1:1", data="x", context={"a": 1}),
    "refused after redirect": lambda c: c.post("/redirect-close", data="x", name="grouped"),
    "prepare fails absolute": lambda c: c.get("http://127.0.0.1:%d/x y?z" % PORTS[0], headers={"X": "a\nb"}),
    "prepare fails named": lambda c: c.get("/x y", headers={"X": "a\nb"}, name="grouped"),
    "stream with length": lambda c: c.get("/json", stream=True),
    "head length": lambda c: c.head("/json").headers["Content-Length"],
    "success without catch": lambda c: c.get("/").success(),
    "failure without catch": lambda c: c.get("/").failure("x"),
    "failure without with": lambda c: c.get("/", catch_response=True).failure("x"),
    "with but no catch": lambda c: c.get("/404").__enter__(),
    "raise_for_status": lambda c: c.get("/404").raise_for_status(),
    "raise_for_status fine": lambda c: c.get("/").raise_for_status(),
    "raise_for_status refused": lambda c: c.get("http://127.0.0.1:1/").raise_for_status(),
    "bool": lambda c: [bool(c.get("/")), bool(c.get("/404")), bool(c.get("http://127.0.0.1:1/"))],
    "repr": lambda c: [repr(c.get("/")).split(" at ")[0], repr(c.get("http://127.0.0.1:1/")).split(" at ")[0]],
    "stream": lambda c: c.get("/chunked", stream=True).content,
    "stream iter_content": lambda c: list(c.get("/chunked", stream=True).iter_content(4)),
    "iter_content": lambda c: list(c.get("/chunked").iter_content(4)),
    "stream with": lambda c: with_block(c, "/chunked", lambda r: r.content, stream=True),
    "stream short": lambda c: c.get("/short", stream=True).content,
    "unknown keyword": lambda c: c.get("/json", nonsense=1),
    "response attributes": lambda c: sorted(n for n in dir(c.get("/")) if not n.startswith("_")),
}

HTTP: dict[str, Call] = {
    "timeout": lambda c: c.get("/stall", timeout=0.2),
    "timeout tuple": lambda c: c.get("/stall", timeout=(1, 0.2)),
    "timeout body": lambda c: c.get("/stall-body", timeout=0.2),
    "timeout bad": lambda c: c.get("/", timeout=(1, 2, 3)),
    "bytes url": lambda c: c.get(b"/json"),
    "bytes method": lambda c: c.request(b"GET", "/json"),
    "cookies argument": lambda c: [c.get("/json", cookies={"x": "1"}), c.get("/json")],
    "cookies jar": lambda c: [c.cookies.set("x", "1"), c.get("/json"), c.cookies.get_dict()][1:],
    "cookies jar domain": lambda c: [c.cookies.set("x", "1", domain="other.com"), c.get("/json")][1],
    "cookies both": lambda c: [c.get("/cookie"), c.get("/json", cookies={"session": "over", "n": "1"})],
    "session headers": lambda c: [c.headers.update({"X-S": "1", "accept": "a/b"}), c.get("/json")][1],
    "session header removed": lambda c: [c.headers.pop("User-Agent"), c.get("/json")][1],
    "header none": lambda c: c.get("/json", headers={"User-Agent": None, "Accept-Encoding": None}),
    "session headers replaced": lambda c: [setattr(c, "headers", {"A": "b"}), c.get("/json")][1],
    "session auth": lambda c: [setattr(c, "auth", ("u", "p")), c.get("/json")][1],
    "session params": lambda c: [c.params.update({"s": "1"}), c.get("/json", params={"t": "2"})][1],
    "hook": lambda c: hooked(c),
    "prepared": lambda c: prepared(c),
    "pickle": lambda c: pickle.loads(pickle.dumps(plain(c.get("/json")))).json(),
    "history": lambda c: [(r.status_code, r.url, r.text) for r in c.get("/redirect-twice").history],
    "next": lambda c: c.get("/redirect", allow_redirects=False).next.url,
    "links": lambda c: c.get("/103").links,
    "apparent": lambda c: c.get("/notype").apparent_encoding,
    "raw": lambda c: type(c.get("/").raw).__name__,
    "raw stream read": lambda c: c.get("/chunked", stream=True).raw.read(),
    "iter_lines": lambda c: list(c.get("/lines").iter_lines()),
    "stream iter_lines": lambda c: list(c.get("/lines", stream=True).iter_lines(decode_unicode=True)),
    "request body": lambda c: c.post("/json", json={"a": 1}).request.body,
    "request headers": lambda c: sorted(c.post("/json", json={"a": 1}).request.headers.items()),
    "request path_url": lambda c: c.get("/json?a=b").request.path_url,
    "elapsed": lambda c: type(c.get("/").elapsed).__name__,
    "response cookies": lambda c: c.get("/cookie").cookies.get_dict(),
    "error response": lambda c: error_fields(c.get("http://127.0.0.1:1/")),
    "max redirects": lambda c: [setattr(c, "max_redirects", 2), c.get("/redirect-loop")][1],
    "data pairs": lambda c: c.post("/json", data=[("a", "1"), ("a", "2")]),
    "data string stream": lambda c: c.post("/json", data=io.StringIO("text")),
    "json with is_redirect": lambda c: [c.get("/redirect", allow_redirects=False).is_redirect],
    "verify false plain": lambda c: c.get("/json", verify=False),
    "proxies": lambda c: c.get("http://example.com/x", proxies={"http": "http://127.0.0.1:%d" % PORTS[0]}),
    "close": lambda c: [c.get("/"), c.close(), c.get("/")][::2],
    "with session": lambda c: c.__enter__().get("/"),
    "attrs": lambda c: sorted(n for n in vars(c) if n in (
        "auth", "base_url", "request_event", "request_name", "trust_env", "user", "headers", "verify")),
    "stream raise": lambda c: c.get("/cut-chunk", stream=True).content,
    "empty url": lambda c: c.get(""),
    "trust env": lambda c: [c.trust_env, c.auth, c.base_url],
    "meta": lambda c: sorted(c.get("/", catch_response=True).request_meta.items(), key=str)[:3],
}

FAST: dict[str, Call] = {
    "iter_lines": lambda c: list(c.iter_lines("/lines")),
    "iter_lines post": lambda c: list(c.iter_lines("/lines", method="POST", data="x")),
    "iter_lines 404": lambda c: list(c.iter_lines("/404")),
    "iter_lines refused": lambda c: list(c.iter_lines("http://127.0.0.1:1/")),
    "debug_stream": lambda c: debug_stream(c),
    "cookiejar": lambda c: [c.get("/cookie"), sorted((k.name, k.value) for k in c.cookiejar)],
    "pool close": lambda c: [c.get("/"), c.client.clientpool.close(), c.get("/")][::2],
    "auth_header": lambda c: [c.auth_header, setattr(c, "auth_header", "Bearer x"), c.get("/json")][::2],
    "response headers": lambda c: [c.get("/duplicate-headers").headers.get("x-a"),
                                   c.get("/duplicate-headers").headers.getlist("X-A")],
    "response request": lambda c: request_fields(c.post("/json", json={"a": 1}).request),
    "error response": lambda c: error_fields(c.get("http://127.0.0.1:1/")),
    "error request": lambda c: request_fields(c.get("http://127.0.0.1:1/").request),
    "404 fields": lambda c: [c.get("/404").ok, c.get("/404").text, c.get("/404").url],
    "read": lambda c: c.get("/chunked", stream=True).read(),
    "read some": lambda c: c.get("/chunked", stream=True).read(4),
    "stream attribute": lambda c: c.get("/chunked", stream=True).stream.read(),
    "json again": lambda c: [(r.json(), r.json(), r.text) for r in [c.get("/json")]],
    "elapsed": lambda c: type(c.get("/").elapsed).__name__,
    "history": lambda c: [r.status_code for r in c.get("/redirect-twice").history],
    "len": lambda c: len(c.get("/")),
    "urlopen": lambda c: c.client.urlopen("http://127.0.0.1:%d/json" % PORTS[0]).content,
    "urlopen 404": lambda c: c.client.urlopen("http://127.0.0.1:%d/404" % PORTS[0]).content,
    "empty url": lambda c: c.get(""),
    "files tuple": lambda c: c.post("/json", files={"f": ("n.txt", b"c", "text/plain", {}, "bound")}),
    "meta": lambda c: sorted(c.get("/", catch_response=True).request_meta.items(), key=str)[:3],
    "attrs": lambda c: sorted(vars(c)),
    "client attrs": lambda c: [c.client.max_redirects, c.client.max_retries, c.client.default_headers.items().__class__
                               is not None],
    "timeout keyword": lambda c: c.get("/json", timeout=1),
    "text setter": lambda c: c.get("/json", headers={}).encoding,
}


def hooked(client: Any) -> Any:
    seen: list[int] = []
    response = client.get("/json", hooks={"response": lambda r, **_: seen.append(r.status_code)})
    return [seen, response]


def prepared(client: Any) -> Any:
    import requests

    client.get("/")  # stock's `prepare_request` needs a request before it
    request = requests.Request("POST", "http://127.0.0.1:%d/json" % PORTS[0], json={"a": 1})
    return client.send(client.prepare_request(request))


def plain(response: Any) -> Any:
    """The response as picklable requests.Response."""
    import requests

    copy = requests.Response()
    for name in requests.Response.__attrs__:
        setattr(copy, name, getattr(response, name))
    return copy


def debug_stream(client: Any) -> str:
    stream = io.StringIO()
    client.get("/text", debug_stream=stream)
    return stream.getvalue()


def request_fields(request: Any) -> Any:
    return [request.method, request.url, request.body, request.payload, sorted(request.headers.items())]


def error_fields(response: Any) -> Any:
    names = ("status_code", "content", "text", "error", "ok", "url", "headers", "history", "reason", "encoding")
    return {name: describe(guarded(lambda n=name: getattr(response, n))) for name in names}


def guarded(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:
        return error


def describe(value: Any) -> Any:
    """Anything as JSON that two interpreters can be compared by."""
    if isinstance(value, BaseException):
        return {"raised": type(value).__name__, "bases": [base.__name__ for base in type(value).__mro__][1:4],
                "text": clean(str(value))}
    if isinstance(value, (list, tuple)):
        return [describe(item) for item in value]
    if isinstance(value, dict):
        return {str(key): describe(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return {"bytes": clean(value.decode("latin-1"))}
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return "a float"
    if hasattr(value, "status_code"):
        return describe_response(value)
    return clean(f"{type(value).__module__}.{type(value).__name__}")


def describe_response(response: Any) -> Any:
    names = ("status_code", "url", "ok", "content", "text", "encoding", "reason", "error")
    described = {name: describe(guarded(lambda n=name: getattr(response, n))) for name in names}
    described["type"] = type(response).__name__
    headers = guarded(lambda: response.headers)
    described["headers"] = sorted([k, clean(str(v))] for k, v in headers.items()) if headers is not None else None
    return described


def clean(text: str) -> str:
    """Removes what differs from run to run."""
    for index, port in enumerate(PORTS):
        text = text.replace(str(port), f"PORT{index}")
    text = re.sub(r"0x[0-9a-f]{6,}", "0xADDRESS", text)
    return re.sub(r"[0-9a-f]{32}", "BOUNDARY", text).replace("locust_rs.", "locust.")


def describe_event(event: dict[str, Any]) -> dict[str, Any]:
    described = {name: describe(value) for name, value in event.items() if name != "response"}
    described["response"] = type(event.get("response")).__name__
    return described


def session(kind: str, host: str, user: Any, **kwargs: Any) -> tuple[Any, Events]:
    """A client of the kind on the recording server, and what it fires."""
    events = Events()
    if kind == "http":
        from locust.clients import HttpSession

        return HttpSession(host, events, user, **kwargs), events
    from locust.contrib.fasthttp import FastHttpSession

    return FastHttpSession(host, events, user, **kwargs), events


def variants(kind: str) -> dict[str, tuple[str, Any, dict[str, Any]]]:
    """Calls that need a session of their own making: (host, user, keywords)."""
    own: dict[str, tuple[str, Any, dict[str, Any]]] = {
        "user context": ("http://127.0.0.1:%d", ContextUser(), {}),
        "credentials": ("http://joe:secret@127.0.0.1:%d", None, {}),
        "trailing slash": ("http://127.0.0.1:%d/", None, {}),
        "base path": ("http://127.0.0.1:%d/api/v1", None, {}),
        "base path slash": ("http://127.0.0.1:%d/api/v1/", None, {}),
        "no scheme": ("127.0.0.1:%d", None, {}),
        "upper scheme": ("HTTP://127.0.0.1:%d", None, {}),
    }
    if kind == "fast":
        own |= {
            "default headers": ("http://127.0.0.1:%d", None, {"headers": {"User-Agent": "mine", "X": "y"}}),
            "max redirects": ("http://127.0.0.1:%d", None, {"max_redirects": 1}),
            "network timeout": ("http://127.0.0.1:%d", None, {"network_timeout": 0.2}),
            "max retries": ("http://127.0.0.1:%d", None, {"max_retries": 2}),
            "none base": (None, None, {}),  # type: ignore[dict-item]
        }
    return own


VARIANT_CALLS: dict[str, Call] = {
    "rooted": lambda c: c.get("/json", context={"shared": "call"}),
    "relative": lambda c: c.get("json"),
    "absolute": lambda c: c.get("http://127.0.0.1:%d/json" % PORTS[0]),
    "loop": lambda c: c.get("/redirect-twice"),
    "stall": lambda c: c.get("/stall-body") if getattr(c, "_short", False) else c.get("/text"),
    "closes": lambda c: c.get("/close"),
    "post closes": lambda c: c.post("/close", data="x"),
    "own auth": lambda c: c.get("/json", auth=("other", "pw")),
    "catch": lambda c: with_block(c, "/404", manual("looking"), context={"shared": "call"}),
}


def run(kind: str, only: str | None) -> None:
    """Prints one line per call."""
    calls = {name: ("http://127.0.0.1:%d", None, {}, call) for name, call in
             (COMMON | (HTTP if kind == "http" else FAST)).items()}
    for variant, (host, user, kwargs) in variants(kind).items():
        for name, call in VARIANT_CALLS.items():
            calls[f"{variant}: {name}"] = (host, user, kwargs, call)
    if kind == "fast":
        quick = {"network_timeout": 0.2}
        for path in ("/stall", "/stall-body"):
            calls[f"timeout {path}"] = ("http://127.0.0.1:%d", None, quick, lambda c, p=path: c.get(p))
        calls["timeout post"] = ("http://127.0.0.1:%d", None, quick, lambda c: c.post("/stall", data="x"))
    for name, (host, user, kwargs, call) in calls.items():
        if only and not re.search(only, name):
            continue
        client, events = session(kind, host % PORTS[0] if host else host, user, **kwargs)
        result = guarded(lambda: call(client))
        line = {"call": name, "result": describe(result), "events": [describe_event(event) for event in events.fired]}
        print(json.dumps(line, sort_keys=True), flush=True)
        sys.stdin.readline()  # the reader first collects what was recorded


PORTS = [0, 0]

if __name__ == "__main__":
    PORTS[:] = [int(sys.argv[2]), int(sys.argv[3])]
    run(sys.argv[1], sys.argv[4] if len(sys.argv) > 4 else None)
