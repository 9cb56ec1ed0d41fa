"""Values in a recorded response that only this response can have brought: ids, tokens, hidden fields of forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from locust_rs.convert.bodies import DEEPEST
from locust_rs.convert.json_source import is_deeper
from locust_rs.convert.model import Cookie, Header, JsonPath, Pattern, Response
from locust_rs.convert.passes.cookies import set_cookies

_LARGE_NUMBER = 10_000
_LARGE_ID = 1_000
_LONGEST_KEY = 40
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_GENERATED = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9._~+/=-]{16,4096}")
_SLUG = re.compile(r"[a-z]{2,}(?:-[a-z0-9]+)+|[a-z]+(?:_[a-z0-9]+)+|[0-9]{4}-[0-9]{2}.*")
_KEY_OF_AN_ID = re.compile(r".*(?:id|token|csrf|nonce|state|session|uuid|guid|cursor|hash|ticket)", re.IGNORECASE)
_SHORT_ID = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9_-]{6,4096}")


@dataclass(frozen=True)
class Finding:
    """A value and where in the response it is."""

    text: str
    label: str
    source: JsonPath | Pattern | Header | Cookie
    is_text: bool = True


def findings(response: Response, sent: set[str]) -> Iterator[Finding]:
    """What is worth looking for in later requests; the same value may come more than once.

    Args:
        response: A recorded response.
        sent: All values that any request sends: large documents hold thousands that none does.
    """
    yield from _in_headers(response)
    yield from _in_url(response.url)
    text = response.text or ""
    if text.lstrip()[:1] in ("{", "["):
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            return
        if not is_deeper(content, DEEPEST):
            yield from _in_json(content, (), "", sent)
    elif "<" in text:
        yield from _in_html(text)


def is_distinctive(key: str, value: object) -> bool:
    """Whether a value is so peculiar that a second occurrence cannot be an accident."""
    has_id_key = _KEY_OF_AN_ID.fullmatch(key) is not None
    if isinstance(value, int) and not isinstance(value, bool):
        return value >= (_LARGE_ID if has_id_key else _LARGE_NUMBER)
    if not isinstance(value, str) or _SLUG.fullmatch(value) or "://" in value:
        return False
    if has_id_key and _SHORT_ID.fullmatch(value):
        return True
    return _UUID.fullmatch(value) is not None or _GENERATED.fullmatch(value) is not None


def _in_json(content: object, keys: tuple[str | int, ...], key: str, sent: set[str]) -> Iterator[Finding]:
    if isinstance(content, dict):
        for name, item in content.items():
            if len(name) <= _LONGEST_KEY:
                yield from _in_json(item, (*keys, name), name, sent)
    elif isinstance(content, list):
        for index, item in enumerate(content):
            yield from _in_json(item, (*keys, index), key, sent)
    elif str(content) in sent and is_distinctive(key, content):
        yield Finding(str(content), key, JsonPath(keys), isinstance(content, str))


def _in_headers(response: Response) -> Iterator[Finding]:
    for name, value in response.headers:
        if re.fullmatch(r"(?i)x-.*(token|csrf|xsrf|session|nonce|id)|authorization", name) and is_distinctive(
            name, value
        ):
            yield Finding(value, name, Header(name))
    for name, value in set_cookies(response.headers):
        if re.search(r"(?i)csrf|xsrf", name) and len(value) >= 8:
            yield Finding(value, name, Cookie(name))


class _Tags(HTMLParser):
    """Collects hidden fields and meta data (the tag as it stands, name, value), and the URLs of links and forms."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str, str]] = []
        self.urls: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        self.urls += [(key, url) for key in ("href", "action") if (url := given.get(key))]
        if tag == "input" and given.get("type") == "hidden":
            value = given.get("value")
        elif tag == "meta" and name and re.search(r"(?i)csrf|token|nonce", name):
            value = given.get("content")
        else:
            return
        if name and value:
            self.fields.append((self.get_starttag_text() or "", name, value))


def _in_html(text: str) -> Iterator[Finding]:
    tags = _Tags()
    tags.feed(text)
    for tag, name, value in tags.fields:
        if len(value) >= 6 and (is_distinctive(name, value) or re.search(r"(?i)csrf|token", name)):
            before, _, after = tag.partition(value)
            quote = after[:1] if after[:1] in ("'", '"') else ">"
            regex = f"{_escaped(before)}([^{quote}]+){_escaped(after)}"
            yield from _if_found(value, name, Pattern(regex), text)
    for key, url in tags.urls:
        for before, label, value in _peculiar_parts(url):
            yield from _if_found(value, label, Pattern(f"{key}=[\"']{_escaped(before)}([^\"'/?&#]+)"), text)


def _in_url(url: str) -> Iterator[Finding]:
    """What the URL holds to which redirects have led."""
    for before, label, value in _peculiar_parts(url):
        start = before[before.rstrip("/").rfind("/") :] if before.endswith("/") else f"{label}="
        yield from _if_found(value, label, Pattern(f"{_escaped(start)}([^/?&#]+)", in_url=True), url)


def _peculiar_parts(url: str) -> Iterator[tuple[str, str, str]]:
    """Ids in a URL's path and query: what stands before one, a word for it, and itself."""
    for match in re.finditer(r"(?<=/)([^/?#&=]+)|([^/?#&=]+)=([^&#]*)", url):
        before = url[: match.start(3) if match[3] else match.start()]
        if match[3] and is_distinctive(match[2], match[3]):
            yield before, match[2], match[3]
        elif match[1] and (is_distinctive("", match[1]) or re.fullmatch(r"[0-9]{5,}", match[1])):
            noun = before.rstrip("/").rpartition("/")[2].removesuffix("s")
            yield before, f"{noun}_id" if noun.isalpha() else "id", match[1]


def _if_found(value: str, label: str, pattern: Pattern, text: str) -> Iterator[Finding]:
    """The finding if its expression finds just this value, which entities and earlier matches may prevent."""
    match = re.search(pattern.regex, text)
    if match is not None and match[1] == value and "\n" not in pattern.regex:
        yield Finding(value, label, pattern)


def _escaped(text: str) -> str:
    """A text for a regular expression; unlike `re.escape` it leaves alone what needs no backslash."""
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text)
