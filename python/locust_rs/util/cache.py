"""Caches the result of a slow function for some time."""

from __future__ import annotations

import functools
from collections.abc import Callable
from time import monotonic
from typing import Any


def memoize(timeout: float, dynamic_timeout: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates a function so that it runs at most once per `timeout` seconds.

    The arguments are ignored: within the time, every call returns the last result. The decorated function has a
    `clear_cache()` that drops the result.

    Args:
        timeout: Seconds for which a result is kept.
        dynamic_timeout: Keep a result for at least twice as long as computing it took.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        kept: list[tuple[float, Any]] = []

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if kept and monotonic() < kept[0][0]:
                return kept[0][1]
            started = monotonic()
            result = function(*args, **kwargs)
            ended = monotonic()
            lifetime = max(timeout, 2 * (ended - started)) if dynamic_timeout else timeout
            kept[:] = [(ended + lifetime, result)]
            return result

        wrapper.clear_cache = kept.clear  # type: ignore[attr-defined]  # a function's own attribute
        return wrapper

    return decorate
