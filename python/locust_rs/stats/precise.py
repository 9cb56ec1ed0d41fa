"""Precise response times for people: how they are written, and percentiles of the last seconds.

They come from the rows' histograms and stand beside the documented ones, which have two significant digits;
`--precise` shows them in their place.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from locust_rs._core import PreciseMark
    from locust_rs.stats.entry import StatsEntry


def format_ms(time_ms: float | None) -> str:
    """Milliseconds with three significant digits, but nothing less than a microsecond: 0.042, 3.14, 42.1, 1234."""
    if not time_ms:
        return "0"
    digits = 3 if time_ms < 1 else 2 if time_ms < 10 else 1 if time_ms < 100 else 0
    return f"{time_ms:.{digits}f}"


class PreciseWindow:
    """Precise percentiles of what a row counted in the last seconds, as often as somebody asks.

    Keeps copies of the histogram, one for each second in which it was asked; owned by who asks.

    Args:
        seconds: How far to look back.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._marks: deque[tuple[float, PreciseMark]] = deque()

    def percentiles(self, row: StatsEntry, fractions: Sequence[float]) -> list[float | None]:
        """Milliseconds; None for each if nothing was counted, or if this is the first time."""
        now = time.monotonic()
        while len(self._marks) > 1 and self._marks[1][0] <= now - self._seconds:
            self._marks.popleft()
        found = row._precise_since(self._marks[0][1], fractions) if self._marks else None
        if not self._marks or now - self._marks[-1][0] >= 1:
            self._marks.append((now, row._precise_mark()))
        return [None] * len(fractions) if found is None else [*found]
