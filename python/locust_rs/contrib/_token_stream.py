"""The bytes of a model's streamed answer: when its tokens came, how many there were, and when it ended."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from gevent import GreenletExit

# Texts of the Responses, Chat and Completions APIs, and arguments of tool calls; events before them have none.
_TOKEN = re.compile(rb'"(?:delta|content|arguments|text)":\s*"[^"]')
_TOKENS = re.compile(rb'"(?:output_tokens|completion_tokens)":\s*(\d+)')
_UNSEEN_TOKENS = re.compile(rb'"reasoning_tokens":\s*(\d+)')

# A match may lie across the border of two chunks.
_OVERLAP_BYTES = 64


class TokenStream:
    """Listens to a response of httpx while somebody reads it.

    Args:
        response: Not read yet.
        first: Called at the first token.
        ended: Called once with the exception that ended the stream, or None, the number of tokens, 0 if the stream does
            not say, and the mean time between two tokens in milliseconds, or None if all came at once; not called if
            the greenlet that reads is killed.
        clock: Seconds, which only grow.
    """

    def __init__(
        self,
        response: Any,
        first: Callable[[], None],
        ended: Callable[[Exception | None, int, float | None], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._iter_bytes, self._close = response.iter_bytes, response.close
        self._first, self._ended, self._clock = first, ended, clock
        self._over = False
        self._tokens = self._unseen = self._pieces = 0
        self._first_at = self._last_at = 0.0
        self._tail = b""
        response.iter_bytes, response.close = self._read, self._closed

    def _read(self, chunk_size: int | None = None) -> Iterator[bytes]:
        try:
            for chunk in self._iter_bytes(chunk_size):
                self._look_at(self._tail + chunk)
                yield chunk
        except GreenletExit:
            self._over = True
            raise
        except Exception as failure:
            self._end(failure)
            raise
        else:
            self._end(None)

    def _look_at(self, seen: bytes) -> None:
        # What ends within the tail was found when the chunk before came.
        came = sum(found.end() > len(self._tail) for found in _TOKEN.finditer(seen))
        if came:
            self._last_at = self._clock()
            if not self._pieces:
                self._first_at = self._last_at
                self._first()
            self._pieces += came
        for found in _TOKENS.finditer(seen):
            self._tokens = int(found[1])
        for found in _UNSEEN_TOKENS.finditer(seen):
            self._unseen = int(found[1])
        self._tail = seen[-_OVERLAP_BYTES:]

    def _between_ms(self) -> float | None:
        tokens = max(self._tokens - self._unseen, 0) or self._pieces
        lasted_ms = (self._last_at - self._first_at) * 1000
        return lasted_ms / (tokens - 1) if tokens > 1 and lasted_ms > 0 else None

    def _closed(self) -> None:
        self._close()
        self._end(None)

    def _end(self, failure: Exception | None) -> None:
        if not self._over:
            self._over = True
            self._ended(failure, self._tokens, self._between_ms())
