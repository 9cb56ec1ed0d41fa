"""Files with values for `{{variables}}`: Postman's environments, JetBrains' `http-client.env.json`."""

from __future__ import annotations

import json

from locust_rs.convert.errors import SourceError
from locust_rs.convert.json_source import Node, read_json


def read_variables(text: str, name: str | None) -> dict[str, str]:
    """The variables of an environment.

    Args:
        text: The file.
        name: Which of several environments; may be None if there is only one.

    Raises:
        SourceError: With the position, or with the names there are.
    """
    document = read_json(text)
    values = document.get("values")
    if values is not None and isinstance(values.value, list):
        entries = [entry for entry in values.elements() if entry.object().get("enabled") is not False]
        return {entry.need("key").text(): _text(entry.object().get("value")) for entry in entries}
    environments = {key: node for key, node in document.members() if isinstance(node.value, dict)}
    chosen = _choose(environments, name)
    shared = environments.get("$shared")
    return {key: _text(node.value) for each in (shared, chosen) if each is not None for key, node in each.members()}


def _choose(environments: dict[str, Node], name: str | None) -> Node:
    names = [each for each in environments if each != "$shared"]
    if name is None and len(names) == 1:
        return environments[names[0]]
    if name is None or name not in names:
        known = ", ".join(names) or "none"
        raise SourceError(f"name one of its environments with --environment-name: {known}")
    return environments[name]


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
