"""Compares two kept runs, endpoint by endpoint, and says what is certain about it."""

from __future__ import annotations

from dataclasses import dataclass

from locust_rs.history.bootstrap import Sample
from locust_rs.history.differences import Counts, Difference, failures_direction, time_changes
from locust_rs.history.model import KeptRun, Run
from locust_rs.history.rows import Row

FALSE_ALARMS = 0.01
"""The chance that a comparison of equal runs calls any difference certain; shared by all its endpoints."""

_QUESTIONS = 3
"""What is asked about each endpoint: its typical time, its 95 % and its failures; other times follow it."""


@dataclass
class Comparison:
    """Two runs and their differences.

    Attributes:
        before: The first run, the baseline of a gate.
        after: The second.
        differences: Of each endpoint, in the order of their names.
        total: Of all requests; says little if the endpoints' shares have changed.
        warnings: What makes the comparison doubtful.
    """

    before: Run
    after: Run
    differences: list[Difference]
    total: Difference
    warnings: list[str]


def compare(before: KeptRun, after: KeptRun) -> Comparison:
    """Compares two runs.

    Raises:
        HistoryError: The statistics of one of them are damaged.
    """
    first, second = _endpoints(before), _endpoints(after)
    shared = len(first.keys() & second.keys())
    chance = FALSE_ALARMS / _QUESTIONS / max(shared, 1)
    differences = [_difference(key, first.get(key), second.get(key), chance) for key in sorted({*first, *second})]
    total = _difference(("", "Aggregated"), before.rows[0], after.rows[0], chance)
    return Comparison(before.run, after.run, differences, total, _warnings(before.run, after.run))


def _endpoints(kept: KeptRun) -> dict[tuple[str, str], Row]:
    return {(row["method"] or "", row["name"]): row for row in kept.rows[1:]}


def _difference(key: tuple[str, str], before: Row | None, after: Row | None, chance: float) -> Difference:
    method, name = key
    first, second = _counts(before), _counts(after)
    difference = Difference(method, name, first, second)
    if before is not None and after is not None and first is not None and second is not None:
        samples = Sample(before["intervals"]), Sample(after["intervals"])
        difference.times = time_changes(difference.endpoint, *samples, chance)
        difference.failures = failures_direction(first, second, chance)
    return difference


def _counts(row: Row | None) -> Counts | None:
    return None if row is None else Counts(row["num_requests"], row["num_failures"])


def _warnings(before: Run, after: Run) -> list[str]:
    warnings = [
        f"The load generator was overloaded in {run.title}: its response times are too long"
        for run in (before, after)
        if run.result["generator"]["overloaded"]
    ]
    for what, values in {
        "locustfile": (before.locustfile, after.locustfile),
        "number of users": (before.result["run"]["users"], after.result["run"]["users"]),
        "machine": tuple(run.about.get("machine", {}).get("host") for run in (before, after)),
    }.items():
        if values[0] and values[1] and values[0] != values[1]:
            warnings.append(f"The runs differ in their {what}: {values[0]} and {values[1]}")
    return warnings
