"""The exceptions of a test, counted by traceback."""

from __future__ import annotations

from typing import TypedDict


class ExceptionDict(TypedDict):
    """One kind of exception."""

    count: int
    msg: str
    traceback: str
    nodes: set[str]


MAX_EXCEPTIONS = 500
"""Distinct tracebacks that are kept; exceptions with further tracebacks share one row."""

MAX_NODES = 1000
"""Node ids that are kept per traceback."""

OTHERS_KEY = 0


def count_exception(table: dict[int, ExceptionDict], node_id: str, msg: str, formatted_tb: str) -> None:
    """Counts one exception in `table`, `{hash of the traceback: row}`.

    Args:
        table: Where to count; it never has more than `MAX_EXCEPTIONS` rows and one for all others.
        node_id: Where it happened; "local" without workers.
        msg: Its text; a row shows the text of its first exception.
        formatted_tb: Its traceback.
    """
    key = hash(formatted_tb)
    if key not in table and len(table) >= MAX_EXCEPTIONS:
        key, formatted_tb = OTHERS_KEY, ""
        msg = f"Other exceptions (more than {MAX_EXCEPTIONS} different ones)"
    row = table.setdefault(key, {"count": 0, "msg": msg, "traceback": formatted_tb, "nodes": set()})
    row["count"] += 1
    if len(row["nodes"]) < MAX_NODES:
        row["nodes"].add(node_id)
