"""Warns when a master has no room for more connections; ZeroMQ itself silently keeps further workers waiting."""

from __future__ import annotations

import logging
import os

from locust_rs.util.messages import see

logger = logging.getLogger("locust.runners")

OTHER_FILES = 64
"""Upper bound of the files that a master opens beside its connections; below it there is no need to count."""

FEW = 4


class OpenFiles:
    """Compares the connections with the limit of open files. Owned by a master."""

    def __init__(self) -> None:
        self._told = False

    def look(self, workers: int) -> None:
        """Warns, once, if the limit of open files leaves no room for another worker.

        Args:
            workers: The number of connected workers, one file each.
        """
        limit = _limit()
        if self._told or limit is None or workers + OTHER_FILES < limit or _free(limit) > FEW:
            return
        self._told = True
        logger.warning(
            f"There is no room for more workers: {workers} are connected, and the limit of open files is {limit}. "
            "Further workers cannot connect. Start the master with a higher limit, for instance after "
            f"`ulimit -n 20000`. {see('no-room-for-more-workers')}"
        )


def _limit() -> int | None:
    if os.name == "nt":
        return None
    import resource

    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if soft == resource.RLIM_INFINITY else soft


def _free(limit: int) -> int:
    try:
        return limit - len(os.listdir("/dev/fd"))
    except OSError:
        # Listing the folder takes a file as well, so there was none left.
        return 0
