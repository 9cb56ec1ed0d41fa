"""Whether a master is behind: messages have come that it has not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locust_rs.runners.master import MasterRunner


class Backlog:
    """Tells whether messages wait to be read; each who wants to know has one of its own, and asks now and then.

    Args:
        master: Its server's messages are meant.
    """

    def __init__(self, master: MasterRunner) -> None:
        self._master = master
        self._idle_moments = self._idle_moments_of(master.server)

    def is_growing(self) -> bool:
        """Whether there was no moment without a message to read since the last call, or since the beginning."""
        server: Any = self._master.server
        before, self._idle_moments = self._idle_moments, self._idle_moments_of(server)
        if before is None or self._idle_moments is None or self._master.connection_broken:
            return False
        return before == self._idle_moments and not server.is_idle

    @staticmethod
    def _idle_moments_of(server: Any) -> int | None:
        # What tests put in the place of a server does not tell.
        return getattr(server, "idle_moments", None)
