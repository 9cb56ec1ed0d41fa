"""Marks results that the load generator itself has distorted.

A generator at its limit notices responses late, so its response times are too long. The runner watches for that;
console, CSV and JSON say so if it happened, and are unchanged if it did not.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from locust_rs import _tunables


class SpoiledInterval(Protocol):
    """One stretch; epoch seconds, and the share at worst."""

    begins_at: float
    ends_at: float
    inflation: float


class SpoiledTimes(Protocol):
    """When the response times of a run were too long."""

    @property
    def intervals(self) -> Sequence[SpoiledInterval]:
        """The stretches, in order of time."""

    def between(self, begins_at: float, ends_at: float) -> float:
        """By what share they were, at worst, between two moments in epoch seconds; 0: they were not."""


class Health(Protocol):
    """What the statistics need to know about the process that generates the load: a runner's `health`."""

    @property
    def inflated(self) -> bool:
        """Whether the response times of this run are too long by more than the tolerated fraction."""

    @property
    def inflation(self) -> float:
        """The share, of all nodes; 0.05 is 5 %."""

    @property
    def remedies(self) -> list[str]:
        """What to do, in whole sentences."""

    @property
    def start_warnings(self) -> list[str]:
        """What to tell if iterations of paced users, or arrivals, were late or did not come."""

    @property
    def spoiled(self) -> SpoiledTimes:
        """When it happened."""


def present_inflation(health: Health | None) -> str | None:
    """What to tell about the response times of the last seconds; None if they can be trusted."""
    if health is None:
        return None
    now = time.time()
    inflation = health.spoiled.between(now - _tunables.stats.CONSOLE_STATS_INTERVAL_SEC, now)
    return f"The load generator is overloaded: response times are now {inflation:.0%} too long." if inflation else None


def inflation_warning(health: Health | None) -> str | None:
    """The warning about the response times of a run; None if they can be trusted."""
    if health is None or not health.inflated:
        return None
    share = f" by about {health.inflation:.0%}" if health.inflation >= 0.01 else " on at least one worker"
    remedies = " ".join(health.remedies)
    return f"The load generator was overloaded: the response times shown are too long{share}. {remedies}"


def run_warnings(health: Health | None) -> list[str]:
    """Everything that a reader of the results of a run must know to trust them."""
    if health is None:
        return []
    inflation = inflation_warning(health)
    return ([inflation] if inflation else []) + health.start_warnings
