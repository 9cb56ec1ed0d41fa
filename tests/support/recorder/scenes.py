"""Calls of several steps, for the tables of `tables.py`."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

from describe import PORTS, describe, guarded

Call = Callable[[Any], Any]


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


def fail_in_block(response: Any) -> None:
    response.request_meta["exception"] = ValueError("put there by hand")


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


def hooked(client: Any) -> Any:
    seen: list[int] = []
    response = client.get("/json", hooks={"response": lambda r, **_: seen.append(r.status_code)})
    return [seen, response]


def prepared(client: Any) -> Any:
    import requests

    client.get("/")  # stock's `prepare_request` needs a request before it
    request = requests.Request("POST", f"http://127.0.0.1:{PORTS[0]}/json", json={"a": 1})
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


def located(response: Any) -> Any:
    """Where a response says that it comes from, and what its request says."""
    return [response.status_code, response.url, request_fields(response.request)]


def error_fields(response: Any) -> Any:
    names = ("status_code", "content", "text", "error", "ok", "url", "headers", "history", "reason", "encoding")
    return {name: describe(guarded(lambda n=name: getattr(response, n))) for name in names}


def posted_file(client: Any) -> Any:
    """A body read from a file."""
    with open(__file__, "rb") as body:
        return client.post("/json", data=body)


def hook_replaces(client: Any) -> Any:
    """A hook that gives another response in place of its own."""

    def replace(response: Any, **_kwargs: Any) -> Any:
        other = plain(response)
        other._content = b"replaced"
        other.raw = response.raw
        return other

    return client.get("/cookie", hooks={"response": replace}), client.cookies.get_dict()


def hook_sees(client: Any, path: str, **kwargs: Any) -> Any:
    """What a hook is given: the response, its request, and the settings of the request."""
    seen: list[Any] = []

    def look(response: Any, **settings: Any) -> None:
        request = response.request
        seen.append(
            [
                response.status_code, response.url, request.method, request.url, sorted(request.headers.items()),
                describe(request.body), sorted(settings), settings["stream"], settings["timeout"], settings["verify"],
                response.raw.status, response.headers.get("Content-Type"), response.text, response.is_redirect,
                sorted(response.cookies.get_dict().items()), [r.status_code for r in response.history],
            ]
        )  # fmt: skip

    return client.get(path, hooks={"response": [look]}, **kwargs), seen


def session_hook(client: Any, path: str) -> Any:
    seen: list[int] = []
    client.hooks["response"].append(lambda response, **_: seen.append(response.status_code))
    return client.get(path), client.post("/json", json={}), seen


def hook_raises(client: Any, error: Exception) -> Any:
    def fail(response: Any, **_kwargs: Any) -> None:
        raise error

    return client.get("/json", hooks={"response": fail})


class Signing:
    """A user's own auth object: signs the request that it is given."""

    def __init__(self, **changes: Any) -> None:
        self.changes = changes

    def __call__(self, request: Any) -> Any:
        request.headers["X-Signature"] = f"{request.method} {request.path_url} {len(request.body or b'')}"
        for name, value in self.changes.items():
            setattr(request, name, value)
        return request


def digest(client: Any, path: str) -> Any:
    from requests.auth import HTTPDigestAuth

    # Without a server that checks them, the answers to its challenge differ in nothing but random values.
    return client.get(path, auth=HTTPDigestAuth("joe", "secret")).status_code


def mounted(client: Any, call: Call, **settings: Any) -> Any:
    """A call on a session with adapters of requests mounted."""
    import requests.adapters

    for prefix in ("http://", "https://"):
        client.mount(prefix, requests.adapters.HTTPAdapter(**settings))
    return call(client)


def retrying(client: Any, path: str, method: str = "GET", **settings: Any) -> Any:
    """A call under a `Retry`, and how often it has counted."""
    from urllib3.util import Retry

    retry = Retry(**{"total": 2, "backoff_factor": 0, "respect_retry_after_header": False, **settings})
    response = mounted(client, lambda c: c.request(method, path), max_retries=retry)
    counted = getattr(response.raw, "retries", None)
    return response, None if counted is None else [counted.total, len(counted.history)]


def with_session(client: Any, call: Call, **attributes: Any) -> Any:
    """A call on a session whose attributes are changed before."""
    for name, value in attributes.items():
        setattr(client, name, value)
    return call(client), call(client)


def by_environment(client: Any, call: Call, **variables: str) -> Any:
    """A call with `trust_env` and variables of the environment."""
    import os
    from unittest import mock

    client.trust_env = True
    with mock.patch.dict(os.environ, variables):
        return call(client)


def netrc_file() -> str:
    """A .netrc file that knows the recording server."""
    import atexit
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".netrc", delete=False) as file:
        file.write("machine 127.0.0.1 login joe password secret\n")
    atexit.register(os.unlink, file.name)
    return file.name
