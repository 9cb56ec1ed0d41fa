"""Retries a call that fails."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

logger = logging.getLogger("locust.util.exception_handler")


def retry(
    delays: Iterable[float] = (1, 3, 5), exception: type[BaseException] = Exception
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates a function so that it is called again, after each of `delays` seconds, while it raises `exception`.

    An exception of the last attempt, after the last delay, is passed on. Other exceptions are passed on at once.
    """
    pauses_s = tuple(delays)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            for attempt, pause_s in enumerate(pauses_s, start=1):
                try:
                    return function(*args, **kwargs)
                except exception as error:
                    logger.info(f"Exception found on retry {attempt}: -- retry after {pause_s}s")
                    logger.exception(error)
                    time.sleep(pause_s)
            logger.info(f"Retry failed after {len(pauses_s)} times.")
            return function(*args, **kwargs)

        return wrapper

    return decorate
