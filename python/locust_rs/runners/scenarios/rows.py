"""How each User class of a test stands: its users, those that are meant, and its arrivals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locust_rs._states import STATE_CLEANUP, STATE_INIT, STATE_STOPPED, STATE_STOPPING

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner

WAITING, RUNNING, STOPPING, ENDED = "waiting", "running", "stopping", "ended"


def class_rows(runner: Runner) -> list[dict[str, Any]]:
    """A row per User class of the test, by name.

    `users_meant` is None where a rate of arrivals is meant and no number of users; `arrivals` is None elsewhere.
    """
    running = runner.running_by_class
    meant = {**runner.target_user_classes_count, **runner.scenarios.meant}
    arrivals = runner.arrivals.counts
    return [
        {
            "name": name,
            "state": _state_of(runner, name, running.get(name, 0)),
            "users": running.get(name, 0),
            "users_meant": None if name in arrivals else meant.get(name, 0),
            "arrivals": arrivals[name].to_plain() if name in arrivals else None,
        }
        for name in sorted(user_class.__name__ for user_class in runner.user_classes)
    ]


def reported_classes(runner: Runner) -> list[dict[str, Any]]:
    """The rows for a report, with the most users at the points of the charts; none for a single, ordinary class."""
    rows = class_rows(runner)
    if len(rows) < 2 and not runner.scenarios.names and not runner.arrivals.counts:
        return []
    points = [point["users_by_class"][1] for point in runner.stats.history if "users_by_class" in point]
    for row in rows:
        row["users_at_most"] = max((users.get(row["name"], 0) for users in points), default=None)
    return rows


def _state_of(runner: Runner, name: str, users: int) -> str:
    if runner.state == STATE_INIT:
        return WAITING
    if runner.state == STATE_STOPPED:
        return ENDED
    if name in runner.scenarios.ended or name in runner.arrivals.ended:
        return STOPPING if users else ENDED
    if runner.state in (STATE_STOPPING, STATE_CLEANUP):
        return STOPPING
    return WAITING if name in runner.scenarios.waiting or name in runner.arrivals.waiting else RUNNING
