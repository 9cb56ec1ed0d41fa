"""Checks, warnings and texts about numbers of users that all runners share."""

from __future__ import annotations

import json
import logging
import math
from collections import Counter

logger = logging.getLogger("locust.runners")

FAST_SPAWN_RATE = 100
"""Users per second and process above which a warning is logged."""


def check_ramp(user_count: int, spawn_rate: float) -> None:
    """Checks the target and the rate of a ramp.

    Raises:
        ValueError: The number of users is negative, or the rate is not a positive number.
    """
    if user_count < 0:
        raise ValueError(f"The number of users is {user_count}; it must be 0 or more")
    if not (spawn_rate > 0 and math.isfinite(spawn_rate)):
        raise ValueError(f"spawn_rate must be > 0, got {spawn_rate}")


def warn_of_spawn_rate(spawn_rate: float, per_worker: bool = False) -> None:
    """Warns of a rate at which starting users costs so much that measurements suffer."""
    if spawn_rate > FAST_SPAWN_RATE:
        limit = f">{FAST_SPAWN_RATE}/worker" if per_worker else f">{FAST_SPAWN_RATE}"
        logger.warning(
            f"Your selected spawn rate is very high ({limit}), and this is known to sometimes cause issues. "
            "Do you really need to ramp up that fast?"
        )


def _format_user_classes_count_for_log(user_classes_count: dict[str, int]) -> str:
    """`{"A": 1, "B": 2} (3 total users)`, by name."""
    ordered = dict(sorted(user_classes_count.items()))
    return f"{json.dumps(ordered)} ({sum(ordered.values())} total users)"


def log_spawned(user_classes_count: dict[str, int], bring_load: set[str]) -> None:
    """Tells that a ramp has ended.

    Args:
        user_classes_count: The users that run, by class name.
        bring_load: The classes that have no part in it, because they bring their own load.
    """
    spawned = {name: count for name, count in user_classes_count.items() if name not in bring_load}
    if bring_load and not spawned:
        logger.info("No users to spawn at once: all User classes bring their own load")
    else:
        logger.info("All users spawned: %s", _format_user_classes_count_for_log(spawned))


def _aggregate_dispatched_users(d: dict[str, dict[str, int]]) -> dict[str, int]:
    """Users by class name, over all workers of `{worker id: {class name: users}}`."""
    total: Counter[str] = Counter()
    for users in d.values():
        total.update(users)
    return dict(total)
