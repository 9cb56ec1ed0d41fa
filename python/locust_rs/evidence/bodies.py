"""What can be shown of a body: text as text, anything else by its length."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from locust_rs.evidence.model import Body
from locust_rs.evidence.redaction import MOST_BODY, OVERHANG

_MOST_READ = MOST_BODY + OVERHANG
_MOST_COUNTED = 1_000_000
_CHARSET = re.compile(r"charset=[\"']?([\w.:\-]+)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")


def body_of(content: Any, content_type: str = "") -> Body | None:
    """The beginning of a body, longer than what is kept, for the redaction to cut.

    Args:
        content: Bytes, text, or what clients make a body of: a form or JSON as Python's containers.
        content_type: The header of that name.

    Returns:
        None: there is none.
    """
    if content is None or (isinstance(content, (str, bytes)) and not content):
        return None
    if isinstance(content, (bytes, bytearray, memoryview)):
        return _of_bytes(bytes(content[: 4 * _MOST_READ]), len(content), content_type)
    if isinstance(content, str):
        return Body(content[:_MOST_READ], _length(content), len(content) > _MOST_READ)
    if isinstance(content, Mapping) and "json" not in content_type:
        return body_of(urlencode(content, doseq=True))
    if isinstance(content, (Mapping, list, tuple)):
        return _of_json(dict(content) if isinstance(content, Mapping) else content)
    return Body(note="file")


def _length(text: str) -> int | None:
    """Bytes of a text, unless it is so long that counting them takes time."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-8", "replace")) if len(text) < _MOST_COUNTED else None


def _of_json(content: Any) -> Body:
    """Written piece by piece, and no further than it is read: it may be large."""
    text = ""
    for part in json.JSONEncoder(skipkeys=True, default=str).iterencode(content):
        text += part
        if len(text) > _MOST_READ:
            return Body(text[:_MOST_READ], None, True)
    return Body(text, len(text))


def _of_bytes(beginning: bytes, length: int, content_type: str) -> Body:
    is_cut = length > len(beginning)
    charset = _CHARSET.search(content_type)
    for encoding in dict.fromkeys([charset[1] if charset else "utf-8", "utf-8"]):
        try:
            # The last character may be cut.
            text = codecs.getincrementaldecoder(encoding)().decode(beginning, final=not is_cut)
        except (LookupError, ValueError):
            continue
        if not _CONTROL.search(text):
            return Body(text[:_MOST_READ], length, is_cut or len(text) > _MOST_READ)
    return Body(length=length, note="binary")
