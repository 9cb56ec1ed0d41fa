"""`/stats/updates`: what changed since a client asked last.

Statistics are compared with those of the comparison before, at most every `UPDATES_CACHE_TIME` seconds, however
many pages poll. A cursor is the identity of the run and the number of the comparison.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import OrderedDict
from time import monotonic
from typing import TYPE_CHECKING, Any

from locust_rs._states import STATE_MISSING
from locust_rs._tunables import stats as stats_tunables
from locust_rs._tunables import web as tunables
from locust_rs.stats import StatsEntry
from locust_rs.web.changes import ChangeLog
from locust_rs.web.health import health_payload
from locust_rs.web.payloads import workers_payload
from locust_rs.web.rows import endpoint_row, error_row, history_row

if TYPE_CHECKING:
    from locust_rs.env import Environment

KEPT_PERCENTILE_SETS = 4
"""Choices of columns that are compared at the same time; more than that start afresh by turns."""

QUIET_AFTER_S = 13.0
"""After so long without any request no rate changes by itself."""


class _Comparison:
    """One table of each kind for one choice of percentiles."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forgets everything; cursors given out before mean nothing from now on."""
        self.identity = secrets.token_hex(4)
        self.number = 0
        self.compared_at = -1.0
        self.entries = ChangeLog()
        self.errors = ChangeLog()
        self.workers = ChangeLog()
        self.history = ChangeLog()
        self.seen: dict[Any, tuple[StatsEntry, int, bool]] = {}
        self.requests = 0

    def number_of(self, cursor: str) -> int | None:
        """The comparison up to which the owner of `cursor` knows; None: everything has to be sent."""
        identity, _, number = cursor.partition("-")
        if identity != self.identity or not number.isascii() or not number.isdecimal() or len(number) > 15:
            return None
        return int(number) if int(number) <= self.number else None


