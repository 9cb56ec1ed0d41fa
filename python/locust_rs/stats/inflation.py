"""Marks results that the load generator itself has distorted.

A generator at its limit notices responses late, so its response times are too long. The runner watches for that;
console, CSV and JSON say so if it happened, and are unchanged if it did not.
"""

from __future__ import annotations

from typing import Protocol


class Health(Protocol):
    """What the statistics need to know about the process that generates the load: a runner's `health`."""

    @property
    def inflated(self) -> bool:
        """Whether the response times of this run are too long by more than the tolerated fraction."""

    @property
    def inflation(self) -> float:
        """The fraction by which they are too long on this node; 0.05 is 5 %."""


def inflation_warning(health: Health | None) -> str | None:
    """The warning about the response times of a run; None if they can be trusted."""
    if health is None or not health.inflated:
        return None
    share = f" by about {health.inflation:.0%}" if health.inflation > 0 else " on at least one worker"
    return (
        f"The load generator was overloaded: the response times shown are too long{share}. "
        "Use more processes or workers (--processes), or fewer users."
    )
