"""The pace of a model's streamed answer, by a clock that the test moves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from locust_rs.contrib._token_stream import TokenStream


def token(text: str) -> bytes:
    return b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % text.encode()


def usage(tokens: int, unseen: int = 0) -> bytes:
    details = b',"completion_tokens_details":{"reasoning_tokens":%d}' % unseen
    return b'data: {"choices":[],"usage":{"completion_tokens":%d%s}}\n\n' % (tokens, details if unseen else b"")


def ended(timed_chunks: list[tuple[float, bytes]]) -> tuple[list[float], Any]:
    """When the first token was told, and what was told at the end of chunks that came at these seconds."""
    now, firsts, ends = [0.0], [], []

    def chunks(_size: int | None = None) -> Any:
        for now[0], chunk in timed_chunks:
            yield chunk

    response = SimpleNamespace(iter_bytes=chunks, close=lambda: None)
    TokenStream(response, lambda: firsts.append(now[0]), lambda *told: ends.append(told), lambda: now[0])
    list(response.iter_bytes())
    [end] = ends
    return firsts, end


@pytest.mark.parametrize(
    ("timed_chunks", "first", "tokens", "between_ms"),
    [
        pytest.param([(1, token("a")), (1.5, token("b")), (3, token("c"))], [1], 0, 1000, id="pieces"),
        pytest.param([(1, token("a")), (3, token("b") + usage(5))], [1], 5, 500, id="as many as the service says"),
        pytest.param([(1, token("a")), (3, token("b")), (4, usage(9, 4))], [1], 9, 500, id="less those of reasoning"),
        pytest.param([(1, token("a") + token("b")), (2, token("c"))], [1], 0, 500, id="two in a chunk"),
        pytest.param([(1, token("a")[:35]), (2, token("a")[35:]), (3, token("b"))], [2], 0, 1000, id="torn"),
        pytest.param([(1, token("a")), (2, b": ping\n\n"), (3, token("b"))], [1], 0, 2000, id="others in between"),
        pytest.param([(1, token("a") + token("b"))], [1], 0, None, id="all at once"),
        pytest.param([(1, token("a")), (2, usage(1))], [1], 1, None, id="one"),
        pytest.param([(1, b": ping\n\n")], [], 0, None, id="none"),
    ],
)
def test_the_time_between_tokens(timed_chunks: Any, first: list[float], tokens: int, between_ms: float | None) -> None:
    assert ended(timed_chunks) == (first, (None, tokens, between_ms))


def test_however_a_stream_is_cut_a_token_counts_once() -> None:
    whole = b"".join(map(token, "abcdef"))
    for size in range(1, len(whole)):
        cut = [(1.0 + at, whole[at : at + size]) for at in range(0, len(whole), size)]
        _, (_, _, between_ms) = ended(cut)
        last = max(at for at, _ in cut)
        assert between_ms is None or between_ms <= (last - 1) * 1000 / 5, size
