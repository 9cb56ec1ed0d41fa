"""Parameters of paths, queries, headers and cookies, and how OpenAPI's styles write them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from locust_rs.convert.json_source import Node
from locust_rs.convert.readers.openapi_samples import Samples

_DEFAULT_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_NOT_SENT = {"accept", "content-type", "authorization"}
"""Headers that OpenAPI says are described elsewhere."""


@dataclass
class Parameter:
    """A parameter and the value that it gets."""

    name: str
    place: str
    style: str
    explode: bool
    is_sent: bool
    value: Any

    @classmethod
    def read(cls, node: Node, samples: Samples) -> Parameter:
        """A parameter with a sample; one that is neither required nor has an example is not sent."""
        name, place = node.need("name").text(), node.need("in").text()
        if place not in _DEFAULT_STYLES:
            raise node.need("in").error(f"{place!r} is no place of parameters; these are path, query, header, cookie")
        style = node.text_of("style") or _DEFAULT_STYLES[place]
        explode = node.object().get("explode", style == "form") is True
        required = place == "path" or node.flag("required") or samples.has_example(node)
        content = node.get("content")
        if content is not None:
            media = next((item for _, item in content.members()), None)
            value = json.dumps(samples.example(media)) if media is not None else None
        else:
            value = samples.example(node)
        sent = required and value is not None and not (place == "header" and name.lower() in _NOT_SENT)
        return cls(name, place, style, explode, sent, value)


def serialized(parameter: Parameter) -> str:
    """The parameter as it stands in its place; `name=value` in queries and cookies."""
    name, value = parameter.name, parameter.value
    if parameter.place == "header":
        return _joined(value, ",", parameter.explode, plain=True)
    if parameter.place == "path":
        return _in_path(parameter)
    key = quote(name, safe="")
    if isinstance(value, dict) and parameter.style == "deepObject":
        return "&".join(f"{key}[{quote(str(inner), safe='')}]={_text(item)}" for inner, item in value.items())
    if isinstance(value, dict) and parameter.explode:
        return "&".join(f"{quote(str(inner), safe='')}={_text(item)}" for inner, item in value.items())
    if isinstance(value, list) and parameter.explode:
        return "&".join(f"{key}={_text(item)}" for item in value)
    separator = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(parameter.style, ",")
    return f"{key}={_joined(value, separator, False)}"


def _in_path(parameter: Parameter) -> str:
    value, explode = parameter.value, parameter.explode
    if parameter.style == "label":
        return "." + _joined(value, "." if explode else ",", explode)
    if parameter.style == "matrix":
        if explode and isinstance(value, list):
            return "".join(f";{parameter.name}={_text(item)}" for item in value)
        if explode and isinstance(value, dict):
            return ";" + _joined(value, ";", True)
        return f";{parameter.name}={_joined(value, ',', False)}"
    return _joined(value, ",", explode)


def _joined(value: Any, separator: str, explode: bool, *, plain: bool = False) -> str:
    write = _plain if plain else _text
    if isinstance(value, dict):
        sign = "=" if explode else separator
        return separator.join(f"{write(key)}{sign}{write(item)}" for key, item in value.items())
    if isinstance(value, list):
        return separator.join(write(item) for item in value)
    return write(value)


def _text(value: Any) -> str:
    return quote(_plain(value), safe="")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict | list) else "" if value is None else str(value)
