"""Journeys: what all readers produce, what the passes change, and what the writer writes.

Texts of requests (URLs, header values, body texts) may hold placeholders, see `values`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


class Bare(str):
    """A JSON value that is one placeholder outside of quotes: it keeps the type that its value has at run time."""

    __slots__ = ()


@dataclass
class JsonBody:
    """A JSON document other than `null`."""

    content: Any


@dataclass
class FormBody:
    """A url-encoded form; names are unique."""

    fields: list[tuple[str, str]]


@dataclass
class Part:
    """One part of a multipart form."""

    name: str
    value: str
    filename: str | None = None
    content_type: str | None = None


@dataclass
class MultipartBody:
    """A multipart form."""

    parts: list[Part]


@dataclass
class RawBody:
    """Any other text, or a placeholder for the content of a file."""

    content: str


Body = JsonBody | FormBody | MultipartBody | RawBody


@dataclass
class Response:
    """A recorded response.

    Attributes:
        text: Its body; None: not recorded.
        url: Where redirects have led; empty without redirects.
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    text: str | None = None
    url: str = ""


@dataclass(frozen=True)
class JsonPath:
    """A value in the JSON document of a response."""

    keys: tuple[str | int, ...]


@dataclass(frozen=True)
class Pattern:
    """What the first group of a regular expression matches in the text of a response, or in its URL."""

    regex: str
    in_url: bool = False


@dataclass(frozen=True)
class Header:
    """A header of a response."""

    name: str


@dataclass(frozen=True)
class Cookie:
    """A cookie that the client has after a response."""

    name: str


@dataclass
class Capture:
    """A value to be taken from a response, for a request after it.

    Attributes:
        target: Placeholder of the value.
        source: Where the value is.
        said: The comment above it; empty where the input itself asks for it.
    """

    target: str
    source: JsonPath | Pattern | Header | Cookie
    said: str = ""


@dataclass
class Expected:
    """What a response must be like; without statuses any success will do."""

    statuses: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.statuses or self.keys)


@dataclass
class Request:
    """One request, and what is known about its response.

    Attributes:
        url: Absolute until the pass `hosts` has run, then below the journey's host where it can be.
        title: What a person called it.
        step: Requests with equal steps that follow each other belong together; None: decided by time.
        name: What stands in the statistics; None: the URL.
        started_s: When it was sent, in seconds from any moment; None: not recorded.
        duration_s: How long it took.
        pause_s: Think time before it that the source states.
        timeout_s: Longest wait for its response.
        notes: What a reader of the locustfile should know about it.
    """

    method: str
    url: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: Body | None = None
    auth: tuple[str, str] | None = None
    title: str = ""
    step: str | None = None
    name: str | None = None
    started_s: float | None = None
    duration_s: float = 0.0
    pause_s: float | None = None
    timeout_s: float | None = None
    follow_redirects: bool = True
    response: Response | None = None
    expected: Expected = field(default_factory=Expected)
    captures: list[Capture] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def header(self, name: str) -> str | None:
        """The value of a header, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def drop_header(self, name: str) -> None:
        """Removes a header, if it is there."""
        self.headers = [(key, value) for key, value in self.headers if key.lower() != name.lower()]


@dataclass
class Step:
    """What a user does at once: one task."""

    title: str
    requests: list[Request]


@dataclass
class Journey:
    """What one user does: one class.

    Attributes:
        title: What the class is named after.
        recorded: The requests were written by a browser or a client, not by a person.
        ordered: The requests follow each other; otherwise each is a task by itself.
        host: Scheme and authority, a placeholder in their place, or empty; set by the pass `hosts`.
        shared_headers: Headers of all requests; set by the pass `headers`.
        cookies: Cookies that a user has from the beginning.
        client_certificate: Files of the certificate and its key.
        verify: False, or the file of the authorities: how certificates are checked.
        think_times_s: Shortest and longest pause between steps; None: not known.
        notes: What a reader of the locustfile should know about the journey.
    """

    title: str
    requests: list[Request] = field(default_factory=list)
    recorded: bool = False
    ordered: bool = True
    host: str = ""
    shared_headers: list[tuple[str, str]] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)
    client_certificate: tuple[str, ...] = ()
    verify: bool | str = True
    steps: list[Step] = field(default_factory=list)
    think_times_s: tuple[float, float] | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def needs_requests(self) -> bool:
        """Whether the client has to be that of HttpUser: FastHttpUser does not do these things."""
        return bool(
            self.cookies
            or self.client_certificate
            or isinstance(self.verify, str)
            or any(request.timeout_s or isinstance(request.body, MultipartBody) for request in self.requests)
            or any(isinstance(capture.source, Cookie) for capture in self.captures())
        )

    def captures(self) -> Iterator[Capture]:
        """All values that are taken from responses."""
        for request in self.requests:
            yield from request.captures
