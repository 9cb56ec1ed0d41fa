"""Blocking work in a real thread, while the greenlets of this one go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import gevent

Result = TypeVar("Result")


def in_thread(work: Callable[[], Result]) -> Result:
    """Does work in a thread of the hub's pool, and waits for it without holding up the event loop.

    Raises:
        Exception: What the work has raised.
    """
    done: list[Result] = []

    def outcome() -> Exception | None:
        # The pool prints what is raised in it.
        try:
            done.append(work())
        except Exception as error:
            return error
        return None

    error = gevent.get_hub().threadpool.apply(outcome)
    if error is not None:
        raise error
    return done[0]
