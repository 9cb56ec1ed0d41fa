"""Detects that a user replaces a part of the statistics, so that native recording calls the replacement.

Overwriting `StatsEntry.log`, wrapping `stats.log_request` or assigning `locust.stats.bucket_response_time` must take
effect with the next request. Each of these tells the native recorders to check the statistics' methods again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from locust_rs import _tunables
from locust_rs._core import stats_changed
from locust_rs.stats.percentiles import bucket_response_time

WATCHED_METHODS = frozenset(
    {"log", "log_error", "_log_time_of_request", "_log_response_time", "log_request", "occurred"}
)
"""Methods whose work native recording does."""


class Watched(type):
    """Metaclass of the rows and tables that detects assignment of a recording method on the class."""

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in WATCHED_METHODS:
            stats_changed()

    def __delattr__(cls, name: str) -> None:
        super().__delattr__(name)
        if name in WATCHED_METHODS:
            stats_changed()


def originals(cls: type) -> dict[str, Any]:
    """The present recording methods of a class."""
    return {name: getattr(cls, name) for name in WATCHED_METHODS if hasattr(cls, name)}


def is_original(instance: object, methods: Mapping[str, Any]) -> bool:
    """Whether an object still has exactly these methods, on its class and on itself."""
    cls = type(instance)
    return all(getattr(cls, name, None) is method for name, method in methods.items()) and not (
        methods.keys() & vars(instance).keys()
    )


def buckets_are_default() -> bool:
    """Whether response times go into Locust's own buckets."""
    return _tunables.stats.bucket_response_time is bucket_response_time


def announce_changes(module_name: str, names: Iterable[str]) -> None:
    """Makes a module tell the native recorders whenever one of these names is assigned in it."""
    module, watched = sys.modules[module_name], frozenset(names)

    class AnnouncingModule(type(module)):  # type: ignore[misc]  # one more layer over the published module
        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, value)
            if name in watched:
                stats_changed()

    module.__class__ = AnnouncingModule
