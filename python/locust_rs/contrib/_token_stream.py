"""The bytes of a model's streamed answer: when its first token came, how many there were, and when it ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from gevent import GreenletExit

# Texts of the Responses, Chat and Completions APIs, and arguments of tool calls; events before them have none.
_TOKEN = re.compile(rb'"(?:delta|content|arguments|text)":\s*"[^"]')
_TOKENS = re.compile(rb'"(?:output_tokens|completion_tokens)":\s*(\d+)')

# A match may lie across the border of two chunks.
_OVERLAP_BYTES = 64


class TokenStream:
    """Listens to a response of httpx while somebody reads it.

    Args:
        response: Not read yet.
        first: Called at the first token.
        ended: Called once with the exception that ended the stream, or None, and the number of tokens, 0 if the stream
            does not say; not called if the greenlet that reads is killed.
    """

    def __init__(
        self, response: Any, first: Callable[[], None], ended: Callable[[Exception | None, int], None]
    ) -> None:
        self._iter_bytes, self._close = response.iter_bytes, response.close
        self._first, self._ended = first, ended
        self._began = self._over = False
        self._tokens = 0
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
        if not self._began and _TOKEN.search(seen):
            self._began = True
            self._first()
        for found in _TOKENS.finditer(seen):
            self._tokens = int(found[1])
        self._tail = seen[-_OVERLAP_BYTES:]

    def _closed(self) -> None:
        self._close()
        self._end(None)

    def _end(self, failure: Exception | None) -> None:
        if not self._over:
            self._over = True
            self._ended(failure, self._tokens)
