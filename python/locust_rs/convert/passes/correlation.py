"""Correlation: a value that came with an earlier response is taken from there instead of being repeated.

Only where that is certain: the value looks made by a machine, no earlier request has sent it, and a later one sends
exactly it, as a part of its path, a parameter, a header, a field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, unquote_plus

from locust_rs.convert.model import (
    Bare,
    Capture,
    Cookie,
    FormBody,
    Header,
    Journey,
    JsonBody,
    JsonPath,
    MultipartBody,
    Request,
)
from locust_rs.convert.passes.findings import Finding, findings
from locust_rs.convert.passes.hosts import split_origin
from locust_rs.convert.values import Values


@dataclass
class _Known:
    finding: Finding
    request: Request
    placeholder: str = ""


def correlate(journey: Journey, values: Values) -> None:
    """Connects requests with the responses that they depend on."""
    known: dict[str, _Known] = {}
    sent: set[str] = set()

    def replace(text: str, is_number: bool = False) -> str | None:
        sent.add(text)
        found = known.get(text)
        if found is None or (is_number and found.finding.is_text):
            return None
        if not found.placeholder:
            found.placeholder = _capture(found, values)
        return found.placeholder

    every: set[str] = set()
    for request in journey.requests:
        _rewrite(request, lambda text, _is_number=False: every.add(text))
    for request in journey.requests:
        _rewrite(request, replace)
        if request.response is not None:
            for finding in findings(request.response, every):
                if finding.text not in sent:
                    known.setdefault(finding.text, _Known(finding, request))


def _capture(known: _Known, values: Values) -> str:
    finding = known.finding
    label = _label(finding, known.request)
    placeholder = values.attribute(label, is_text=finding.is_text)
    said = (
        f"The recorded {label.replace('_', ' ')} came from this response ({_place(finding)}); later requests send it."
    )
    known.request.captures.append(Capture(placeholder, finding.source, said))
    return placeholder


def _label(finding: Finding, request: Request) -> str:
    """A word for the value: `token`; `order_id` for the id in the response to `POST /orders`."""
    if finding.label.lower() not in ("id", "uuid", "key", "code", "hash"):
        return finding.label.lower().removeprefix("x-").replace("-", "_").strip("_") or "value"
    keys = [key for key in finding.source.keys if isinstance(key, str)] if isinstance(finding.source, JsonPath) else []
    segments = split_origin(request.url)[1].partition("?")[0].split("/")
    nouns = [*(segment for segment in segments if segment.isalpha()), *keys[:-1]]
    noun = nouns[-1].removesuffix("s") if nouns else ""
    return f"{noun}_{finding.label}".lower().strip("_")


def _place(finding: Finding) -> str:
    source = finding.source
    if isinstance(source, JsonPath):
        return ".".join(str(key) for key in source.keys) + " in its JSON"
    if isinstance(source, Header):
        return f"its header {source.name}"
    if isinstance(source, Cookie):
        return f"its cookie {source.name}"
    if source.in_url:
        return "its URL, after a redirect"
    return "its page"


def _rewrite(request: Request, replace: Callable[..., str | None]) -> None:
    """Offers every value that a request sends to `replace`."""
    request.url = _url(request.url, replace)
    request.headers = [(name, _header(value, replace)) for name, value in request.headers]
    body = request.body
    if isinstance(body, JsonBody):
        body.content = _json(body.content, replace)
    elif isinstance(body, FormBody):
        body.fields = [(name, replace(value) or value) for name, value in body.fields]
    elif isinstance(body, MultipartBody):
        for part in body.parts:
            if part.filename is None:
                part.value = replace(part.value) or part.value


def _url(url: str, replace: Callable[..., str | None]) -> str:
    origin, rest = split_origin(url)
    path, mark, query = rest.partition("?")
    segments = [replace(unquote(segment)) or segment for segment in path.split("/")]
    pairs = [pair.partition("=") for pair in query.split("&")]
    parameters = [f"{key}{sign}{replace(unquote_plus(value)) or value}" for key, sign, value in pairs]
    return f"{origin}{'/'.join(segments)}{mark}{'&'.join(parameters) if mark else ''}"


def _header(value: str, replace: Callable[..., str | None]) -> str:
    whole = replace(value)
    if whole is not None:
        return whole
    scheme, space, credentials = value.partition(" ")
    return f"{scheme}{space}{replace(credentials) or credentials}" if space else value


def _json(content: Any, replace: Callable[..., str | None]) -> Any:
    if isinstance(content, dict):
        return {key: _json(item, replace) for key, item in content.items()}
    if isinstance(content, list):
        return [_json(item, replace) for item in content]
    if isinstance(content, str):
        return replace(content) or content
    if isinstance(content, int) and not isinstance(content, bool):
        placeholder = replace(str(content), True)
        return Bare(placeholder) if placeholder else content
    return content
