"""One row of the statistics: the counters of a name and a method."""

from __future__ import annotations

import copyreg
import time
from typing import TYPE_CHECKING, Any, cast

from locust_rs import _tunables
from locust_rs._core import StatsEntryCore, stats_changed
from locust_rs.stats.counter_dict import LiveDict
from locust_rs.stats.outcomes import OutcomeTimes
from locust_rs.stats.overrides import WATCHED_METHODS, Watched, buckets_are_default, originals
from locust_rs.stats.percentiles import CachedResponseTimes
from locust_rs.stats.types import StatsEntryDict
from locust_rs.util.rounding import proper_round

if TYPE_CHECKING:
    from locust_rs.stats.request_stats import RequestStats

STALL_S = 12
"""Current rates look back this many seconds; after as long without a request they are 0."""


class StatsEntry(StatsEntryCore, metaclass=Watched):
    """Counters of one name and method; native, readable and settable as plain attributes.

    Args:
        stats: The table that the row belongs to; its total has the times of the test's start and last request.
        name: The name of the requests.
        method: Their type (`GET` …); empty for the total.
        use_response_times_cache: Whether percentiles of the last seconds can be asked for.
    """

    def __init__(self, stats: RequestStats, name: str, method: str, use_response_times_cache: bool = False) -> None:
        self.stats = stats
        self._use_response_times_cache = use_response_times_cache
        self._start(name, method, time.time(), self._window())

    def _window(self) -> int | None:
        return _tunables.stats.CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW if self._use_response_times_cache else None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in WATCHED_METHODS:
            stats_changed()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        if name in WATCHED_METHODS:
            stats_changed()

    # ------------------------------------------------------------------------------------- recording

    def reset(self) -> None:
        """Sets all counters to zero; the row starts now."""
        self._reset(time.time())

    def log(self, response_time: int | float | None, content_length: int) -> None:
        """Counts a request that just ended.

        Args:
            response_time: Milliseconds; None if there is none.
            content_length: Bytes of the response.

        Raises:
            ValueError: The response time is infinite or not a number; nothing was counted.
        """
        now = time.time()
        if response_time is None or buckets_are_default():
            self._record(now, response_time, content_length)
        else:
            self._record_in(now, response_time, content_length, _tunables.stats.bucket_response_time(response_time))

    def _log_response_time(self, response_time: int | float | None) -> None:
        if response_time is None:
            self.num_none_requests += 1
        else:
            self._measure_in(response_time, _tunables.stats.bucket_response_time(response_time))

    def log_error(self, error: Exception | str | None) -> None:
        """Counts a failure that just happened."""
        self._record_failure(time.time())

    def extend(self, other: StatsEntry) -> None:
        """Adds the counters of another row."""
        self._extend(other)

    def _cache_response_times(self, t: int) -> None:
        self._set_window(self._window())
        self._remember(t)

    # ------------------------------------------------------------------------------ counters as dictionaries

    @property
    def response_times(self) -> dict[int, int]:
        """`{bucket_ms: count}`."""
        return LiveDict(self._get_response_times, self._set_response_times, self._stamp, 0)

    @response_times.setter
    def response_times(self, counts: dict[int, int]) -> None:
        self._set_response_times(counts)

    @property
    def num_reqs_per_sec(self) -> dict[int, int]:
        """`{epoch second: requests}`. Beyond ten minutes of age, several seconds share the bin of the first."""
        return LiveDict(self._get_num_reqs_per_sec, self._set_num_reqs_per_sec, self._stamp, 0)

    @num_reqs_per_sec.setter
    def num_reqs_per_sec(self, counts: dict[int, int]) -> None:
        self._set_num_reqs_per_sec(counts)

    @property
    def num_fail_per_sec(self) -> dict[int, int]:
        """`{epoch second: failures}`, as `num_reqs_per_sec`."""
        return LiveDict(self._get_num_fail_per_sec, self._set_num_fail_per_sec, self._stamp, 0)

    @num_fail_per_sec.setter
    def num_fail_per_sec(self, counts: dict[int, int]) -> None:
        self._set_num_fail_per_sec(counts)

    @property
    def use_response_times_cache(self) -> bool:
        """Whether percentiles of the last seconds can be asked for."""
        return self._use_response_times_cache

    @use_response_times_cache.setter
    def use_response_times_cache(self, value: bool) -> None:
        self._use_response_times_cache = value
        self._set_window(self._window())

    @property
    def response_times_cache(self) -> dict[int, CachedResponseTimes] | None:
        """`{epoch second: counters at its end}` of the last seconds; None without the cache."""
        if not self._use_response_times_cache:
            return None
        return LiveDict(self._load_cache, self._store_cache, self._stamp)

    @response_times_cache.setter
    def response_times_cache(self, cache: dict[int, CachedResponseTimes] | None) -> None:
        if cache is None:
            self.use_response_times_cache = False
        else:
            self._use_response_times_cache = True
            self._store_cache(cache)

    def _stamp(self) -> int:
        return self._revision

    def _load_cache(self) -> dict[int, CachedResponseTimes]:
        return {
            second: CachedResponseTimes(cast("dict[int, int]", dict(counts)), requests, untimed)
            for second, counts, requests, untimed in self._get_snapshots()
        }

    def _store_cache(self, cache: dict[int, CachedResponseTimes]) -> None:
        kept = [
            (second, list(times.items()), requests, untimed) for second, (times, requests, untimed) in cache.items()
        ]
        self._set_snapshots(kept, _tunables.stats.CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW)

    # ------------------------------------------------------------------------------------- what they mean

    @property
    def current_rps(self) -> float:
        """Requests/s of the window from 12 s to 2 s before the test's last request; 0 once that is 12 s ago."""
        return self._recent_rate(failures=False)

    @property
    def current_fail_per_sec(self) -> float:
        """Failures/s of the same window."""
        return self._recent_rate(failures=True)

    def _recent_rate(self, *, failures: bool) -> float:
        last = self.stats.last_request_timestamp
        if last is None:
            return 0
        if time.time() - last >= STALL_S:
            return 0.0
        return self._current_rate(last, self.stats.start_time or 0, failures)

    @property
    def total_rps(self) -> float:
        """Requests/s from the test's start to its last request."""
        return self._total_rate(self.num_requests)

    @property
    def total_fail_per_sec(self) -> float:
        """Failures/s from the test's start to its last request."""
        return self._total_rate(self.num_failures)

    def _total_rate(self, events: int) -> float:
        last, start = self.stats.last_request_timestamp, self.stats.start_time
        if not last or not start or last == start:
            return 0.0
        return events / (last - start)

    def get_current_response_time_percentile(self, percent: float) -> int | None:
        """The percentile of the last `CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW` seconds, in ms.

        Args:
            percent: A fraction, 0 to 1.

        Returns:
            None if there is nothing to compare with, at the beginning and after a long pause.

        Raises:
            ValueError: The row was made without a cache.
        """
        if not self._use_response_times_cache:
            raise ValueError(
                "StatsEntry.use_response_times_cache must be set to True to calculate the _current_ "
                "response time percentile"
            )
        self._set_window(self._window())
        return self._current_percentile(int(time.time()), percent)

    def percentile(self) -> str:
        """The row's line in the console's percentile table.

        Raises:
            ValueError: No request was counted.
        """
        if not self.num_requests:
            raise ValueError("Can't calculate percentile on url with no successful requests")
        from locust_rs.stats.console import percentile_line

        return percentile_line(self)

    def __str__(self) -> str:
        """The line of the statistics table."""
        return self.to_string(current=True)

    def to_string(self, current: bool = True) -> str:
        """The row's line in the console's statistics table; `current` picks rates of the last seconds."""
        from locust_rs.stats.console import stats_line

        return stats_line(self, current)

    def to_dict(self, escape_string_values: bool = False) -> dict[str, int | float | str]:
        """The row as the web UI and the report show it. Texts are not escaped; a caller that makes HTML must do so.

        Args:
            escape_string_values: Part of Locust's interface; without effect, as in Locust.
        """
        fractions = _tunables.stats.PERCENTILES_TO_STATISTICS
        minimum = self.min_response_time
        return {
            "method": self.method,
            "name": self.name,
            "num_requests": self.num_requests,
            "num_failures": self.num_failures,
            "min_response_time": 0 if minimum is None else proper_round(minimum),
            "max_response_time": proper_round(self.max_response_time),
            "current_rps": self.current_rps,
            "current_fail_per_sec": self.current_fail_per_sec,
            "avg_response_time": self.avg_response_time,
            "median_response_time": self.median_response_time,
            "total_rps": self.total_rps,
            "total_fail_per_sec": self.total_fail_per_sec,
            **{
                f"response_time_percentile_{fraction}": value
                for fraction, value in zip(fractions, self._percentiles(fractions), strict=True)
            },
            "avg_content_length": self.avg_content_length,
        }

    @property
    def succeeded(self) -> OutcomeTimes:
        """The successful requests, as far as they have a response time, from the precise histograms."""
        return OutcomeTimes(self, 0)

    @property
    def failed(self) -> OutcomeTimes:
        """The failed ones."""
        return OutcomeTimes(self, 1)

    # ------------------------------------------------------------------------------------- between nodes

    def serialize(self) -> StatsEntryDict:
        """The row as plain values."""
        return {
            "name": self.name,
            "method": self.method,
            "last_request_timestamp": self.last_request_timestamp,
            "start_time": self.start_time,
            "num_requests": self.num_requests,
            "num_none_requests": self.num_none_requests,
            "num_failures": self.num_failures,
            "total_response_time": self.total_response_time,
            "max_response_time": self.max_response_time,
            "min_response_time": self.min_response_time,
            "total_content_length": self.total_content_length,
            "response_times": self._get_response_times(),
            "num_reqs_per_sec": self._get_num_reqs_per_sec(),
            "num_fail_per_sec": self._get_num_fail_per_sec(),
        }

    @classmethod
    def unserialize(cls, data: StatsEntryDict, stats: RequestStats) -> StatsEntry:
        """A row of `stats` from the values of `serialize`. Missing ones keep their defaults; others are ignored."""
        entry = cls(stats, data["name"], data["method"])
        for name in _SERIALIZED:
            if name in data:
                setattr(entry, name, data[name])  # type: ignore[literal-required]
        return entry

    def __reduce__(self) -> tuple[Any, ...]:
        """For `copy` and `pickle`: an independent entry with the same counters."""
        cache = self._get_snapshots() if self._use_response_times_cache else []
        return copyreg.__newobj__, (type(self),), (vars(self), self.serialize(), self._own_parts(), cache)  # type: ignore[attr-defined]

    def __setstate__(self, state: tuple[dict[str, Any], StatsEntryDict, tuple[Any, ...], list[Any]]) -> None:
        attributes, counters, own_parts, cache = state
        vars(self).update(attributes)
        self._start(counters["name"], counters["method"], counters["start_time"], self._window())
        for name in _SERIALIZED:
            setattr(self, name, counters[name])  # type: ignore[literal-required]
        self._add_own_parts(*own_parts)
        if self._use_response_times_cache:
            self._set_snapshots(cache, _tunables.stats.CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW)

    def get_stripped_report(self) -> StatsEntryDict:
        """Returns the row as plain values, for a worker's report, and resets it."""
        report = self.serialize()
        self.reset()
        return report


_SERIALIZED = tuple(name for name in StatsEntryDict.__annotations__ if name not in ("name", "method"))

RECORDING_METHODS = originals(StatsEntry)
