"""Raises the limit of open files, since each connection of a user is one."""

from __future__ import annotations

import logging
import os

logger = logging.getLogger("locust.main")

MINIMUM_OPEN_FILES = 10_000


def raise_open_file_limit() -> None:
    """Raises the soft limit to `MINIMUM_OPEN_FILES`, or warns that the system does not allow it."""
    if os.name == "nt":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= MINIMUM_OPEN_FILES:
        return
    allowed = MINIMUM_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MINIMUM_OPEN_FILES)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))
    except (OSError, ValueError):
        allowed = soft
    if allowed < MINIMUM_OPEN_FILES:
        logger.warning(
            f"System open file limit '{allowed}' is below minimum setting '{MINIMUM_OPEN_FILES}'.\n"
            "It's not high enough for load testing, and the OS didn't allow locust to increase it by itself. "
            "Raise it, for instance with `ulimit -n 10000`; see "
            "https://github.com/locustio/locust/wiki/Installation#increasing-maximum-number-of-open-files-limit"
        )
