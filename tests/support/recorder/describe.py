"""Results, exceptions and events as JSON that two interpreters can be compared by."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

PORTS = [0, 0]
"""Of the recording server; set before anything is described."""


def guarded(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:
        return error


def describe(value: Any) -> Any:
    """Anything as JSON that two interpreters can be compared by."""
    if isinstance(value, BaseException):
        return {
            "raised": type(value).__name__,
            "bases": [base.__name__ for base in type(value).__mro__][1:4],
            "text": clean(str(value)),
            "in the statistics": clean(repr(value)),
        }
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
    described = {name: value for name, value in described.items() if not is_missing(value)}
    if not hasattr(type(response), "apparent_encoding"):
        described.pop("reason", None)  # FastResponse promises none
    described["type"] = kind_of(response)
    headers = guarded(lambda: response.headers)
    described["headers"] = sorted([k, clean(str(v))] for k, v in headers.items()) if headers is not None else None
    return described


def kind_of(response: Any) -> str:
    """The class; a response and its context manager, of which listeners get one or the other, count as one."""
    kind = type(response).__name__
    return "a response" if kind in ("FastResponse", "ResponseContextManager") else kind


def is_missing(described: Any) -> bool:
    """Whether there is no such attribute."""
    return isinstance(described, dict) and described.get("raised") == "AttributeError"


def clean(text: str) -> str:
    """Removes what differs from run to run."""
    for index, port in enumerate(PORTS):
        text = text.replace(str(port), f"PORT{index}")
    text = re.sub(r"0x[0-9a-f]{6,}", "0xADDRESS", text)
    return re.sub(r"[0-9a-f]{32}", "BOUNDARY", text).replace("locust_rs.", "locust.")


def describe_event(event: dict[str, Any]) -> dict[str, Any]:
    described = {name: describe(value) for name, value in event.items() if name != "response"}
    described["response"] = kind_of(event.get("response"))
    return described
