"""Successes and failures of a row apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locust_rs._core import StatsEntryCore


class OutcomeTimes:
    """How long the successes or the failures of a row took; always up to date. Made by `StatsEntry`."""

    def __init__(self, row: StatsEntryCore, side: int) -> None:
        self._row = row
        self._side = side

    @property
    def count(self) -> int:
        """Requests that have a response time."""
        return self._row._sides([])[self._side][0]

    @property
    def avg_response_time(self) -> float:
        """Milliseconds; 0 without requests."""
        return self._row._sides([])[self._side][1]

    def precise_percentile(self, percent: float) -> float:
        """The response time in ms at a fraction, as `StatsEntry.precise_percentile`; 0 without requests."""
        return self._row._sides([percent])[self._side][2][0]
