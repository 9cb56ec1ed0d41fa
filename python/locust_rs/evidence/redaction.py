"""Takes the secrets out of evidence, before anybody sees it or it leaves the process.

What is secret by its name (headers, parameters, fields of forms and JSON) is found first. What was found there is then
looked for everywhere else, since a server may repeat a token in its answer.
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from locust_rs.evidence.model import Body, Piece
from locust_rs.evidence.names import HEADERS, is_secret, plain_name
from locust_rs.evidence.spans import Span, basic_credentials, spans_in_form, spans_in_text

REDACTED = "[redacted]"

SHORTEST_DECLARED = 3
SHORTEST_FOUND = 6
"""Shorter values are not looked for elsewhere: they would be found in every text."""

MOST_BODY = 2048
"""Characters of a body that are kept."""

MOST_URL = 2048
MOST_HEADERS = 50
MOST_CONTEXT = 20
MOST_VALUE = 1024
"""Characters of a header or of a value of the context."""

OVERHANG = 1024
"""Characters that are read of a body beyond those that are kept, so that no secret is cut before it is found."""

COOKIE_ATTRIBUTES = frozenset(["domain", "expires", "max-age", "path", "priority", "samesite"])

_SCHEME = re.compile(r"[A-Za-z][\w-]* +(?=\S+$)")


class Redaction:
    """The rules of a test.

    Args:
        declared: Returns the values of the arguments that are declared secret.
    """

    def __init__(self, declared: Callable[[], Iterable[str]] = tuple) -> None:
        self._declared = declared
        self._names: set[str] = set()
        self._patterns: list[re.Pattern[str]] = []

    def add(self, rule: str | re.Pattern[str]) -> None:
        """Adds a rule of one's own.

        Args:
            rule: The name of a header, parameter or field; or a pattern (compiled, or text between slashes): what it
                matches is secret, or its groups if it has any.

        Raises:
            ValueError: The rule is empty, or its pattern cannot be compiled.
        """
        if isinstance(rule, str) and len(rule) > 2 and rule.startswith("/") and rule.endswith("/"):
            try:
                rule = re.compile(rule[1:-1])
            except re.error as error:
                raise ValueError(f"'{rule}' is no regular expression: {error}") from None
        if isinstance(rule, re.Pattern):
            self._patterns.append(rule)
        elif rule.strip():
            self._names.add(plain_name(rule))
        else:
            raise ValueError("A rule of redaction is empty: name a header, parameter or field")

    def apply(self, piece: Piece) -> None:
        """Redacts a piece in place, and cuts its texts to their limits."""
        found: set[str] = set()
        self._mark(piece, found)
        self._scrub(piece, found)
        _cut(piece)

    def _is_secret(self, name: str) -> bool:
        return is_secret(name) or (bool(self._names) and plain_name(name) in self._names)

    def _mark(self, piece: Piece, found: set[str]) -> None:
        """Redacts what is secret by its place, and notes it."""
        sent, received = piece.request, piece.response
        if sent is not None:
            sent.url = self._text(sent.url, found, is_form=True)
        for message in (sent, received):
            if message is None:
                continue
            kind = next((value for name, value in message.headers if name.lower() == "content-type"), "")
            message.headers = [(name, self._header(name, value, found)) for name, value in message.headers]
            if message.body is not None:
                message.body.text = self._text(message.body.text, found, is_form="urlencoded" in kind.lower())
        piece.context = {
            name: self._whole(value, found) if self._is_secret(name) else self._text(value, found)
            for name, value in piece.context.items()
        }

    def _header(self, name: str, value: str, found: set[str]) -> str:
        if name.lower() in HEADERS or self._is_secret(name):
            return self._whole(value, found)
        return self._text(value, found, is_form="://" in value or value.startswith("/"))

    def _whole(self, value: str, found: set[str]) -> str:
        if REDACTED in value:
            return value
        found.update(_values_of_header(value))
        return REDACTED if value else value

    def _text(self, text: str, found: set[str], *, is_form: bool = False) -> str:
        spans = [*spans_in_text(text, self._is_secret), *self._own(text)]
        if is_form:
            spans += spans_in_form(text, self._is_secret)
        merged = _merged(spans)
        found.update(variant for start, end in merged for variant in _readings(text[start:end]))
        return _replaced(text, merged)

    def _own(self, text: str) -> Iterator[Span]:
        for pattern in self._patterns:
            for match in pattern.finditer(text):
                groups = range(1, pattern.groups + 1) if pattern.groups else (0,)
                yield from (match.span(group) for group in groups if match.start(group) >= 0)

    def _scrub(self, piece: Piece, found: set[str]) -> None:
        """Redacts the same secrets wherever else they stand."""
        declared = {value for value in self._declared() if len(value) >= SHORTEST_DECLARED}
        known = declared | {value for value in found if len(value) >= SHORTEST_FOUND and REDACTED not in value}
        if not known:
            return
        forms = {form for value in known for form in _forms(value) if form not in REDACTED}
        values = sorted(forms, key=len, reverse=True)

        def scrubbed(text: str) -> str:
            for value in values:
                text = text.replace(value, REDACTED)
            return _without_beginning(text, values)

        if piece.request is not None:
            piece.request.url = scrubbed(piece.request.url)
        for message in (piece.request, piece.response):
            if message is not None:
                message.headers = [(scrubbed(name), scrubbed(value)) for name, value in message.headers]
                if message.body is not None:
                    message.body.text = scrubbed(message.body.text)
        if piece.response is not None:
            piece.response.reason = scrubbed(piece.response.reason)
        piece.context = {scrubbed(name): scrubbed(value) for name, value in piece.context.items()}


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _replaced(text: str, spans: list[Span]) -> str:
    parts, position = [], 0
    for start, end in spans:
        parts += [text[position:start], REDACTED]
        position = end
    return "".join([*parts, text[position:]])


def _values_of_header(value: str) -> Iterator[str]:
    """A header's value, and what in it is secret by itself: a token without its scheme, a password, a cookie."""
    yield value
    scheme = _SCHEME.match(value)
    bare = value[scheme.end() :] if scheme else value
    yield bare
    if credentials := basic_credentials(bare):
        yield from (credentials, credentials.partition(":")[2])
    for pair in value.split(";"):
        name, _, text = pair.strip().partition("=")
        if name.lower() not in COOKIE_ATTRIBUTES:
            yield from _readings(text.strip('"'))


