"""Secrets: passwords, keys and tokens leave the locustfile for environment variables."""

from __future__ import annotations

import re
from typing import Any

from locust_rs.convert.model import Bare, FormBody, Journey, JsonBody, MultipartBody, RawBody, Request
from locust_rs.convert.values import PLACEHOLDER, Values

_SECRET = re.compile(
    r"pass(word|wd|phrase|code)?|pwd|pin|otp|secret|.*[_-]?(password|passwd|secret)|.*(api|access|auth|private|secret)[_-]?key"
    r"|(x[_-])?(.*[_-])?(access|refresh|id|auth|bearer|session|csrf|xsrf)?[_-]?token|authorization|credentials?"
    r"|(.*[_-])?(session|sess)([_-]?id)?|phpsessid|jsessionid|.*sessionid|connect\.sid|sid|jwt|signature|sig|(.*[_-])?auth",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(Bearer|Basic|Token|ApiKey|Digest|Negotiate|[A-Za-z][A-Za-z0-9_-]*) +(?=\S)")
_TEXT_FIELD = re.compile(r'("([^"\\]{1,80})"\s*:\s*")([^"\\]+)(?=")')
"""A text in JSON, in a body that is not quite JSON."""

_AUTHORIZATION = ("authorization", "proxy-authorization")


def is_secret(name: str) -> bool:
    """Whether what has this name should not be written down."""
    return _SECRET.fullmatch(name) is not None


def hide_secrets(journey: Journey, values: Values) -> None:
    """Puts environment variables in the place of secrets."""
    hide = _Hider(values)
    journey.cookies = {name: hide.named(name, value) for name, value in journey.cookies.items()}
    for request in journey.requests:
        hide.request(request)


class _Hider:
    def __init__(self, values: Values) -> None:
        self._values = values

    def named(self, name: str, text: str) -> str:
        """A text, or the placeholder in its place if its name is that of a secret."""
        if not text or not is_secret(name) or PLACEHOLDER.search(text):
            return text
        return self._values.secret(name, text)

    def request(self, request: Request) -> None:
        request.headers = [(name, self._header(name, value)) for name, value in request.headers]
        if request.auth is not None:
            user, password = request.auth
            request.auth = self.named("username", user), self.named("password", password)
        path, mark, query = request.url.partition("?")
        if mark:
            pairs = [pair.partition("=") for pair in query.split("&")]
            request.url = f"{path}?" + "&".join(f"{key}{sign}{self.named(key, text)}" for key, sign, text in pairs)
        self._body(request)

    def _header(self, name: str, value: str) -> str:
        if name.lower() not in _AUTHORIZATION:
            return self.named(name, value)
        scheme = _SCHEME.match(value)
        start = scheme.end() if scheme else 0
        if not value[start:] or PLACEHOLDER.search(value):
            return value
        hint = {"basic": "basic_credentials"}.get((scheme[1] if scheme else "").lower(), "token")
        return value[:start] + self._values.secret(hint, value[start:])

    def _body(self, request: Request) -> None:
        body = request.body
        if isinstance(body, JsonBody):
            body.content = self._json(body.content, "")
        elif isinstance(body, FormBody):
            body.fields = [(name, self.named(name, value)) for name, value in body.fields]
        elif isinstance(body, MultipartBody):
            for part in body.parts:
                part.value = self.named(part.name, part.value)
        elif isinstance(body, RawBody) and "x-www-form-urlencoded" in (request.header("Content-Type") or ""):
            pairs = [pair.partition("=") for pair in body.content.split("&")]
            body.content = "&".join(f"{name}{sign}{self.named(name, text)}" for name, sign, text in pairs)
        elif isinstance(body, RawBody):
            body.content = _TEXT_FIELD.sub(lambda match: match[1] + self.named(match[2], match[3]), body.content)

    def _json(self, content: Any, name: str) -> Any:
        if isinstance(content, dict):
            return {key: self._json(item, str(key)) for key, item in content.items()}
        if isinstance(content, list):
            return [self._json(item, name) for item in content]
        if isinstance(content, str) and not isinstance(content, Bare):
            return self.named(name, content)
        return content
