"""The arrivals that a worker is handed by its master."""

from __future__ import annotations

import math
from time import monotonic
from typing import TYPE_CHECKING, Any

from locust_rs.rpc import Message
from locust_rs.runners.arrivals.counts import ArrivalCounts
from locust_rs.runners.arrivals.driver import ArrivalDriver
from locust_rs.runners.arrivals.times import unpack_times

if TYPE_CHECKING:
    from locust_rs.runners.worker import WorkerRunner
    from locust_rs.user.users import User


class WorkerArrivals:
    """Begins the arrivals that the master deals to this worker. Owned by the worker.

    Args:
        worker: Runs their users.
    """

    def __init__(self, worker: WorkerRunner) -> None:
        self._worker = worker
        self._driver = ArrivalDriver(worker)
        self._has_left = False

    @property
    def counts(self) -> dict[str, ArrivalCounts]:
        """What became of this worker's arrivals, by class name."""
        return self._driver.counts

    @property
    def is_over(self) -> bool:
        """Whether nobody will arrive any more; never here, because the master knows who will."""
        return False

    waiting: set[str] = set()
    ended: set[str] = set()

    def closed(self, user_classes: list[type[User]]) -> list[type[User]]:
        """All of the classes: the master decides which of them are spawned."""
        return user_classes

    def begin(self) -> None:
        """Begins a test, whose clock is the master's."""
        self._driver.begin()
        self._driver.clock.forget()

    def end(self) -> None:
        """Lets nobody arrive any more."""
        if not self._has_left:
            self._driver.end()

    def leave(self) -> None:
        """Begins no more, because this worker is leaving, and lets the master deal the later ones again."""
        if self._worker._test is None or not self._driver.counts:
            return
        self._has_left = True
        until_s = self._driver.end()
        left = {"test": self._worker._test, "until_s": until_s}
        self._worker._send(Message("arrivals_left", left, self._worker.client_id))

    def take(self, order: dict[str, Any], received_at: float) -> None:
        """Takes what the master hands out, after the orders before it; what is meant for another test is ignored."""
        if order["test"] != self._worker._test or self._has_left:
            return
        self._driver.clock.follow(order["now_s"], received_at)
        self._driver.offer(order["times"], order["max_users"])


def read_arrivals(content: Any) -> tuple[dict[str, Any], float]:
    """Checks a message of the master.

    Returns:
        The order, and the monotonic time of its receipt.

    Raises:
        ValueError: It is malformed.
    """
    test, now_s, times, max_users = (content[name] for name in ("test", "now_s", "times", "max_users"))
    if not isinstance(test, str) or type(now_s) is not float or not math.isfinite(now_s):
        raise ValueError(f"test {test!r:.100}, now_s {now_s!r:.100}")
    for name, most in max_users.items():
        if not isinstance(name, str) or type(most) is not int or most < 0:
            raise ValueError(f"max_users has {name!r:.100}: {most!r:.100}")
    unpacked = {name: unpack_times(packed) for name, packed in times.items() if name in max_users}
    return {"test": test, "now_s": now_s, "times": unpacked, "max_users": max_users}, monotonic()
