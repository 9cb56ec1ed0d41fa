""".http and .rest files of JetBrains' HTTP client and VS Code's REST Client: one file is one journey."""

from __future__ import annotations

import json
import re

from locust_rs.convert.bodies import body_of
from locust_rs.convert.errors import SourceError
from locust_rs.convert.model import Body, Expected, Journey, JsonBody, MultipartBody, RawBody, Request
from locust_rs.convert.options import Options
from locust_rs.convert.readers.curl import read_curl
from locust_rs.convert.readers.http_blocks import Block, Line, read_blocks
from locust_rs.convert.readers.scripts import read_script
from locust_rs.convert.readers.variables import Variables
from locust_rs.convert.values import Values

_FILE = re.compile(r"<@?(?:\s*[\w-]+)?\s+(\S.*)")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m)?")
_UNITS_S = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0}


def read_http_file(text: str, title: str, options: Options, values: Values) -> list[Journey]:
    """The journey of all requests of a file.

    Raises:
        SourceError: With line and column.
    """
    blocks = read_blocks(text)
    known = {name: value for block in blocks for name, value in block.variables}
    reader = _Reader(Variables({**known, **options.variables}, values), values, options)
    journey = Journey(title)
    for block in blocks:
        if block.request_line is not None:
            journey.requests += reader.requests(block, block.request_line)
    if not journey.requests:
        raise SourceError("there is no request in it")
    reader.variables.drop_unused(journey.requests)
    return [journey]


class _Reader:
    def __init__(self, variables: Variables, values: Values, options: Options) -> None:
        self.variables = variables
        self._values = values
        self._options = options

    def requests(self, block: Block, line: Line) -> list[Request]:
        """The request of a block; a pasted curl command may be more than one."""
        if block.url.startswith("curl "):
            requests = self._pasted(block, line)
        else:
            requests = [self._request(block, line)]
        for request in requests:
            self._settle(block, request)
        return requests

    def _pasted(self, block: Block, line: Line) -> list[Request]:
        lines = "\n" * (line.number - 1) + "\n".join([line.text, *(each.text for each in block.body)])
        return read_curl(self.variables.resolve(lines, line.error), "", self._options, self._values)[0].requests

    def _request(self, block: Block, line: Line) -> Request:
        url = self.variables.resolve(block.url, line.error)
        headers = [(name, self.variables.resolve(value, at.error)) for name, value, at in block.headers]
        if url.startswith("/"):
            host = next((value for name, value in headers if name.lower() == "host"), None)
            url = f"https://{host}{url}" if host else url
        elif not re.match(r"https?://", url, re.IGNORECASE) and not url.startswith("\ufdd0"):
            url = f"http://{url}"
        request = Request(block.method, url, headers)
        self._authenticate(request)
        request.body = self._body(block, request)
        return request

    def _authenticate(self, request: Request) -> None:
        """`Authorization: Basic user password` and `user:password` are what both clients encode themselves."""
        match = re.fullmatch(r"(?i)Basic\s+([^\s:]+)(?:\s+|:)(\S+)", request.header("Authorization") or "")
        if match:
            request.drop_header("Authorization")
            request.auth = match[1], match[2]

    def _body(self, block: Block, request: Request) -> Body | None:
        if not block.body:
            return None
        kind = request.header("Content-Type") or ""
        file = _FILE.fullmatch(block.body[0].text)
        if file and len(block.body) == 1:
            return RawBody(self._values.file(self.variables.resolve(file[1].strip(), block.body[0].error)))
        is_multipart = kind.lower().startswith("multipart/")
        text = "\n".join(self._body_line(line, is_multipart) for line in block.body)
        if request.header("X-Request-Type") == "GraphQL" or request.method == "GRAPHQL":
            return self._graphql(text, request)
        if "x-www-form-urlencoded" in kind.lower():
            text = re.sub(r"\s*\n\s*", "", text)
        body = body_of(text, kind)
        if isinstance(body, MultipartBody):
            for part in body.parts:
                part.value = part.value.removesuffix("\n") if part.value.startswith("\ufdd0") else part.value
        return body

    def _body_line(self, line: Line, is_multipart: bool) -> str:
        """A line of a body; in multipart bodies `< file` stands for the file's content."""
        text = self.variables.resolve(line.text, line.error)
        file = _FILE.fullmatch(line.text)
        if file is None:
            return text
        if not is_multipart:
            raise line.error("a file's content between other lines can't be converted")
        return self._values.file(self.variables.resolve(file[1].strip(), line.error))

    def _graphql(self, text: str, request: Request) -> JsonBody:
        request.drop_header("X-Request-Type")
        request.drop_header("Content-Type")
        request.method = "POST"
        query, _, variables = re.sub(r"\n\s*\n(?=\s*\{[^{}]*\"[^\"]*\"\s*:)", "\0", text, count=1).partition("\0")
        content: dict[str, object] = {"query": query.strip()}
        if variables:
            body = body_of(variables, "application/json")
            if not isinstance(body, JsonBody):
                raise SourceError(f"the variables of this GraphQL request are not JSON: {json.dumps(variables)[:80]}")
            content["variables"] = body.content
        return JsonBody(content)

    def _settle(self, block: Block, request: Request) -> None:
        """Names, directives and scripts of a block."""
        name = block.directives.get("name", "")
        request.title = block.title or name
        for key in filter(None, (name, block.title)):
            self.variables.named_requests[key] = request
        request.follow_redirects = "no-redirect" not in block.directives
        if "timeout" in block.directives and (match := _DURATION.fullmatch(block.directives["timeout"])):
            request.timeout_s = float(match[1]) * _UNITS_S[match[2]]
        if block.has_script_before:
            request.notes.append("Not converted: the script before this request.")
        for handler in block.handlers:
            script = read_script(handler)
            request.expected = Expected(script.statuses or request.expected.statuses)
            for variable, source in script.kept:
                self.variables.capture(request, variable, source)
            if not script:
                request.notes.append("Not converted: the response handler of this request.")
