"""`{{name}}` in collections and .http files: known values, values from earlier responses, generated ones."""

from __future__ import annotations

import re
from collections.abc import Callable

from locust_rs.convert.errors import SourceError
from locust_rs.convert.model import Capture, Header, JsonPath, Request
from locust_rs.convert.passes.secrets import is_secret
from locust_rs.convert.values import Value, Values

_REFERENCE = re.compile(r"\{\{\s*([^{}\s](?:[^{}]*[^{}\s])?)\s*\}\}")
_RESPONSE = re.compile(r"([^.\s]+)\.response\.(body|headers)\.(.+)")
_DEEPEST = 20

_UUID = Value("uuid.uuid4()", "uuid", modules=("uuid",))
_TIMESTAMP = Value("int(time.time())", "timestamp", modules=("time",))
_MOMENT = Value(
    "datetime.now(timezone.utc).isoformat()",
    "datetime",
    is_text=True,
    modules=("datetime.datetime", "datetime.timezone"),
)
_NUMBER = Value("random.randint(0, 1000)", "number", modules=("random",))
_GENERATED = {
    **dict.fromkeys(("$guid", "$uuid", "$randomUUID", "$random.uuid"), _UUID),
    **dict.fromkeys(("$timestamp",), _TIMESTAMP),
    **dict.fromkeys(("$isoTimestamp", "$datetime", "$localDatetime"), _MOMENT),
    **dict.fromkeys(("$randomInt", "$random.integer"), _NUMBER),
}
_RANGE = re.compile(r"[\s(]*(-?[0-9]{1,18})[\s,]+(-?[0-9]{1,18})[\s)]*")


class Variables:
    """Puts placeholders and known values in the place of `{{name}}`."""

    def __init__(self, known: dict[str, str], values: Values) -> None:
        self.known = known
        self.named_requests: dict[str, Request] = {}
        self._values = values
        self._captured: dict[str, Capture] = {}
        self._used: set[str] = set()

    def resolve(self, text: str, error: Callable[[str], SourceError]) -> str:
        """The text with all references replaced.

        Args:
            text: Any text.
            error: Makes an error at the text's position.
        """
        return self._resolve(text, error, ())

    def capture(self, request: Request, name: str, source: JsonPath | Header) -> None:
        """Takes note of a script that keeps a value of a response as a variable."""
        earlier = self._captured.get(name)
        target = earlier.target if earlier else self._values.attribute(name)
        self._captured[name] = Capture(target, source)
        request.captures.append(self._captured[name])

    def drop_unused(self, requests: list[Request]) -> None:
        """Forgets the captures that no request has used."""
        for request in requests:
            request.captures = [capture for capture in request.captures if capture.target in self._used]

    def _resolve(self, text: str, error: Callable[[str], SourceError], within: tuple[str, ...]) -> str:
        return _REFERENCE.sub(lambda match: self._replacement(match[1], error, within), text)

    def _replacement(self, name: str, error: Callable[[str], SourceError], within: tuple[str, ...]) -> str:
        if name.startswith("$"):
            return self._generated(name)
        if name in self._captured:
            target = self._captured[name].target
            self._used.add(target)
            return target
        if match := _RESPONSE.fullmatch(name):
            return self._from_response(match[1], match[2], match[3], error)
        if name not in self.known:
            return self._values.variable(name)
        if name in within or len(within) > _DEEPEST:
            raise error(f"the variable {name!r} contains itself")
        value = self._resolve(self.known[name], error, (*within, name))
        return self._values.secret(name, value) if value and is_secret(name) and value == self.known[name] else value

    def _generated(self, name: str) -> str:
        word, _, arguments = re.sub(r"(\()", r" \1", name, count=1).partition(" ")
        if word in ("$processEnv", "$dotenv"):
            return self._values.variable(arguments.strip(" %"))
        if word in ("$randomInt", "$random.integer") and (match := _RANGE.fullmatch(arguments)):
            low, high = sorted((int(match[1]), int(match[2])))
            return self._values.add(
                Value(f"random.randint({low}, {max(low, high - 1)})", "number", modules=("random",))
            )
        if word in _GENERATED:
            return self._values.add(_GENERATED[word])
        label = re.sub(r"^\$(random)?\.?", "", word).lower() or "value"
        number = self._values.add(_NUMBER)
        return f"user-{number}@example.com" if "email" in label else f"{label}-{number}"

    def _from_response(self, name: str, part: str, rest: str, error: Callable[[str], SourceError]) -> str:
        request = self.named_requests.get(name)
        if request is None:
            raise error(f"no request before this one is named {name!r}")
        keys = parse_path(rest)
        if part == "body" and not keys:
            raise error(f"{rest!r} is not a path to one value, such as $.data.id")
        source = JsonPath(keys or ()) if part == "body" else Header(rest)
        for capture in request.captures:
            if capture.source == source:
                self._used.add(capture.target)
                return capture.target
        label = rest if part == "headers" else next((k for k in reversed(keys or ()) if isinstance(k, str)), name)
        target = self._values.attribute(label)
        request.captures.append(Capture(target, source))
        self._used.add(target)
        return target


_PATH_PIECE = re.compile(r"\.?([A-Za-z_][\w-]*)|\[\s*([0-9]{1,9})\s*\]|\[\s*(?:'([^']*)'|\"([^\"]*)\")\s*\]")


def parse_path(text: str) -> tuple[str | int, ...] | None:
    """`$.data.items[0]['id']` as keys; None for anything that is not a path to one value."""
    rest = text.strip().removeprefix("$")
    keys: list[str | int] = []
    at = 0
    while at < len(rest):
        match = _PATH_PIECE.match(rest, at)
        if match is None:
            return None
        keys.append(
            int(match[2]) if match[2] else next(group for group in (match[1], match[3], match[4]) if group is not None)
        )
        at = match.end()
    return tuple(keys)
