"""The arrivals of a distributed test: the master hands each to exactly one worker, a moment before it is due."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from locust_rs._states import STATE_MISSING
from locust_rs.rpc import Message
from locust_rs.runners.arrivals.clock import RunClock
from locust_rs.runners.arrivals.counts import ArrivalCounts
from locust_rs.runners.arrivals.feed import ArrivalFeed
from locust_rs.runners.arrivals.ledger import Ledger
from locust_rs.runners.arrivals.local import FedArrivals
from locust_rs.runners.arrivals.split import Deal, share_of
from locust_rs.runners.arrivals.times import pack_times

if TYPE_CHECKING:
    from locust_rs.runners.master import MasterRunner
    from locust_rs.runners.worker_nodes import WorkerNode

logger = logging.getLogger("locust.runners")

KEPT_FOR_S = 2.0
"""How long after their time arrivals are kept for which there is no worker yet."""

UNTOLD_FOR_S = 10.0
"""How long after the last arrival a test waits for workers to tell what became of theirs."""


class MasterArrivals(FedArrivals):
    """Deals arrivals to the workers that run locust-rs. Owned by a master.

    What a lost worker has not reported counts as dropped. One that leaves in order tells until when it begins arrivals,
    and the later ones are dealt again.

    Args:
        master: Runs the test.
    """

    def __init__(self, master: MasterRunner) -> None:
        self._master = master
        self._clock = RunClock(master.environment.turnstile)
        self._feed = ArrivalFeed(master, self._clock, self._hand_out, self._is_idle)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._ledger = Ledger()
        self._deals: dict[str, Deal] = {}
        self._undealt: dict[str, list[float]] = {}
        self._dropped: dict[str, ArrivalCounts] = {}
        self._left: set[str] = set()
        self._told_foreign: set[str] = set()
        self._has_ended = False

    @property
    def counts(self) -> dict[str, ArrivalCounts]:
        """What became of the arrivals of this test, by class name."""
        counts = self._ledger.counts(None if self._has_ended else self._lost())
        for name in self._feed.names:
            counts.setdefault(name, ArrivalCounts()).add(self._dropped.get(name, ArrivalCounts()))
        return counts

    def begin(self) -> None:
        """Begins a test; see `ArrivalFeed.begin`."""
        self._begin_anew()
        self._clock.begin()
        self._feed.begin()

    def end(self) -> None:
        """Lets nobody arrive any more. Later arrivals that workers were handed were not meant."""
        self._feed.end()
        self._advance()
        self._ledger.freeze()

    def close(self) -> None:
        """All last reports are in: what no worker has told of is lost."""
        self._has_ended = True

    def note(self, worker_id: str, told: dict[str, ArrivalCounts]) -> None:
        """Takes a worker's counts."""
        self._ledger.note(worker_id, told)

    def leave(self, worker_id: str, until_s: float) -> None:
        """A worker begins no arrivals after a moment: others get them."""
        self._left.add(worker_id)
        for name, times in self._ledger.take_back(worker_id, until_s).items():
            self._undealt[name] = sorted([*self._undealt.get(name, ()), *times])

    def _lost(self) -> set[str]:
        clients = self._master.clients
        return {
            worker_id
            for worker_id in self._ledger.workers
            if (node := clients.get(worker_id)) is None or node.state == STATE_MISSING
        }

    def _staying(self) -> list[WorkerNode]:
        """The workers that take arrivals, now or once they have an order of this test and it is known what they run.

        Users that arrive are divided among all of these, so that there are never too many of them.
        """
        nodes = [
            node
            for node in self._master.clients.all
            if node.state != STATE_MISSING and not node.is_leaving and node.id not in self._left
        ]
        foreign = {node.id for node in nodes if node.has_beaten and not node.is_locust_rs}
        if foreign - self._told_foreign:
            logger.warning(f"These workers do not run locust-rs and get no arrivals: {', '.join(sorted(foreign))}")
            self._told_foreign |= foreign
        return sorted((node for node in nodes if node.id not in foreign), key=lambda node: node.id)

    def _hand_out(self, times: dict[str, list[float]], max_users: dict[str, int]) -> None:
        self._advance()
        staying = self._staying()
        takers = {node.id: number for number, node in enumerate(staying) if self._can_take(node)}
        for name, new in times.items():
            self._undealt.setdefault(name, []).extend(new)
        if takers:
            hands = self._deal(list(takers))
            for worker_id, number in takers.items():
                places = {name: share_of(most, number, len(staying)) for name, most in max_users.items()}
                self._order(worker_id, hands.get(worker_id, {}), places)
        else:
            self._drop_old()

    def _can_take(self, node: WorkerNode) -> bool:
        return node.is_locust_rs and self._master.orders.has(node.id)

    def _deal(self, takers: list[str]) -> dict[str, dict[str, bytes]]:
        hands: dict[str, dict[str, bytes]] = {}
        for name, times in self._undealt.items():
            for worker_id, dealt in self._deals.setdefault(name, Deal()).deal(times, takers).items():
                self._ledger.hand(worker_id, name, dealt)
                hands.setdefault(worker_id, {})[name] = pack_times(dealt)
        self._undealt = {}
        return hands

    def _order(self, worker_id: str, times: dict[str, bytes], max_users: dict[str, int]) -> None:
        order = {
            "test": self._master.orders.test,
            "now_s": self._clock.now_s,
            "times": times,
            "max_users": max_users,
        }
        self._master._send(Message("arrivals", order, worker_id))

    def _drop_old(self) -> None:
        """Drops arrivals that no worker could take for too long."""
        oldest = self._clock.now_s - KEPT_FOR_S
        for name, times in self._undealt.items():
            kept = [time_s for time_s in times if time_s > oldest]
            if len(kept) < len(times):
                counts = self._dropped.setdefault(name, ArrivalCounts())
                if not counts.dropped:
                    logger.error(f"No worker can take the users of {name} that arrive: they are dropped")
                counts.dropped += len(times) - len(kept)
                self._undealt[name] = kept

    def _advance(self) -> None:
        self._ledger.advance(self._clock.now_s)

    def _is_idle(self) -> bool:
        if any(self._undealt.values()) or self._clock.now_s <= self._ledger.latest_s:
            return False
        running = self._master.reported_user_classes_count
        if any(running.get(name, 0) for name in self._feed.names):
            return False
        return self._ledger.is_settled(self._lost()) or self._clock.now_s > self._ledger.latest_s + UNTOLD_FOR_S
