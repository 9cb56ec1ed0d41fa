"""Evidence of one request: what was sent, what came back, when and where. Plain values, secrets redacted."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any

PHASES = ("queue", "resolve", "connect", "tls", "send", "first_byte", "last_byte")


@dataclass
class Body:
    """A body up to a limit.

    Attributes:
        text: Its beginning; empty if it is binary or not known.
        length: Bytes of the whole; None if not known.
        is_cut: Whether the text ends before the body does.
        note: Why there is no text: `binary`, `stream`, or `file`; empty otherwise.
    """

    text: str = ""
    length: int | None = None
    is_cut: bool = False
    note: str = ""


@dataclass
class Sent:
    """A request as it was sent, as far as it is known."""

    method: str = ""
    url: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: Body | None = None


@dataclass
class Received:
    """A response, as far as it came."""

    status: int | None = None
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: Body | None = None


@dataclass
class Piece:
    """One request.

    Attributes:
        method: As the statistics call it, like `name` and `error`.
        error: The failure as the table of errors has it.
        time_s: When the request began, in epoch seconds.
        user_class: Empty if no user has made the request.
        worker: The worker's id; `local` without workers.
        phases_ms: How long each phase took that occurred and is known.
        failed_in: The phase in which it failed; empty if not known.
        context: Plain values of the event's `context`.
    """

    method: str
    name: str
    error: str
    time_s: float
    response_time_ms: float | None = None
    user_class: str = ""
    worker: str = "local"
    request: Sent | None = None
    response: Received | None = None
    phases_ms: dict[str, float] = field(default_factory=dict)
    failed_in: str = ""
    context: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> tuple[str, str, str]:
        """What the failures of one row in the table of errors have in common."""
        return self.method, self.name, self.error

    def to_plain(self) -> dict[str, Any]:
        """For messages and files; `from_plain` reads it."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Piece:
        """A piece from another node.

        Raises:
            ValueError, TypeError, KeyError: It is malformed.
        """
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in plain.items() if name in known}
        piece = cls(**values)
        _demand(str, piece.method, piece.name, piece.error, piece.user_class, piece.worker, piece.failed_in)
        piece.time_s = _number(piece.time_s)
        piece.response_time_ms = None if piece.response_time_ms is None else _number(piece.response_time_ms)
        piece.phases_ms = {str(name): _number(value) for name, value in piece.phases_ms.items() if name in PHASES}
        piece.context = {str(name): str(value) for name, value in piece.context.items()}
        piece.request = None if values.get("request") is None else _sent(**values["request"])
        piece.response = None if values.get("response") is None else _received(**values["response"])
        return piece


def _demand(kind: type, *values: object) -> None:
    for value in values:
        if not isinstance(value, kind):
            raise TypeError(f"{value!r:.80} is no {kind.__name__}")


def _number(value: Any) -> float:
    number = float(value)
    if not (math.isfinite(number) and 0 <= number < 1e11):
        raise ValueError(f"{number} is out of range")
    return number


def _sent(method: str, url: str, headers: Any, body: Any) -> Sent:
    _demand(str, method, url)
    return Sent(method, url, _headers(headers), _body(body))


def _received(status: int | None, reason: str, headers: Any, body: Any) -> Received:
    _demand(str, reason)
    return Received(None if status is None else int(status), reason, _headers(headers), _body(body))


def _headers(headers: Any) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in headers]


def _body(body: Any) -> Body | None:
    if body is None:
        return None
    read = Body(**body)
    _demand(str, read.text, read.note)
    length = None if read.length is None else int(read.length)
    return Body(read.text, length, bool(read.is_cut), read.note)
