"""Bodies out of their text and Content-Type, and multipart forms out of their bytes on the wire."""

from __future__ import annotations

import json
import re
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from locust_rs.convert.json_source import is_deeper
from locust_rs.convert.model import Bare, Body, FormBody, JsonBody, MultipartBody, Part, RawBody
from locust_rs.convert.values import PLACEHOLDER

_QUOTED_PLACEHOLDER = re.compile(rf'("(?:[^"\\]|\\.)*")|{PLACEHOLDER.pattern}')
DEEPEST = 50
"""Levels of a document that Python code can show; its parser ends at 200 brackets."""

_MARK = "\ufdd2"
"""Before a placeholder that stood outside of quotes, while the document is parsed."""


def body_of(text: str, content_type: str) -> Body:
    """A text as the body that it is by its Content-Type; a `RawBody` where the meaning could get lost."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return json_body(text)
    if kind == "application/x-www-form-urlencoded":
        return form_body(text)
    if kind == "multipart/form-data":
        return _multipart(text, content_type) or RawBody(text)
    return RawBody(text)


def json_body(text: str) -> Body:
    """A JSON document; placeholders may stand for texts inside of quotes and for anything outside of them."""
    quoted = _QUOTED_PLACEHOLDER.sub(lambda match: match[1] or f'"{_MARK}{match[0]}"', text)
    try:
        content = json.loads(quoted, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_float)
    except (ValueError, RecursionError):
        return RawBody(text)
    if content is None or is_deeper(content, DEEPEST):
        return RawBody(text)
    return JsonBody(_unmarked(content))


def json_document(content: Any) -> Body:
    """A JSON document that is parsed already."""
    return RawBody(json.dumps(content)) if content is None or is_deeper(content, DEEPEST) else JsonBody(content)


def form_body(text: str) -> Body:
    """A url-encoded form."""
    try:
        fields = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:  # not UTF-8, or too many fields
        return RawBody(text)
    pairs = text.split("&")
    is_plain = len({name for name, _ in fields}) == len(pairs) and all("=" in pair for pair in pairs)
    return FormBody(fields) if is_plain else RawBody(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key stands twice")
    return content


def _refuse(name: str) -> None:
    raise ValueError(name)


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


def _unmarked(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _unmarked(item) for key, item in content.items()}
    if isinstance(content, list):
        return [_unmarked(item) for item in content]
    if isinstance(content, str) and content.startswith(_MARK):
        return Bare(content.removeprefix(_MARK))
    return content


def _multipart(text: str, content_type: str) -> MultipartBody | None:
    """The parts of a multipart form as it went over the wire."""
    boundary = _parameter(content_type, "boundary")
    if not boundary:
        return None
    pieces = re.split(rf"(?:^|\r?\n)--{re.escape(boundary)}(?:--)?[ \t]*", text)
    parts = [_part(piece) for piece in pieces[1:] if piece.strip("\r\n")]
    found = [part for part in parts if part is not None]
    return MultipartBody(found) if found and len(found) == len(parts) else None


def _part(piece: str) -> Part | None:
    head, separator, content = re.sub(r"^\r?\n", "", piece, count=1).replace("\r\n\r\n", "\n\n", 1).partition("\n\n")
    headers = dict(re.findall(r"(?m)^([^:\r\n]+):[ \t]*(.*?)\r?$", head))
    disposition = next((value for key, value in headers.items() if key.lower() == "content-disposition"), "")
    name = _parameter(disposition, "name")
    if not separator or name is None:
        return None
    kind = next((value for key, value in headers.items() if key.lower() == "content-type"), None)
    return Part(name, content, _parameter(disposition, "filename"), kind)


def _parameter(header: str, name: str) -> str | None:
    message = Message()
    message["Content-Disposition"] = header.replace("\r", " ").replace("\n", " ")
    value = message.get_param(name, header="Content-Disposition")
    return value if isinstance(value, str) else None
