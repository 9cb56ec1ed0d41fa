"""Which of a recording's requests are worth repeating."""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from locust_rs.convert.json_source import Node
from locust_rs.convert.options import Options

_ALL_TYPES = "all"
_TYPES_OF_CONTENT = (
    (re.compile(r"text/html|application/xhtml"), "document"),
    (re.compile(r"text/css"), "stylesheet"),
    (re.compile(r"image/"), "image"),
    (re.compile(r"font/|application/(x-)?font|application/vnd\.ms-fontobject"), "font"),
    (re.compile(r"(audio|video)/"), "media"),
    (re.compile(r"(text|application)/(x-)?(java|ecma)script"), "script"),
)
_TYPES_OF_PATHS = {
    **dict.fromkeys(("css",), "stylesheet"),
    **dict.fromkeys(("js", "mjs"), "script"),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "avif"), "image"),
    **dict.fromkeys(("woff", "woff2", "ttf", "otf", "eot"), "font"),
    **dict.fromkeys(("mp4", "webm", "mp3", "ogg"), "media"),
}


class Selection:
    """Chooses among a recording's entries, and counts what it leaves out."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._left_out: Counter[str] = Counter()

    def choose(self, entries: list[Node]) -> list[Node]:
        """The entries that are worth repeating, those of other sites left out."""
        chosen = [entry for entry in entries if self._is_taken(entry)]
        site = _site(_host(chosen[0])) if chosen else ""
        own = [entry for entry in chosen if self._is_own(_host(entry), site)]
        for entry in chosen:
            if not self._is_own(_host(entry), site):
                self._left_out[f"to {_host(entry)} (--include-host takes it)"] += 1
        return own

    def summary(self) -> str:
        """What was left out, for a comment; empty if nothing was."""
        return ", ".join(f"{count} {why}" for why, count in self._left_out.items())

    def _is_taken(self, entry: Node) -> bool:
        why = self._reason_against(entry)
        if why:
            self._left_out[why] += 1
        return not why

    def _reason_against(self, entry: Node) -> str:
        request = entry.need("request")
        url, method = request.need("url").text(), request.need("method").text()
        scheme = url.partition(":")[0].lower()
        response = entry.get("response")
        status = response.get("status") if response else None
        if ":" in url and scheme not in ("http", "https"):
            return f"of scheme {scheme}"
        if method.upper() in self._options.ignored_methods:
            return f"of method {method.upper()}"
        if any(re.search(pattern, url) for pattern in self._options.ignored_urls):
            return "by .urlignore"
        if status is not None and status.number() == 0:
            return "without a response"
        kind = _resource_type(entry)
        types = self._options.resource_types
        return "" if _ALL_TYPES in types or kind in types else f"of type {kind}"

    def _is_own(self, host: str, site: str) -> bool:
        return _site(host) == site or any(fnmatchcase(host, pattern) for pattern in self._options.hosts)


def _resource_type(entry: Node) -> str:
    """What the browser says; where it says nothing, what the content says."""
    said = entry.text_of("_resourceType")
    if said:
        return said.lower()
    response = entry.get("response")
    content = response.get("content") if response else None
    mime_type = content.text_of("mimeType").lower() if content else ""
    for pattern, kind in _TYPES_OF_CONTENT:
        if pattern.match(mime_type):
            return kind
    path = urlsplit(entry.need("request").need("url").text()).path
    return _TYPES_OF_PATHS.get(path.rpartition(".")[2].lower(), "other")


def _host(entry: Node) -> str:
    url = entry.need("request").need("url")
    try:
        return urlsplit(url.text()).hostname or ""
    except ValueError as error:
        raise url.error(f"not a URL: {error}") from error


def _site(host: str) -> str:
    """The registered domain, roughly: `shop.example.com` and `api.example.com` are of one site."""
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit():
        return host
    size = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    return ".".join(labels[-size:])
