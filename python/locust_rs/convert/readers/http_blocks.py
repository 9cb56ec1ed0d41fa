"""The blocks of an .http file: where one request ends, and what its lines are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from locust_rs.convert.errors import SourceError

_REQUEST_LINE = re.compile(r"(?:([A-Z][A-Z-]*|[a-z]+)[ \t]+)?(\S.*?)(?:[ \t]+HTTP/[0-9.]+)?[ \t]*$")
_VARIABLE = re.compile(r"@([^\s=]+)\s*=\s*(.*?)\s*$")
_DIRECTIVE = re.compile(r"(?:#|//)\s*@([\w-]+)\s*=?\s*(.*?)\s*$")
_KNOWN_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "GRAPHQL"}


@dataclass
class Line:
    """A line and its number, from 1."""

    text: str
    number: int

    def error(self, problem: str, column: int = 1) -> SourceError:
        """An error in this line."""
        return SourceError(problem, f"{self.number}:{column}")


@dataclass
class Block:
    """What stands between two lines of `###`."""

    title: str = ""
    variables: list[tuple[str, str]] = field(default_factory=list)
    directives: dict[str, str] = field(default_factory=dict)
    request_line: Line | None = None
    method: str = "GET"
    url: str = ""
    headers: list[tuple[str, str, Line]] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    has_script_before: bool = False


def read_blocks(text: str) -> list[Block]:
    """All blocks, those without a request as well since they may hold variables.

    Raises:
        SourceError: With line and column.
    """
    groups: list[tuple[str, list[Line]]] = [("", [])]
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("###"):
            groups.append((line.lstrip("#").strip(), []))
        else:
            groups[-1][1].append(Line(line, number))
    return [_BlockReader(title, lines).read() for title, lines in groups]


class _BlockReader:
    def __init__(self, title: str, lines: list[Line]) -> None:
        self._lines = lines
        self._at = 0
        self._block = Block(title)

    def read(self) -> Block:
        lines = self._lines
        while self._at < len(lines) and self._block.request_line is None:
            self._before_request(lines[self._at])
            self._at += 1
        if self._block.request_line is not None and not self._block.url.startswith("curl "):
            self._read_query()
            self._read_headers()
        self._read_body()
        return self._block

    def _before_request(self, line: Line) -> None:
        text = line.text.strip()
        if directive := _DIRECTIVE.match(text):
            self._block.directives[directive[1]] = directive[2]
        elif variable := _VARIABLE.match(text):
            self._block.variables.append((variable[1], variable[2]))
        elif text.startswith("<"):
            self._block.has_script_before = True
            self._script_text(text)
        elif text and not text.startswith(("#", "//")):
            self._block.request_line = line
            self._request_line(line)

    def _request_line(self, line: Line) -> None:
        text = line.text.strip()
        if text.startswith("curl "):
            self._block.url = text
            return
        match = _REQUEST_LINE.match(text)
        assert match is not None  # the line is not empty
        if match[1] and (match[1].upper() in _KNOWN_METHODS or match[1].isupper()):
            self._block.method, self._block.url = match[1].upper(), match[2]
        else:
            self._block.url = re.sub(r"[ \t]+HTTP/[0-9.]+$", "", text)
        if not re.match(r"https?://[^/\s]|/|\{\{|[\w.-]+(:[0-9]+)?(/|\?|$)", self._block.url, re.IGNORECASE):
            raise line.error(f"{self._block.url!r} is not a URL", line.text.find(self._block.url) + 1)

    def _read_query(self) -> None:
        while self._at < len(self._lines) and re.match(r"\s+[?&/]", self._lines[self._at].text):
            self._block.url += self._lines[self._at].text.strip()
            self._at += 1

    def _read_headers(self) -> None:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.text.strip() or re.match(r"[<>]", line.text):
                return
            self._at += 1
            if line.text.startswith(("#", "//")):
                continue
            name, colon, value = line.text.partition(":")
            if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name.strip()):
                raise line.error(f"{line.text.strip()!r} is not a header; a body begins after an empty line")
            self._block.headers.append((name.strip(), value.strip(), line))

    def _read_body(self) -> None:
        lines, block = self._lines, self._block
        if not block.url.startswith("curl "):
            while self._at < len(lines) and not lines[self._at].text.strip():
                self._at += 1
        while self._at < len(lines):
            line = lines[self._at]
            if re.match(r">\s*\{%", line.text):
                block.handlers.append(self._script_text(line.text))
            elif not re.match(r">|<>", line.text):
                block.body.append(line)
            self._at += 1
        while block.body and not block.body[-1].text.strip():
            block.body.pop()

    def _script_text(self, first: str) -> str:
        """The text of a script between `{%` and `%}`, which may go over several lines."""
        start = self._at
        text = first
        if "{%" not in text:
            return ""
        while "%}" not in text:
            self._at += 1
            if self._at >= len(self._lines):
                raise self._lines[start].error("this script does not end with %}")
            text += "\n" + self._lines[self._at].text
        return text.partition("{%")[2].partition("%}")[0]
