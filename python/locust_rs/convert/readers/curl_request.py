"""One call of curl as a request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from locust_rs.convert.bodies import body_of
from locust_rs.convert.errors import SourceError
from locust_rs.convert.model import Body, Journey, MultipartBody, Part, RawBody, Request
from locust_rs.convert.passes.hosts import split_origin
from locust_rs.convert.readers.curl_options import NOTED
from locust_rs.convert.values import PLACEHOLDER, Values, percent_encoded

_DATA = {"data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json"}
_GLOB = re.compile(r"\{[^{}]*,[^{}]*\}|\[(?:[0-9]+-[0-9]+|[a-zA-Z]-[a-zA-Z])(?::[0-9]+)?\]")


@dataclass
class Setting:
    """An option and its value; `url` also for what stands alone."""

    name: str
    value: str
    position: str


@dataclass
class CurlCall:
    """The options of one request."""

    position: str
    settings: list[Setting] = field(default_factory=list)

    def request(self, journey: Journey, values: Values) -> Request:
        """The request that curl would send; what concerns the connection goes to the journey."""
        self._set_up(journey)
        request = Request("GET", self._url())
        request.headers = self._headers()
        self._authenticate(request, values)
        data = self._data(values)
        if self._has("get") and data is not None:
            request.url += ("&" if "?" in request.url else "?") + data
        elif self._has("form") or self._has("form-string"):
            request.body = MultipartBody([self._part(each, values) for each in self._all("form", "form-string")])
        elif self._has("upload-file"):
            request.body = RawBody(values.file(self._last("upload-file")))
            if split_origin(request.url)[1].partition("?")[0].endswith("/"):
                request.url += re.split(r"[/\\]", self._last("upload-file"))[-1]
        elif data is not None:
            request.body = self._body(data, request)
        request.method = self._method(request)
        request.timeout_s = self._seconds("max-time")
        ignored = sorted({f"--{each.name}" for each in self.settings if each.name in NOTED})
        if ignored:
            request.notes.append(f"Not converted: {', '.join(ignored)}.")
        return request

    def _all(self, *names: str) -> list[Setting]:
        return [each for each in self.settings if each.name in names]

    def _has(self, name: str) -> bool:
        return bool(self._all(name))

    def _last(self, name: str) -> str:
        found = self._all(name)
        return found[-1].value if found else ""

    def _set_up(self, journey: Journey) -> None:
        if self._has("insecure"):
            journey.verify = False
        if self._has("cacert"):
            journey.verify = self._last("cacert")
        if self._has("cert"):
            files = (self._last("cert").partition(":")[0], self._last("key"))
            journey.client_certificate = tuple(file for file in files if file)

    def _url(self) -> str:
        urls = self._all("url")
        if not urls:
            raise SourceError("this curl command has no URL", self.position)
        if len(urls) > 1:
            raise SourceError(f"a second URL, {urls[1].value!r}: put --next between two requests", urls[1].position)
        url = urls[0].value
        if not self._has("globoff") and (glob := _GLOB.search(url)):
            raise SourceError(f"{glob[0]} stands for several URLs: write them out, or add --globoff", urls[0].position)
        if "://" not in url and not PLACEHOLDER.match(url):
            url = f"http://{url}"
        if not url.lower().startswith(("http://", "https://")) and not PLACEHOLDER.match(url):
            raise SourceError(f"{url!r} is not a URL of HTTP", urls[0].position)
        if not PLACEHOLDER.match(url) and not split_origin(url)[0].partition("://")[2]:
            raise SourceError(f"{url!r} names no host", urls[0].position)
        for query in self._all("url-query"):
            url += ("&" if "?" in url else "?") + _url_encoded(query)
        return url

    def _headers(self) -> list[tuple[str, str]]:
        headers: list[tuple[str, str]] = []
        for each in self._all("header"):
            if each.value.startswith("@"):
                raise SourceError(f"headers in a file ({each.value}) are not read: write them out", each.position)
            name, colon, value = each.value.partition(":")
            if not colon and not each.value.endswith(";"):
                raise SourceError(f"{each.value!r} is not a header, which is NAME: VALUE", each.position)
            if value.strip() or not colon:
                headers.append((name.strip().removesuffix(";"), value.strip()))
        for option, name in (("user-agent", "User-Agent"), ("referer", "Referer")):
            if self._last(option):
                headers.append((name, self._last(option).removesuffix(";auto")))
        cookies = [each.value for each in self._all("cookie") if "=" in each.value]
        if cookies:
            headers.append(("Cookie", "; ".join(cookies)))
        return headers

    def _authenticate(self, request: Request, values: Values) -> None:
        if self._has("oauth2-bearer"):
            request.headers.append(("Authorization", f"Bearer {self._last('oauth2-bearer')}"))
        credentials = self._last("user")
        if credentials:
            user, colon, password = credentials.partition(":")
            request.auth = user, password if colon else values.variable("PASSWORD")

    def _data(self, values: Values) -> str | None:
        """All data options joined, as curl does it."""
        settings = self._all(*_DATA)
        if not settings:
            return None
        pieces = [_piece(each, values) for each in settings]
        if len(pieces) > 1 and any(_is_file(piece, values) for piece in pieces):
            raise SourceError("a file's content and other data in one request can't be converted", settings[0].position)
        return ("" if self._has("json") else "&").join(pieces)

    def _body(self, data: str, request: Request) -> Body:
        if self._has("json"):
            defaults = {"Content-Type": "application/json", "Accept": "application/json"}
        else:
            defaults = {"Content-Type": "application/x-www-form-urlencoded"}
        for name, value in defaults.items():
            if request.header(name) is None and not self._is_removed(name):
                request.headers.append((name, value))
        return body_of(data, request.header("Content-Type") or "")

    def _is_removed(self, name: str) -> bool:
        return any(each.value.strip().lower() == f"{name.lower()}:" for each in self._all("header"))

    def _part(self, setting: Setting, values: Values) -> Part:
        name, equals, content = setting.value.partition("=")
        if not equals:
            raise SourceError(f"{setting.value!r} is not a form field, which is NAME=CONTENT", setting.position)
        if setting.name == "form-string":
            return Part(name, content)
        content, *parameters = re.split(r";(?=(?:type|filename|headers|encoder)=)", content)
        given = dict(parameter.partition("=")[::2] for parameter in parameters)
        filename = given.get("filename", "").strip('"') or None
        if content[:1] in ("@", "<"):
            path = content[1:].strip('"')
            filename = filename or (re.split(r"[/\\]", path)[-1] if content[0] == "@" else None)
            content = values.file(path)
        elif content[:1] == content[-1:] == '"' and len(content) > 1:
            content = content[1:-1]
        return Part(name, content, filename, given.get("type"))

    def _method(self, request: Request) -> str:
        if self._has("request"):
            return self._last("request")
        if self._has("head"):
            return "HEAD"
        if self._has("upload-file"):
            return "PUT"
        return "GET" if request.body is None else "POST"

    def _seconds(self, name: str) -> float | None:
        found = self._all(name)
        if not found:
            return None
        try:
            seconds = float(found[-1].value)
        except ValueError as error:
            raise SourceError(f"--{name} {found[-1].value!r} is not a number of seconds", found[-1].position) from error
        return seconds if 0 < seconds < float("inf") else None


def _is_file(piece: str, values: Values) -> bool:
    match = PLACEHOLDER.fullmatch(piece)
    return match is not None and not values.value(piece).is_text


def _piece(setting: Setting, values: Values) -> str:
    value = setting.value
    if setting.name == "data-urlencode":
        return _url_encoded(setting)
    if setting.name != "data-raw" and value.startswith("@"):
        return values.file(value[1:])
    return value


def _url_encoded(setting: Setting) -> str:
    """`name=content` with the content encoded, as `--data-urlencode` and `--url-query` take it."""
    name, equals, content = setting.value.partition("=")
    if not equals:
        if "@" in setting.value:
            raise SourceError("url-encoding a file's content can't be converted: write it out", setting.position)
        return percent_encoded(setting.value)
    return f"{name}={percent_encoded(content)}" if name else percent_encoded(content)