def _readings(value: str) -> Iterator[str]:
    """What a value may mean: as it stands, decoded from a URL, or from JSON."""
    yield value
    yield unquote_plus(value)
    yield unquote(value)
    if "\\" in value:
        with contextlib.suppress(ValueError):
            yield str(json.loads(f'"{value}"'))


def _forms(value: str) -> Iterator[str]:
    """How a secret may be written."""
    yield value
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield html.escape(value)
    yield base64.b64encode(value.encode(errors="replace")).decode()


def _without_beginning(text: str, values: list[str]) -> str:
    """A text that does not end with the beginning of a secret which was cut."""
    for value in values:
        at = text.find(value[:SHORTEST_FOUND], max(0, len(text) - len(value)))
        while at >= 0:
            if value.startswith(text[at:]):
                return text[:at] + REDACTED
            at = text.find(value[:SHORTEST_FOUND], at + 1)
    return text


def _cut(piece: Piece) -> None:
    if piece.request is not None:
        piece.request.method = _clipped(piece.request.method, MOST_VALUE)
        piece.request.url = _clipped(piece.request.url, MOST_URL)
    for message in (piece.request, piece.response):
        if message is not None:
            message.headers = [
                (_clipped(name, MOST_VALUE), _clipped(value, MOST_VALUE))
                for name, value in message.headers[:MOST_HEADERS]
            ]
            if message.body is not None:
                _cut_body(message.body)
    if piece.response is not None:
        piece.response.reason = _clipped(piece.response.reason, MOST_VALUE)
    piece.context = {
        _clipped(name, MOST_VALUE): _clipped(value, MOST_VALUE)
        for name, value in islice(piece.context.items(), MOST_CONTEXT)
    }


def _cut_body(body: Body) -> None:
    body.is_cut |= len(body.text) > MOST_BODY
    body.text = _clipped(body.text, MOST_BODY)


def _clipped(text: str, most: int) -> str:
    """A text up to a length; half a surrogate pair, which no file and no message can have, becomes a question mark."""
    return text[:most].encode("utf-8", "replace").decode()