class UpdateTracker:
    """Compares the statistics of one environment. Owned by the web UI; used by the greenlets of its requests."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._comparisons: OrderedDict[tuple[str, ...], _Comparison] = OrderedDict()
        self._started_at: float | None = None
        self._ended_at: float | None = None
        environment.events.reset_stats.add_listener(self._begin)
        environment.events.test_start.add_listener(self._test_starts)
        environment.events.test_stop.add_listener(self._test_stops)

    def _begin(self, **_kwargs: Any) -> None:
        for comparison in self._comparisons.values():
            comparison.begin()

    def _test_starts(self, **_kwargs: Any) -> None:
        self._begin()
        self._started_at, self._ended_at = monotonic(), None

    def _test_stops(self, **_kwargs: Any) -> None:
        self._ended_at = monotonic()

    def changes_json(self, cursor: str, percentiles: tuple[str, ...]) -> bytes:
        """The body of an answer.

        Args:
            cursor: That of the client's last answer; anything else gets everything.
            percentiles: Fractions wanted beside `PERCENTILES_TO_STATISTICS`, as the client wrote them.
        """
        comparison = self._comparison(percentiles)
        if monotonic() - comparison.compared_at >= tunables.UPDATES_CACHE_TIME:
            self._compare(comparison, percentiles)
        since = comparison.number_of(cursor)
        return json.dumps(self._answer(comparison, since, percentiles), separators=(",", ":"), default=str).encode()

    def _comparison(self, percentiles: tuple[str, ...]) -> _Comparison:
        comparison = self._comparisons.setdefault(percentiles, _Comparison())
        self._comparisons.move_to_end(percentiles)
        while len(self._comparisons) > KEPT_PERCENTILE_SETS:
            self._comparisons.popitem(last=False)
        return comparison

    def _compare(self, to: _Comparison, percentiles: tuple[str, ...]) -> None:
        stats = self._environment.stats
        requests = stats.total.num_requests
        if requests < to.requests:
            to.begin()  # the statistics were reset without saying so
        to.requests = requests
        to.number += 1
        to.compared_at = monotonic()
        self._compare_entries(to, percentiles)
        for key, error in list(stats.errors.items()):
            to.errors.put(key, error_row(error), to.number)
        to.errors.keep_only(stats.errors, to.number)
        runner = self._environment.runner
        workers = workers_payload(runner) if runner is not None and runner.is_master else []
        for worker in workers:
            to.workers.put(worker["id"], worker, to.number)
        to.workers.keep_only([worker["id"] for worker in workers], to.number)
        self._compare_history(to)

    def _compare_entries(self, to: _Comparison, percentiles: tuple[str, ...]) -> None:
        """Rows are made only for entries that were written to, or whose rates still fall."""
        entries = self._environment.stats.entries
        last = self._environment.stats.last_request_timestamp or 0
        all_quiet = time.time() - last > QUIET_AFTER_S
        for key, entry in list(entries.items()):
            revision = entry._revision
            seen = to.seen.get(key)
            if seen is not None and seen[0] is entry and seen[1] == revision and seen[2]:
                continue
            row = endpoint_row(entry, percentiles)
            # An untouched row still changes while total rates divide by the time of somebody's last request.
            to.seen[key] = (entry, revision, all_quiet)
            to.entries.put(key, row, to.number)
        if len(to.seen) > len(entries):
            to.seen = {key: seen for key, seen in to.seen.items() if key in entries}
        to.entries.keep_only(entries, to.number)

    def _compare_history(self, to: _Comparison) -> None:
        for point in self._environment.stats.history:
            if point["time"] not in to.history:
                to.history.put(point["time"], history_row(point), to.number)

    def _answer(self, of: _Comparison, since: int | None, percentiles: tuple[str, ...]) -> dict[str, Any]:
        environment, stats = self._environment, self._environment.stats
        runner = environment.runner
        is_full = since is None
        number = -1 if since is None else since
        errors_removed = [] if is_full else of.errors.removed_rows_after(number)
        return {
            "cursor": f"{of.identity}-{of.number}",
            "full": is_full,
            "state": runner.state if runner is not None else STATE_MISSING,
            "user_count": runner.user_count if runner is not None else 0,
            "target_user_count": self._target_user_count(),
            "host": environment.host,
            "run_time_s": self._run_time_s(),
            "run_time_limit_s": self._run_time_limit_s(),
            "worker_count": runner.worker_count if runner is not None and runner.is_master else 0,
            "fail_ratio": stats.total.fail_ratio,
            "totals": endpoint_row(stats.total, percentiles),
            "entries": of.entries.changed_after(number),
            "removed": [] if is_full else _names(of.entries.removed_rows_after(number)),
            "errors": of.errors.changed_after(number),
            "errors_removed": [{key: row[key] for key in ("method", "name", "error")} for row in errors_removed],
            "exception_count": len(runner.exceptions) if runner is not None else 0,
            "workers": of.workers.changed_after(number),
            "workers_removed": [] if is_full else [row["id"] for row in of.workers.removed_rows_after(number)],
            "history": of.history.changed_after(number),
            "current_percentiles": {
                f"response_time_percentile_{percentile}": stats.total.get_current_response_time_percentile(percentile)
                for percentile in stats_tunables.PERCENTILES_TO_CHART
            },
            "generator_health": health_payload(runner),
        }

    def _target_user_count(self) -> int | None:
        runner = self._environment.runner
        if runner is None or self._environment.shape_class is not None:
            return None
        target: int | None = runner.target_user_count
        return target

    def _run_time_s(self) -> float | None:
        if self._started_at is None:
            return None
        until = self._ended_at if self._ended_at is not None else monotonic()
        return round(until - self._started_at, 1)

    def _run_time_limit_s(self) -> float | None:
        options = self._environment.parsed_options
        return (getattr(options, "run_time", None) or None) if options else None


def _names(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"method": row["method"], "name": row["name"]} for row in rows]
