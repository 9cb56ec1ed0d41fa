"""Where in a text the values of secrets stand: in URLs, forms, JSON, XML, HTML, and lines of headers.

Every function yields the spans `(start, end)` of values. A text may be cut anywhere: a value without an end reaches to
the end of the text.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator

Span = tuple[int, int]
IsSecret = Callable[[str], bool]

_JSON_NAME = re.compile(
    r"""(?<!\\)(?P<quote>\\*["'])(?P<name>[^"'\r\n]{1,200}?)(?P=quote)\s*(?::|=>)\s*(?P<kind>[bBuUrR]{0,2}\\*["'])?"""
)
_QUOTE = re.compile(r"""(?<!\\)(\\*)(["'])""")
_PLAIN_JSON = re.compile(r"[^,}\]\s]*")
_HARMLESS = frozenset(["null", "true", "false", "None", "True", "False", ""])
_ASSIGNED = re.compile(r"""(?<![\w%.\-\]])(?P<name>[\w%.\-\[\]$]{1,200})\s?=\s?(?P<quote>\\*["'])?""")
_ASSIGNED_VALUE = re.compile(r"""[^&\s;"'<>`\\]*""")
_LINE = re.compile(r"^[ \t]*(?P<name>[A-Za-z][\w.\-]{0,100})[ \t]*:[ \t]*(?P<value>[^\r\n]+)", re.MULTILINE)
_PROSE = re.compile(r"""(?<![\w"'/])(?P<name>[A-Za-z][\w.\-]{0,100})[ \t]*:[ \t]*(?P<value>[^\r\n"'<>]+)""")
_BASIC = re.compile(r"\bBasic\s+(?P<value>[A-Za-z0-9+/_\-]{4,}={0,2})", re.IGNORECASE)
_BEARER = re.compile(
    r"\b(?:Bearer|Digest|Negotiate|Token|ApiKey)\s+(?P<value>(?=\S*[\d._\-=+/])[\w+/=.~\-]{8,})", re.IGNORECASE
)
_USER_INFO = re.compile(r"""(?<=://)[^/\s?#"'<>\\]+(?=@)""")
_MULTIPART = re.compile(
    r"""^Content-Disposition:[^\r\n]*?\bname=(?P<quote>"?)(?P<name>[^"\r\n;]+)(?P=quote)[^\r\n]*"""
    r"""(?:\r?\n[^\r\n]+)*\r?\n\r?\n""",
    re.IGNORECASE | re.MULTILINE,
)
_ELEMENT = re.compile(r"<(?P<name>[A-Za-z_][\w:.\-]*)(?:\s[^<>]*)?(?<!/)>")
_TAG = re.compile(r"""<[^<>]*?\b(?:name|id|key)\s*=\s*["']?(?P<name>[^"'\s<>]+)[^<>]*""")
_TAG_VALUE = re.compile(r"""\b(?:value|content)\s*=\s*(?:"(?P<double>[^"]*)|'(?P<single>[^']*)|(?P<bare>[^\s"'<>]+))""")
_PAIR = re.compile(r"(?:^|(?<=[&;?#]))(?P<name>[^&;=?#]*)=(?P<value>[^&#]*)")


def spans_in_text(text: str, is_secret: IsSecret) -> Iterator[Span]:
    """The values of secrets in any text."""
    for search in (_in_json, _assigned, _on_lines, _in_parts, _in_elements, _in_tags):
        yield from search(text, is_secret)
    for pattern in (_USER_INFO, _BEARER):
        yield from (found.span("value" if pattern.groups else 0) for found in pattern.finditer(text))
    yield from (found.span("value") for found in _BASIC.finditer(text) if basic_credentials(found["value"]))


def spans_in_form(text: str, is_secret: IsSecret) -> Iterator[Span]:
    """The values of secrets in `name=value&name=value`, and in the query and the fragment of a URL."""
    for found in _PAIR.finditer(text):
        if is_secret(found["name"]):
            yield found.span("value")


def basic_credentials(encoded: str) -> str:
    """`user:password` of HTTP basic authentication; empty if it is something else."""
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_" if "-" in encoded else None)
        text = decoded.decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return text if ":" in text and text.isprintable() else ""


def _in_json(text: str, is_secret: IsSecret) -> Iterator[Span]:
    done = 0
    for found in _JSON_NAME.finditer(text):
        if found.start() < done or not is_secret(_unescaped(found["name"])):
            continue
        if found["kind"] is not None:
            opening = _QUOTE.search(found["kind"])
            assert opening is not None
            done = _end_of_string(text, found.end(), opening[2], len(opening[1]))
            yield found.end(), done
        elif text[found.end() : found.end() + 1] in ("{", "["):
            done = _end_of_container(text, found.end())
            yield found.end(), done
        else:
            value = _PLAIN_JSON.match(text, found.end())
            if value is not None and value[0] not in _HARMLESS:
                yield value.span()


def _unescaped(name: str) -> str:
    if "\\" not in name:
        return name
    try:
        return str(json.loads(f'"{name}"'))
    except ValueError:
        return name


def _end_of_string(text: str, start: int, quote: str, backslashes: int) -> int:
    """Where a string ends whose quotes stand behind so many backslashes: JSON may be within JSON."""
    for found in _QUOTE.finditer(text, start):
        if found[2] == quote and len(found[1]) % (2 * backslashes + 2) == backslashes:
            return found.end() - 1 - backslashes
    return len(text)


def _end_of_container(text: str, start: int) -> int:
    depth, position = 0, start
    while position < len(text):
        character = text[position]
        if character in "\"'":
            position = _end_of_string(text, position + 1, character, 0)
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return len(text)


def _assigned(text: str, is_secret: IsSecret) -> Iterator[Span]:
    for found in _ASSIGNED.finditer(text):
        if not is_secret(found["name"]):
            continue
        if found["quote"] is not None:
            backslashes = len(found["quote"]) - 1
            yield found.end(), _end_of_string(text, found.end(), found["quote"][-1], backslashes)
        else:
            value = _ASSIGNED_VALUE.match(text, found.end())
            assert value is not None
            yield value.span()


def _on_lines(text: str, is_secret: IsSecret) -> Iterator[Span]:
    for pattern in (_LINE, _PROSE):
        yield from (found.span("value") for found in pattern.finditer(text) if is_secret(found["name"]))


def _in_parts(text: str, is_secret: IsSecret) -> Iterator[Span]:
    """The parts of a multipart form."""
    for found in _MULTIPART.finditer(text):
        if is_secret(found["name"]):
            end = text.find("\n--", found.end())
            yield found.end(), len(text) if end < 0 else end - (text[end - 1] == "\r")


def _in_elements(text: str, is_secret: IsSecret) -> Iterator[Span]:
    for found in _ELEMENT.finditer(text):
        if is_secret(found["name"]):
            end = text.find(f"</{found['name']}", found.end())
            yield found.end(), len(text) if end < 0 else end


def _in_tags(text: str, is_secret: IsSecret) -> Iterator[Span]:
    """The fields of an HTML form, and `<meta name=… content=…>`."""
    for tag in _TAG.finditer(text):
        if is_secret(tag["name"]):
            for value in _TAG_VALUE.finditer(tag[0]):
                group = value.lastgroup
                assert group is not None
                start, end = value.span(group)
                yield tag.start() + start, tag.start() + end
