"""`/stats/updates`: what changed since a client's last request.

Statistics are compared with their previous state at most every `UPDATES_CACHE_TIME` seconds, however many pages poll.
A cursor is the identity of the run and the number of the comparison.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from locust_rs._states import STATE_MISSING
from locust_rs._tunables import stats as stats_tunables
from locust_rs._tunables import web as tunables
from locust_rs.runners.scenarios.rows import class_rows
from locust_rs.runners.scenarios.timetable import ramped
from locust_rs.stats import StatsEntry
from locust_rs.stats.entry import STALL_S
from locust_rs.stats.precise import PreciseWindow
from locust_rs.thresholds import as_plain
from locust_rs.web.changes import ChangeLog
from locust_rs.web.health import health_payload
from locust_rs.web.payloads import workers_payload
from locust_rs.web.rows import endpoint_rows, error_row, history_row

if TYPE_CHECKING:
    from locust_rs.env import Environment

KEPT_PERCENTILE_SETS = 4
"""Sets of percentile columns that are tracked; the least recently used set beyond these is dropped and recomputed in
full."""

QUIET_AFTER_S = STALL_S + 1.0
"""After so long without a request no rate changes any more: every current rate is 0."""


class _Comparison:
    """The tables of one set of percentile columns, as of the latest comparison."""

    def __init__(self, precise: bool = False) -> None:
        self.precise = precise
        self.begin()

    def begin(self) -> None:
        """Forgets everything and invalidates all cursors."""
        self.identity = secrets.token_hex(4)
        self.number = 0
        self.compared_at = -1.0
        self.requests = 0
        self.state = ""
        self.totals = ""
        self.fail_ratio = 0.0
        self.settled: dict[Any, tuple[StatsEntry, int]] = {}
        self.entries: ChangeLog[str] = ChangeLog()
        self.errors: ChangeLog[dict[str, Any]] = ChangeLog()
        self.workers: ChangeLog[dict[str, Any]] = ChangeLog()
        self.history: ChangeLog[dict[str, Any]] = ChangeLog()

    def number_of(self, cursor: str) -> int | None:
        """The last comparison that the owner of `cursor` knows; None: everything has to be sent."""
        identity, _, number = cursor.partition("-")
        if identity != self.identity or not number.isascii() or not number.isdecimal() or len(number) > 15:
            return None
        return int(number) if int(number) <= self.number else None


class UpdateTracker:
    """Compares the statistics of one environment. Owned by the web UI; used by the greenlets of its requests."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._comparisons: OrderedDict[tuple[bool, tuple[str, ...]], _Comparison] = OrderedDict()
        self._window = PreciseWindow(stats_tunables.CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW)
        self._started_at: float | None = None
        self._ended_at: float | None = None
        environment.events.reset_stats.add_listener(self._begin)
        environment.events.test_start.add_listener(self._test_starts)
        environment.events.test_stop.add_listener(self._test_stops)

    def _begin(self, **_kwargs: Any) -> None:
        self._window = PreciseWindow(stats_tunables.CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW)
        for comparison in self._comparisons.values():
            comparison.begin()

    def _test_starts(self, **_kwargs: Any) -> None:
        self._begin()
        self._started_at, self._ended_at = monotonic(), None

    def _test_stops(self, **_kwargs: Any) -> None:
        self._ended_at = monotonic()

    def changes_json(self, cursor: str, percentiles: tuple[str, ...], precise: bool = False) -> bytes:
        """The body of an answer.

        Args:
            cursor: The cursor in the client's last answer; any other value gets everything.
            percentiles: Fractions in addition to `PERCENTILES_TO_STATISTICS`, as the client wrote them.
            precise: Whether the response times are those of the precise histograms.
        """
        comparison = self._comparison(percentiles, precise)
        is_old = monotonic() - comparison.compared_at >= tunables.UPDATES_CACHE_TIME
        # The answer that tells a page about the end of a test must carry the final numbers.
        if is_old or comparison.state != self._state():
            self._compare(comparison, percentiles)
        known = comparison.number_of(cursor)
        answer = json.dumps(self._answer(comparison, known), separators=(",", ":"), default=str)
        # Rows of endpoints are JSON already.
        entries = ",".join(comparison.entries.changed_after(-1 if known is None else known))
        return f'{answer[:-1]},"totals":{comparison.totals},"entries":[{entries}]}}'.encode()

    def _comparison(self, percentiles: tuple[str, ...], precise: bool) -> _Comparison:
        key = (precise, percentiles)
        comparison = self._comparisons.setdefault(key, _Comparison(precise))
        self._comparisons.move_to_end(key)
        while len(self._comparisons) > KEPT_PERCENTILE_SETS:
            self._comparisons.popitem(last=False)
        return comparison

    def _compare(self, to: _Comparison, percentiles: tuple[str, ...]) -> None:
        stats = self._environment.stats
        requests = stats.total.num_requests
        if requests < to.requests:
            to.begin()  # the statistics were reset without an event
        to.requests = requests
        to.number += 1
        to.compared_at = monotonic()
        to.state = self._state()
        # Taken at the same moment as the rows, so that they add up to it.
        to.totals = endpoint_rows(stats, [stats.total], percentiles, to.precise)[0]
        to.fail_ratio = stats.total.fail_ratio
        self._compare_entries(to, percentiles)
        for key, error in list(stats.errors.items()):
            to.errors.put(key, (error.occurrences, error.last_seen), partial(error_row, error), to.number)
        to.errors.keep_only(stats.errors, to.number)
        runner = self._environment.runner
        workers = workers_payload(runner) if runner is not None and runner.is_master else []
        for worker in workers:
            to.workers.put(worker["id"], tuple(worker.values()), partial(dict, worker), to.number)
        to.workers.keep_only([worker["id"] for worker in workers], to.number)
        for point in stats.history:
            to.history.put(point["time"], True, partial(history_row, point), to.number)

    def _compare_entries(self, to: _Comparison, percentiles: tuple[str, ...]) -> None:
        stats = self._environment.stats
        entries = dict(stats.entries)
        # While requests come in, every rate depends on the time of the last one. Once they have stopped, rows that
        # were not written to since the previous comparison are unchanged.
        is_quiet = time.time() - (stats.last_request_timestamp or 0) > QUIET_AFTER_S
        changed = {
            key: entry
            for key, entry in entries.items()
            if not is_quiet or to.settled.get(key) != (entry, entry._revision)
        }
        rows = endpoint_rows(stats, list(changed.values()), percentiles, to.precise)
        for key, row in zip(changed, rows, strict=True):
            to.entries.put(key, row, partial(str, row), to.number)
        to.entries.keep_only(entries, to.number)
        to.settled = {key: (entry, entry._revision) for key, entry in entries.items()} if is_quiet else {}

    def _answer(self, of: _Comparison, known: int | None) -> dict[str, Any]:
        """The whole answer except the rows of endpoints."""
        environment, stats, runner = self._environment, self._environment.stats, self._environment.runner
        number = -1 if known is None else known
        # A full answer needs no removals.
        gone_after = of.number if known is None else known
        return {
            "cursor": f"{of.identity}-{of.number}",
            "full": known is None,
            "state": of.state,
            "paused": runner is not None and runner.is_paused,
            "user_count": runner.user_count if runner is not None else 0,
            "target_user_count": self._target_user_count(),
            "host": environment.host,
            "run_time_s": self._run_time_s(),
            "run_time_limit_s": self._run_time_limit_s(),
            "worker_count": runner.worker_count if runner is not None and runner.is_master else 0,
            "fail_ratio": of.fail_ratio,
            "removed": [{"method": method, "name": name} for name, method in of.entries.removed_after(gone_after)],
            "errors": of.errors.changed_after(number),
            "errors_removed": [
                {field: row[field] for field in ("method", "name", "error")}
                for row in of.errors.removed_after(gone_after).values()
            ],
            "exception_count": len(runner.exceptions) if runner is not None else 0,
            "workers": of.workers.changed_after(number),
            "workers_removed": list(of.workers.removed_after(gone_after)),
            "history": of.history.changed_after(number),
            "current_percentiles": self._current_percentiles(of.precise),
            "generator_health": health_payload(runner),
            "thresholds": as_plain(environment.thresholds),
            "classes": class_rows(runner) if runner is not None else [],
        }

    def _current_percentiles(self, precise: bool) -> dict[str, float | None]:
        total, fractions = self._environment.stats.total, stats_tunables.PERCENTILES_TO_CHART
        values: Sequence[float | None]
        if precise:
            values = self._window.percentiles(total, fractions)
        else:
            values = [total.get_current_response_time_percentile(fraction) for fraction in fractions]
        names = (f"response_time_percentile_{fraction}" for fraction in fractions)
        return dict(zip(names, values, strict=True))

    def _state(self) -> str:
        runner = self._environment.runner
        return runner.state if runner is not None else STATE_MISSING

    def _target_user_count(self) -> int | None:
        runner = self._environment.runner
        if runner is None or self._environment.shape_class is not None:
            return None
        spawned: int = runner.target_user_count if ramped(runner, runner.user_classes) else 0
        return spawned + sum(runner.scenarios.meant.values())

    def _run_time_s(self) -> float | None:
        if self._started_at is None:
            return None
        until = self._ended_at if self._ended_at is not None else monotonic()
        return round(until - self._started_at, 1)

    def _run_time_limit_s(self) -> float | None:
        options = self._environment.parsed_options
        return (getattr(options, "run_time", None) or None) if options else None
