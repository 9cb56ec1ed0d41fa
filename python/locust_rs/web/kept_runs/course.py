"""The course of an endpoint through a kept run, as points of a chart."""

from __future__ import annotations

import bisect
import json
import time
from datetime import datetime
from typing import Any

from locust_rs.history.model import Run
from locust_rs.history.record import PAGE
from locust_rs.history.rows import Row, restore
from locust_rs.history.store import Store
from locust_rs.web.kept_runs.labels import labels
from locust_rs.web.rows import iso_time

FRACTIONS = (0.5, 0.95, 0.99)

POINTS = 240
"""About how many points there are."""


class Users:
    """How many users ran at a moment.

    Args:
        history: The points of the run's chart, as `stats.history` has them.
    """

    def __init__(self, history: list[dict[str, Any]]) -> None:
        points = [point for point in history if point.get("user_count")]
        self._times = [datetime.fromisoformat(point["time"]).timestamp() for point in points]
        self._counts: list[int] = [point["user_count"][1] for point in points]

    def at(self, second: float) -> int | None:
        """At the latest point until then; None where there is none."""
        position = bisect.bisect_right(self._times, second) - 1
        return self._counts[position] if position >= 0 else None


def age_s(page: dict[str, Any], total: Row) -> float:
    """How long ago a run was as it was kept.

    Args:
        page: The part of what only the page shows.
        total: The row of all requests; its last one tells it of a run without that part.
    """
    taken_s = page.get("taken_s") or total["last_request_timestamp"] or total["start_time"]
    return time.time() - float(taken_s)


def course_of(store: Store, run: Run, name: str, method: str) -> dict[str, Any]:
    """The chart of one endpoint in a run; without points if the run did not request it.

    Raises:
        HistoryError: The run cannot be read, or has no result.
    """
    store.check_finished(run)
    page, total = store.part(run, PAGE), store.one_row(run, "Aggregated", "")
    row = total if (name, method) == ("Aggregated", "") else store.one_row(run, name, method)
    points = []
    if row is not None and total is not None:
        points = course(row, Users(page.get("history", [])), age_s(page, total))
    return {
        "run": labels(run),
        "name": name,
        "method": method,
        "start": run.result["run"]["start"],
        "history": points,
    }


def course(row: Row, users: Users, since_s: float) -> list[dict[str, Any]]:
    """The points of a row, in the form of those of `/stats/history`.

    A point stands at the end of the time that it tells of.

    Args:
        row: As it was kept.
        users: Those of the run.
        since_s: How long ago the run was.

    Raises:
        HistoryError: The row is damaged.
    """
    stats = restore([row])
    entry = next(iter(stats.entries.values()), stats.total)
    columns = json.loads(entry._latencies(FRACTIONS, POINTS, since_s))["columns"]
    requests, failures = Seconds(row["num_reqs_per_sec"]), Seconds(row["num_fail_per_sec"])
    end = row["last_request_timestamp"] or row["start_time"]
    points: list[dict[str, Any]] = []
    for start, width, _, times, _ in columns:
        if points and end - start < width / 2:
            break  # too little of the last interval belongs to the run to say a rate
        seconds = max(min(start + width, end) - max(start, row["start_time"]), width / 2)
        points.append(
            {
                "time": iso_time(start + width),
                "user_count": users.at(start + width),
                "current_rps": round(requests.between(start, start + width) / seconds, 2),
                "current_fail_per_sec": round(failures.between(start, start + width) / seconds, 2),
                "total_avg_response_time": None,
                **{
                    f"response_time_percentile_{fraction}": time_ms
                    for fraction, time_ms in zip(FRACTIONS, times, strict=True)
                },
            }
        )
    return points


class Seconds:
    """Counts per second, to be added up."""

    def __init__(self, counts: dict[int, int]) -> None:
        self._seconds = sorted(counts)
        self._upto = [0]
        for second in self._seconds:
            self._upto.append(self._upto[-1] + counts[second])

    def between(self, start: int, end: int) -> int:
        """How many there were from `start` to before `end`."""
        at = [bisect.bisect_left(self._seconds, second) for second in (start, end)]
        return self._upto[at[1]] - self._upto[at[0]]
