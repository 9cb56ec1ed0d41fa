"""Calls of several steps, for the tables of `tables.py`."""

from __future__ import annotations

import io
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


def error_fields(response: Any) -> Any:
    names = ("status_code", "content", "text", "error", "ok", "url", "headers", "history", "reason", "encoding")
    return {name: describe(guarded(lambda n=name: getattr(response, n))) for name in names}


def posted_file(client: Any) -> Any:
    """A body read from a file."""
    with open(__file__, "rb") as body:
        return client.post("/json", data=body)
