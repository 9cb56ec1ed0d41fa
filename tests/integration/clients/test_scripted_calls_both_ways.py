"""The scripted calls through the engine and the old way: the same bytes, results, exceptions and events.

What may differ is named here, with the reason.
"""

from __future__ import annotations

import sys
from pprint import pformat
from typing import Any

import pytest

from recorder.harness import differences, run_calls

DIFFERENT_ON_PURPOSE = {
    "fast": {
        "get unknown encoding": "the engine hands over what it cannot decode; geventhttpclient raises ValueError",
        "bad chunk": "geventhttpclient keeps the response only if its header came alone",
        "folded headers": "geventhttpclient refuses a response with folded header lines",
        "head gzip": "a HEAD response has no body; geventhttpclient tries to unzip it and fails",
    },
    "http": {
        "get 103": "an interim response is followed by the real one; requests takes it for the answer",
        "links": "the same",
        "half head": "a header that breaks off is an error; requests takes what there is of it",
    },
}

OWN_WORDS = {"HTTPParseError", "error", "ContentDecodingError", "ChunkedEncodingError"}
"""Exceptions whose text is the parser's or decoder's own."""


def without_own_words(value: Any) -> Any:
    """Drops the texts that each parser words in its own way."""
    if isinstance(value, dict):
        if value.get("raised") in OWN_WORDS:
            return {"raised": value["raised"]}
        return {key: without_own_words(item) for key, item in value.items()}
    return [without_own_words(item) for item in value] if isinstance(value, list) else value


def comparable(outcomes: dict[str, Any], kind: str) -> dict[str, Any]:
    """Outcomes without connection management: how often a dropped connection makes a request be sent again."""
    for call in DIFFERENT_ON_PURPOSE[kind]:
        outcomes.pop(call)
    for outcome in outcomes.values():
        wire = outcome["wire"]
        outcome["wire"] = [raw for index, raw in enumerate(wire) if index == 0 or raw != wire[index - 1]]
    return without_own_words(outcomes)  # type: ignore[no-any-return]


@pytest.mark.parametrize("state", ["cold", "warm"])
@pytest.mark.parametrize("kind", ["http", "fast"])
def test_both_ways_are_one(kind: str, state: str) -> None:
    engine = comparable(run_calls(sys.executable, kind, LOCUST_HTTP_ENGINE="on", RECORDER_SESSIONS=state), kind)
    old_way = comparable(run_calls(sys.executable, kind, LOCUST_HTTP_ENGINE="off", RECORDER_SESSIONS=state), kind)
    assert len(engine) > 300
    found = differences(engine, old_way)
    assert not found, pformat(found, width=160)
