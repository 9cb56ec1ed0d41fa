"""Names: URLs that differ in an id or in the values of their query get one row in the statistics."""

from __future__ import annotations

import re
from collections import defaultdict

from locust_rs.convert.model import JsonBody, Request
from locust_rs.convert.values import PLACEHOLDER, Values

_ID = re.compile(
    r"[0-9]+|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?=[^0-9]*[0-9])[0-9a-fA-F]{8,}"
    r"|(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_]{16,}"
)
_OPERATION = re.compile(r"\s*(?:query|mutation|subscription)\s+(\w+)")
_LONG_VALUE = re.compile(r"[0-9]{6,}|.{24,}")


def group_urls(requests: list[Request], values: Values) -> None:
    """Names the requests whose URL holds ids, changing values or placeholders."""
    variants: dict[tuple[str, str], set[str]] = defaultdict(set)
    for request in requests:
        path, pairs = _parts(request.url, values)
        for key, value in pairs:
            variants[path, key].add(value)
    for request in requests:
        if request.name is not None:
            continue
        path, pairs = _parts(request.url, values)
        shown = [
            f"{key}=[{key}]" if _varies(value, variants[path, key]) else f"{key}={value}" if value else key
            for key, value in pairs
        ]
        name = path + ("?" + "&".join(shown) if shown else "")
        operation = _graphql_operation(request)
        if operation:
            name = f"{name} ({operation})"
        if name != request.url:
            request.name = PLACEHOLDER.sub(lambda match: values.value(match[0]).shown, name)


def _parts(url: str, values: Values) -> tuple[str, list[tuple[str, str]]]:
    """The path with its ids replaced, and the query's keys and values."""
    path, _, query = url.partition("?")
    segments = [_segment(segment, values) for segment in path.split("/")]
    pairs = [pair.partition("=") for pair in query.split("&")] if query else []
    return "/".join(segments), [(key, value) for key, _, value in pairs]


def _graphql_operation(request: Request) -> str:
    """The operation's name: GraphQL's requests all have the same URL."""
    content = request.body.content if isinstance(request.body, JsonBody) else None
    if not isinstance(content, dict) or not isinstance(content.get("query"), str):
        return ""
    match = _OPERATION.match(content["query"])
    return str(content.get("operationName") or (match[1] if match else ""))


def _segment(segment: str, values: Values) -> str:
    if PLACEHOLDER.search(segment):
        return PLACEHOLDER.sub(lambda match: values.value(match[0]).shown, segment)
    return "[id]" if _ID.fullmatch(segment) else segment


def _varies(value: str, variants: set[str]) -> bool:
    return len(variants) > 1 or bool(PLACEHOLDER.search(value) or _LONG_VALUE.fullmatch(value))
