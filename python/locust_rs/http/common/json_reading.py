"""Parsing the JSON of a response without the steps of `json.loads` that a text needs none of."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_loads = json.loads
_scan: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # typeshed leaves it out


def parsed(text: Any, loads: Callable[[Any], Any]) -> Any:
    """The same as `loads(text)`.

    Args:
        loads: What would parse it; another function than `json.loads` is called.
    """
    if loads is not _loads or type(text) is not str:
        return loads(text)
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        return loads(text)  # white space first, or no JSON at all
    return value if end == len(text) else loads(text)
