"""What test scripts of Postman and JetBrains commonly say: expected statuses, and values that are kept for later."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from locust_rs.convert.model import Header, JsonPath
from locust_rs.convert.readers.variables import parse_path

_JSON = r"(?:pm\.response\.json\(\)|JSON\.parse\((?:responseBody|pm\.response\.text\(\))\)|response\.body)"
_PATH = r"((?:\??\.[A-Za-z_]\w*|\[[^\]]+\])+)"
_ASSIGNED = re.compile(rf"(?:var|let|const)?\s*\b([A-Za-z_]\w*)\s*=\s*{_JSON}({_PATH[1:-1]})?\s*(?:;|$)", re.MULTILINE)
_SET = re.compile(
    r"(?:pm\.(?:environment|globals|collectionVariables|variables)\.set|postman\.set(?:Environment|Global)Variable"
    r"|client\.global\.set|request\.variables\.set)\(\s*[\"']([^\"']+)[\"']\s*,\s*(.+?)\s*\)\s*(?:;|$)",
    re.MULTILINE,
)
_HEADER = re.compile(
    r"(?:pm\.response\.headers\.get|response\.headers\.valueOf|postman\.getResponseHeader)\([\"']([^\"']+)[\"']\)"
)
_STATUS = re.compile(
    r"(?:to\.have\.status\(\s*|(?:pm\.response\.code|responseCode\.code|response\.status)\b"
    r"(?:\s*={2,3}\s*|\)\.to\.(?:equal|eql|be\.equal|deep\.equal)\(\s*|\)\.to\.be\.oneOf\(\s*\[\s*))"
    r"([0-9]{3}(?:\s*,\s*[0-9]{3})*)"
)


@dataclass
class Script:
    """What of a script can be converted."""

    statuses: tuple[int, ...] = ()
    kept: list[tuple[str, JsonPath | Header]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.statuses or self.kept)


def read_script(text: str) -> Script:
    """The expectations and kept values of a script; anything else is left aside."""
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
    script = Script()
    if match := _STATUS.search(code):
        script.statuses = tuple(int(status) for status in match[1].split(","))
    aliases = {match[1]: parse_path((match[2] or "").replace("?.", ".")) for match in _ASSIGNED.finditer(code)}
    for match in _SET.finditer(code):
        source = _source(match[2], aliases)
        if source is not None:
            script.kept.append((match[1], source))
    return script


def _source(expression: str, aliases: dict[str, tuple[str | int, ...] | None]) -> JsonPath | Header | None:
    """Where in the response an expression finds its value."""
    if header := _HEADER.fullmatch(expression):
        return Header(header[1])
    if match := re.fullmatch(rf"{_JSON}{_PATH}", expression):
        keys = parse_path(match[1].replace("?.", "."))
        return JsonPath(keys) if keys else None
    match = re.fullmatch(rf"([A-Za-z_]\w*){_PATH}?", expression)
    if match is None or aliases.get(match[1]) is None:
        return None
    rest = parse_path((match[2] or "").replace("?.", "."))
    keys = (*(aliases[match[1]] or ()), *(rest or ())) if rest is not None else ()
    return JsonPath(keys) if keys else None
