"""Writes a request, its check and what is taken from its response."""

from __future__ import annotations

import textwrap

from locust_rs.convert.literals import quoted, raw
from locust_rs.convert.model import Capture, Cookie, Header, JsonPath, Pattern, Request
from locust_rs.convert.values import Values
from locust_rs.convert.writer.expressions import Expressions
from locust_rs.convert.writer.layout import LINE_LENGTH, Expression, Group, lay_out, width

_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}


class RequestWriter:
    """Writes the requests of one locustfile."""

    def __init__(self, values: Values, expressions: Expressions) -> None:
        self._values = values
        self._expressions = expressions

    def lines(self, request: Request, indent: int) -> list[str]:
        """The statements of a request."""
        lines = [line for note in request.notes for line in comment(note, indent)]
        call = self._call(request)
        if request.expected:
            lines += lay_out(call, indent, "with ", " as response:")
            lines += lay_out(_expectation(request), indent + 4)
            return lines + self._captures(request.captures, indent + 4)
        is_read = any(not isinstance(capture.source, Cookie) for capture in request.captures)
        lines += lay_out(call, indent, "response = " if is_read else "")
        return lines + self._captures(request.captures, indent)

    def _call(self, request: Request) -> Group:
        expressions = self._expressions
        items: list[tuple[str, Expression]] = [("", expressions.text(request.url))]
        if request.method in _METHODS:
            opening = f"self.client.{request.method.lower()}("
        else:
            opening = "self.client.request("
            items.insert(0, ("", expressions.text(request.method)))
        if request.body is not None:
            items.append(expressions.body(request.body))
        if request.headers:
            items.append(("headers=", expressions.pairs(request.headers)))
        if request.auth is not None:
            items.append(("auth=", Group("(", [("", expressions.text(part)) for part in request.auth], ")")))
        if not request.follow_redirects:
            items.append(("allow_redirects=", "False"))
        if request.timeout_s:
            items.append(("timeout=", f"{request.timeout_s:g}"))
        if request.name is not None:
            items.append(("name=", quoted(request.name)))
        if request.expected:
            items.append(("catch_response=", "True"))
        return Group(opening, items, ")")

    def _captures(self, captures: list[Capture], indent: int) -> list[str]:
        lines = []
        for capture in captures:
            target = self._values.value(capture.target).code
            lines += comment(capture.said, indent) if capture.said else []
            lines += self._capture(target, capture.source, indent)
        return lines

    def _capture(self, target: str, source: JsonPath | Pattern | Header | Cookie, indent: int) -> list[str]:
        if isinstance(source, JsonPath):
            return _json_path(target, source, indent)
        if isinstance(source, Pattern):
            self._expressions.used.add("re")
            items: list[tuple[str, Expression]] = [
                ("", raw(source.regex)),
                ("", "response.url" if source.in_url else "response.text"),
            ]
            return lay_out(Group("re.search(", items, ")[1]"), indent, f"{target} = ")
        places = {Header: "response.headers", Cookie: "self.client.cookies"}
        return [f"{' ' * indent}{target} = {places[type(source)]}[{quoted(source.name)}]"]


def _json_path(target: str, source: JsonPath, indent: int) -> list[str]:
    """Takes a value out of the response's JSON, in several statements where one would be too long."""
    lines = []
    expression = "response.json()"
    for key in source.keys:
        longer = f"{expression}[{key if isinstance(key, int) else quoted(key)}]"
        if width(f"{target} = {longer}") + indent > LINE_LENGTH and expression != "content":
            lines.append(f"{' ' * indent}content = {expression}")
            longer = f"content{longer[len(expression) :]}"
        expression = longer
    return [*lines, f"{' ' * indent}{target} = {expression}"]


def _expectation(request: Request) -> Group:
    items: list[tuple[str, Expression]] = [("", "response")]
    items += [("", str(status)) for status in request.expected.statuses]
    if request.expected.keys:
        items.append(("keys=", Group("[", [("", quoted(key)) for key in request.expected.keys], "]")))
    return Group("expect(", items, ")")


def comment(text: str, indent: int) -> list[str]:
    """A comment, broken into lines."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return textwrap.wrap(
        shown,
        LINE_LENGTH,
        initial_indent=f"{' ' * indent}# ",
        subsequent_indent=f"{' ' * indent}# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
