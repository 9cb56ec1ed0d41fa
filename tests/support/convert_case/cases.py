"""A case of the corpus: an input, and the requests that its locustfile must make."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from convert_case.server import Answer, Seen

SITE = "http://site.test"
"""Stands for the recording server in inputs."""

OTHER = "http://other.test"
"""Stands for another origin of it."""


@dataclass
class Sent:
    """A request that must be made.

    Attributes:
        headers: Those that must have these values; None: that must not be there.
    """

    method: str
    target: str
    json: Any = ...
    form: list[tuple[str, str]] | None = None
    text: str | None = None
    parts: dict[str, tuple[str | None, str]] | None = None
    headers: dict[str, str | None] = field(default_factory=dict)

    def check(self, seen: Seen) -> None:
        """Holds what the server saw against this."""
        assert (seen.method, seen.target) == (self.method, self.target)
        if self.json is not ...:
            assert seen.json == self.json
            assert seen.headers["content-type"].startswith(("application/json", "application/vnd."))
        elif self.form is not None:
            assert seen.form == self.form
            assert seen.headers["content-type"].startswith("application/x-www-form-urlencoded")
        elif self.parts is not None:
            assert seen.parts == self.parts
        else:
            assert seen.body.decode() == (self.text or "")
        for name, value in self.headers.items():
            assert seen.headers.get(name.lower()) == value, name


@dataclass
class Case:
    """An input and what must come of it.

    Attributes:
        name: A sentence.
        file: The input's name, which also says its format.
        written: Texts that the locustfile must contain.
        unwritten: Texts that it must not contain.
    """

    name: str
    file: str
    text: str
    sent: list[Sent]
    answers: dict[str, Answer] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    ordered: bool = True


def entry(
    method: str,
    url: str,
    *,
    body: str | None = None,
    kind: str = "application/json",
    headers: dict[str, str] | None = None,
    answer: object = None,
    status: int = 200,
    answer_headers: dict[str, str] | None = None,
    at_s: float = 0.0,
    resource: str | None = "xhr",
    **more: Any,
) -> dict[str, Any]:
    """An entry of a HAR; `more` replaces keys of its request."""
    content = answer if isinstance(answer, str) else "" if answer is None else json.dumps(answer)
    request: dict[str, Any] = {
        "method": method,
        "url": f"{SITE}{url}" if url.startswith("/") else url,
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": name, "value": value} for name, value in (headers or {}).items()],
        "queryString": [],
        "cookies": [],
    }
    if body is not None:
        request["headers"].append({"name": "Content-Type", "value": kind})
        request["postData"] = {"mimeType": kind, "text": body}
    minutes, seconds = divmod(at_s, 60)
    made: dict[str, Any] = {
        "startedDateTime": f"2026-01-31T12:{int(minutes):02}:{seconds:06.3f}Z",
        "time": 10,
        "request": request | more,
        "response": {
            "status": status,
            "headers": [{"name": name, "value": value} for name, value in (answer_headers or {}).items()],
            "content": {"mimeType": "application/json", "text": content},
        },
    }
    return made if resource is None else {**made, "_resourceType": resource}


def har(*entries: dict[str, Any]) -> str:
    """A HAR of entries."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "test"}, "entries": list(entries)}})
