"""The statistics of a test: the table of all rows, the total, the errors and the history."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from locust_rs import _tunables
from locust_rs._core import RequestRecorder, stats_changed, stats_errors_changed
from locust_rs.stats import entry as entry_module
from locust_rs.stats import error as error_module
from locust_rs.stats.entry import StatsEntry
from locust_rs.stats.error import StatsError
from locust_rs.stats.inflation import Health
from locust_rs.stats.overrides import (
    WATCHED_METHODS,
    Watched,
    buckets_are_default,
    is_original,
    originals,
)
from locust_rs.stats.types import StatsEntryDict, StatsErrorDict

if TYPE_CHECKING:
    from locust_rs._core import PreciseMark
    from locust_rs.stats.groups import Groups
    from locust_rs.stats.intended import IntendedTimes

logger = logging.getLogger("locust.stats")


class _WatchedDict(dict[Any, Any]):
    """A dictionary whose rows the native recorder also holds, and which tells it when one is removed or replaced."""

    @staticmethod
    def _announce() -> None:
        stats_errors_changed()

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self._announce()

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        self._announce()

    def clear(self) -> None:
        super().clear()
        self._announce()

    def pop(self, *args: Any) -> Any:
        self._announce()
        return super().pop(*args)

    def popitem(self) -> tuple[Any, Any]:
        self._announce()
        return super().popitem()

    def update(self, *args: Any, **kwargs: Any) -> None:
        super().update(*args, **kwargs)
        self._announce()

    def setdefault(self, key: Any, default: Any = None) -> Any:
        self._announce()
        return super().setdefault(key, default)

    def __ior__(self, other: Any) -> Any:  # type: ignore[misc]
        self.update(other)
        return self


class EntriesDict(_WatchedDict):
    """`{(name, method): StatsEntry}`; reading a missing row creates it.

    Beyond `locust.stats.MAX_ENTRIES` rows, new names are counted together in the row `OTHERS_NAME`.
    """

    @staticmethod
    def _announce() -> None:
        stats_changed()

    def __init__(self, request_stats: RequestStats) -> None:
        super().__init__()
        self.request_stats = request_stats

    def __missing__(self, key: tuple[str, str]) -> StatsEntry:
        others = _tunables.stats.OTHERS_NAME
        if len(self) >= _tunables.stats.MAX_ENTRIES and key != (others, ""):
            if (others, "") not in self:
                logger.warning(
                    "More than %i different request names: further ones are counted as %r. Group URLs that differ "
                    "in a parameter by passing name=, or raise locust.stats.MAX_ENTRIES.",
                    _tunables.stats.MAX_ENTRIES,
                    others,
                )
            row: StatsEntry = self[(others, "")]
            return row
        name, method = key
        row = StatsEntry(self.request_stats, name, method, self.request_stats.use_response_times_cache)
        # Not through our own __setitem__: a new row does not make anything stale that the native recorder holds.
        super(_WatchedDict, self).__setitem__(key, row)
        return row


class RequestStats(metaclass=Watched):
    """The statistics of a test. Live as long as their environment; reset between tests.

    Args:
        use_response_times_cache: Whether percentiles of the last seconds can be asked for. Workers, which only pass
            their counters on, do without, to save memory.
    """

    def __init__(self, use_response_times_cache: bool = True) -> None:
        self.use_response_times_cache = use_response_times_cache
        self.entries: EntriesDict = EntriesDict(self)
        self.errors: dict[str, StatsError] = {}
        self.total = StatsEntry(self, "Aggregated", "", use_response_times_cache)
        self.history: list[dict[str, Any]] = []
        self.history_mark: PreciseMark | None = None
        """The total's precise histogram as it was at the latest point of `history`."""
        self.health: Health | None = None
        """Set by the runner; tells whether the process was able to measure what it shows."""
        self.intended: IntendedTimes | None = None
        """Times from the intended start; set by the runner if they are asked for."""
        self.groups: Groups | None = None
        """Requests by User class and by tag; set by the runner while they are counted so."""
        self.reset_too: list[Callable[[], None]] = []
        """Called whenever the rows are reset, by what is counted beside them."""
        self._recorder: RequestRecorder | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "errors" and not isinstance(value, _WatchedDict):
            value = _WatchedDict(value)
        super().__setattr__(name, value)
        if name == "errors":
            stats_errors_changed()
        elif name in ("entries", "total") or name in WATCHED_METHODS:
            stats_changed()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        if name in WATCHED_METHODS:
            stats_changed()

    def __getstate__(self) -> dict[str, Any]:
        """For `copy` and `pickle`: the counters, without what ties them to this process."""
        return {**vars(self), "_recorder": None, "health": None, "history_mark": None, "reset_too": []}

    @property
    def num_requests(self) -> int:
        """Requests of all rows."""
        return self.total.num_requests

    @property
    def num_none_requests(self) -> int:
        """Requests without a response time."""
        return self.total.num_none_requests

    @property
    def num_failures(self) -> int:
        """Failures of all rows."""
        return self.total.num_failures

    @property
    def by_class(self) -> dict[str, RequestStats]:
        """The requests of each User class by its name, with `total` and `entries`; empty if they are not counted so."""
        return self.groups.table("class") if self.groups is not None else {}

    @property
    def by_tag(self) -> dict[str, RequestStats]:
        """The requests of the tasks with a tag by its name; empty if they are not counted so."""
        return self.groups.table("tag") if self.groups is not None else {}

    @property
    def last_request_timestamp(self) -> float | None:
        """When the last request ended, in epoch seconds; None before the first."""
        return self.total.last_request_timestamp

    @property
    def start_time(self) -> float:
        """When the statistics began, in epoch seconds."""
        return self.total.start_time

    @property
    def recorder(self) -> RequestRecorder:
        """The listener for `environment.events.request` that counts every request here; always the same one."""
        if self._recorder is None:
            self._recorder = RequestRecorder(self)
        return self._recorder

    def log_request(self, method: str, name: str, response_time: int | float | None, content_length: int) -> None:
        """Counts a request that just ended, in its row and in the total.

        Args:
            method: The request type.
            name: The name of the row.
            response_time: Milliseconds; None where there is none to tell.
            content_length: Bytes of the response.
        """
        self.total.log(response_time, content_length)
        self.entries[(name, method)].log(response_time, content_length)

    def log_error(self, method: str, name: str, error: Exception | str | None) -> None:
        """Counts a failure, in the row, in the total and in the error report."""
        self.total.log_error(error)
        self.entries[(name, method)].log_error(error)
        self._error_row(method, name, error).occurred()

    def _error_row(self, method: str, name: str, error: Exception | str | None) -> StatsError:
        key = StatsError.create_key(method, name, error)
        row = self.errors.get(key)
        if row is not None:
            return row
        if len(self.errors) >= _tunables.stats.MAX_ERRORS:
            others = _tunables.stats.OTHER_ERRORS
            method, name, error = "", _tunables.stats.OTHERS_NAME, others
            key = StatsError.create_key(method, name, error)
            if key in self.errors:
                return self.errors[key]
            logger.warning(
                "More than %i different errors: further ones are counted as %r. Raise locust.stats.MAX_ERRORS "
                "to keep more apart.",
                _tunables.stats.MAX_ERRORS,
                others,
            )
        row = StatsError(method, name, error)
        # A new row does not make anything stale that the native recorder holds.
        dict.__setitem__(self.errors, key, row)
        return row

    def get(self, name: str, method: str) -> StatsEntry:
        """The row of a name and a method; created if it is missing."""
        row: StatsEntry = self.entries[(name, method)]
        return row

    def reset_all(self) -> None:
        """Sets the counters of every row to zero; drops errors and history."""
        self.total.reset()
        self.errors = {}
        for row in self.entries.values():
            row.reset()
        self._reset_beside()

    def clear_all(self) -> None:
        """Drops every row, the errors and the history."""
        self.total = StatsEntry(self, "Aggregated", "", self.use_response_times_cache)
        self.entries = EntriesDict(self)
        self.errors = {}
        self._reset_beside()

    def _reset_beside(self) -> None:
        if self.intended is not None:
            self.intended.reset()
        if self.groups is not None:
            self.groups.reset()
        self.history = []
        self.history_mark = None
        for reset in self.reset_too:
            reset()

    def serialize_stats(self) -> list[StatsEntryDict]:
        """The rows as plain values, with what they counted since the last call; resets them."""
        return [
            row.get_stripped_report() for row in self.entries.values() if row.num_requests != 0 or row.num_failures != 0
        ]

    def serialize_errors(self) -> dict[str, StatsErrorDict]:
        """The error report as plain values."""
        return {key: row.serialize() for key, row in self.errors.items()}

    # ------------------------------------------------------------------------- asked by the native recorder

    def _native_total(self) -> tuple[StatsEntry, bool]:
        """The total, and whether requests may be counted without calling the methods of this class and its rows."""
        native = (
            buckets_are_default()
            and is_original(self, RECORDING_METHODS)
            and is_original(self.total, entry_module.RECORDING_METHODS)
        )
        return self.total, native

    def _native_entry(self, name: str, method: str) -> tuple[StatsEntry, bool]:
        """The row of a name, and whether to count that name natively: not if other names share the row."""
        row: StatsEntry = self.entries[(name, method)]
        return row, (name, method) in self.entries and is_original(row, entry_module.RECORDING_METHODS)

    def _native_error(self, method: str, name: str, error: Exception | str | None) -> tuple[StatsError, bool]:
        """The row of an error, and whether to count that error natively."""
        row = self._error_row(method, name, error)
        alone = StatsError.create_key(method, name, error) in self.errors
        return row, alone and is_original(row, error_module.RECORDING_METHODS)


RECORDING_METHODS = originals(RequestStats)
