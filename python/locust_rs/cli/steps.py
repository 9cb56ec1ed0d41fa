"""One step of the outputs at the end of a run, which may fail or take too long without harm to the others."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger("locust.main")

CarryOut = Callable[[str, Callable[[], None]], bool]
"""Carries out a step, given its description; returns False if it took too long."""


def write_step(name: str, step: Callable[[], None], carry_out: CarryOut) -> bool:
    """Does one step of the outputs. Returns False if it failed or was interrupted, which is logged."""
    failed = False

    def guarded() -> None:
        nonlocal failed
        try:
            step()
        except Exception as error:
            failed = True
            reason = error.strerror or error if isinstance(error, OSError) else repr(error)
            logger.error(f"Could not write {name}: {reason}", exc_info=not isinstance(error, OSError))

    return carry_out(f"Writing {name}", guarded) and not failed
