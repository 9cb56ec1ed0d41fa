"""The reports of simulated workers: packed by locust-rs itself, and reused by all workers for a moment."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

import msgpack

from locust_rs.stats import RequestStats
from locust_rs.stats.distributed import ReportFiller

FRESH_FOR_S = 3.0
"""How long a packed report is reused: about as long as a worker counts for one."""

_NUMBER_KEY = msgpack.packb("sequence")
_UNPADDED = b"\xce"
"""Msgpack's type of a number in four bytes, so that the number can be replaced within a packed report."""


class Reports:
    """Packs reports with the same number of requests for each endpoint.

    Args:
        endpoints: Rows of a report.
        requests_per_endpoint: Requests that each row counts.
        stock: Whether the reports are those of stock workers, which carry neither a number nor precise histograms.
    """

    def __init__(self, endpoints: int, requests_per_endpoint: int, *, stock: bool) -> None:
        self.requests = endpoints * requests_per_endpoint
        """Requests in a report."""
        self._stock = stock
        rng = random.Random(1)
        self._times_ms = {
            f"/endpoint/{number}": [rng.lognormvariate(3.5, 0.8) for _ in range(requests_per_endpoint)]
            for number in range(endpoints)
        }
        self._packed: dict[Any, bytes] = {}
        self._packed_at = 0.0

    def frame(
        self, node_id: str, users: dict[str, int], test: str, number: int, *, is_empty: bool, is_last: bool
    ) -> bytes:
        """The message of one worker.

        Args:
            node_id: The worker. All ids have the same length.
            users: Its users by class.
            test: The id of the test.
            number: The number of the report.
            is_empty: Whether it counts nothing.
            is_last: Whether it says that nothing more will come.
        """
        if time.monotonic() - self._packed_at > FRESH_FOR_S:
            self._packed.clear()
            self._packed_at = time.monotonic()
        key = (tuple(users.items()), test, is_empty, is_last)
        packed = self._packed.get(key)
        if packed is None:
            packed = self._packed[key] = self._pack(node_id, users, test, is_empty=is_empty, is_last=is_last)
        frame = packed[: -len(node_id)] + node_id.encode()
        if self._stock:
            return frame
        at = frame.index(_NUMBER_KEY + _UNPADDED) + len(_NUMBER_KEY) + 1
        return frame[:at] + number.to_bytes(4, "big") + frame[at + 4 :]

    def _pack(self, node_id: str, users: dict[str, int], test: str, *, is_empty: bool, is_last: bool) -> bytes:
        stats = RequestStats()
        for name, time_ms in () if is_empty else self._requests():
            stats.log_request("GET", name, time_ms, 100)
        filler = ReportFiller(stats)
        if self._stock:
            data: dict[str, Any] = {}
            filler(node_id, data)
            del data["locust_rs"]
            return bytes(
                msgpack.packb(
                    ["stats", {**data, "user_classes_count": users, "user_count": sum(users.values())}, node_id]
                )
            )
        extra = {"sequence": _UNPADDED + bytes(4)}
        if test:
            extra["test"] = msgpack.packb(test)
        if is_last:
            extra["last"] = msgpack.packb(True)
        return filler.pack(node_id, sum(users.values()), users, extra)

    def _requests(self) -> Iterator[tuple[str, float]]:
        for name, times_ms in self._times_ms.items():
            for time_ms in times_ms:
                yield name, time_ms
