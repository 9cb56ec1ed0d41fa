"""Which arrivals a master has handed to which worker, and what the worker has told of them."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from locust_rs.runners.arrivals.counts import ArrivalCounts


@dataclass
class Account:
    """The arrivals of one class that one worker was handed.

    Attributes:
        come: Those whose time has come.
        due: Times of the others, in order.
        told: What the worker has told, about all of this test.
    """

    come: int = 0
    due: deque[float] = field(default_factory=deque)
    told: ArrivalCounts = field(default_factory=ArrivalCounts)

    @property
    def unsettled(self) -> int:
        """Arrivals whose time has come, and of which the worker has told nothing."""
        return max(0, self.come - self.told.meant)

    def advance(self, now_s: float) -> None:
        """Time goes on."""
        while self.due and self.due[0] <= now_s:
            self.due.popleft()
            self.come += 1


class Ledger:
    """The accounts of a test, by worker and class. Owned by a master."""

    def __init__(self) -> None:
        self._accounts: dict[str, dict[str, Account]] = {}
        self.latest_s = 0.0
        """The time of the latest arrival that was handed out."""

    def hand(self, worker_id: str, name: str, times: list[float]) -> None:
        """Notes that a worker was handed arrivals."""
        if times:
            self._account(worker_id, name).due.extend(times)
            self.latest_s = max(self.latest_s, times[-1])

    def note(self, worker_id: str, told: dict[str, ArrivalCounts]) -> None:
        """Notes what a worker tells; a later report replaces the earlier ones."""
        for name, counts in told.items():
            self._account(worker_id, name).told = counts

    def take_back(self, worker_id: str, until_s: float) -> dict[str, list[float]]:
        """Takes back what a worker that leaves will not begin.

        Args:
            worker_id: The worker.
            until_s: It begins, or has counted, those up to this moment.
        """
        taken = {}
        for name, account in self._accounts.get(worker_id, {}).items():
            account.advance(until_s)
            taken[name] = list(account.due)
            account.due.clear()
        return taken

    def freeze(self) -> None:
        """The test ends: arrivals whose time has not come were not meant."""
        for accounts in self._accounts.values():
            for account in accounts.values():
                account.due.clear()

    def advance(self, now_s: float) -> None:
        """Time goes on."""
        for accounts in self._accounts.values():
            for account in accounts.values():
                account.advance(now_s)

    def counts(self, lost: set[str] | None) -> dict[str, ArrivalCounts]:
        """The arrivals of all workers by class.

        Args:
            lost: Workers that will tell nothing more: what they have not told counts as dropped. None: all of them.
        """
        totals: dict[str, ArrivalCounts] = {}
        for worker_id, accounts in self._accounts.items():
            for name, account in accounts.items():
                total = totals.setdefault(name, ArrivalCounts())
                total.add(account.told)
                if lost is None or worker_id in lost:
                    total.dropped += account.unsettled
        return totals

    def is_settled(self, lost: set[str]) -> bool:
        """Whether all that were handed out have come, and workers have told what became of them."""
        accounts = [(worker_id, account) for worker_id, named in self._accounts.items() for account in named.values()]
        return not any(account.due or (account.unsettled and worker_id not in lost) for worker_id, account in accounts)

    @property
    def workers(self) -> set[str]:
        """Workers that were handed arrivals."""
        return set(self._accounts)

    def _account(self, worker_id: str, name: str) -> Account:
        return self._accounts.setdefault(worker_id, {}).setdefault(name, Account())


def to_message(counts: dict[str, ArrivalCounts]) -> dict[str, list[float]]:
    """A worker's counts as it reports them."""
    return {
        name: [of_class.begun, of_class.late, of_class.dropped, of_class.overdue, of_class.worst_late_s]
        for name, of_class in counts.items()
    }


def from_message(told: Any) -> dict[str, ArrivalCounts]:
    """What `to_message` made, from a peer that may send anything.

    Raises:
        ValueError: It is malformed.
    """
    counts = {}
    try:
        for name, (*numbers, worst_late_s) in told.items():
            if not all(type(number) is int and 0 <= number < 2**53 for number in numbers) or not isinstance(name, str):
                raise ValueError
            if not (math.isfinite(worst_late_s) and worst_late_s >= 0):
                raise ValueError
            begun, late, dropped, overdue = numbers
            counts[name] = ArrivalCounts(begun, late, dropped, overdue, float(worst_late_s))
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"its arrivals are {told!r:.200}") from error
    return counts
