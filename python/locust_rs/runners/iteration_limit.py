"""Ends a test when its iterations have been made; between nodes, they are handed out in shares.

A worker asks its master for iterations when a user finds none left, and begins no other until the answer is there. So
what it has begun is known, nothing is granted twice, and a repeated or lost message changes nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs.rpc import Message
from locust_rs.runners.turns import to_the_end

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner
    from locust_rs.runners.worker import WorkerRunner

logger = logging.getLogger("locust.runners")


def end_at_limit(runner: Runner, limit: int) -> None:
    """Ends the test whose last iteration has ended; may be called from any greenlet."""
    end_by_itself(runner, f"All {limit:,} iterations have ended")


def end_by_itself(runner: Runner, reason: str) -> None:
    """Ends the test, and the process unless a web UI could start another; may be called from any greenlet.

    Args:
        runner: Runs the test.
        reason: Why there is nothing left to do, as the beginning of a sentence.
    """
    runner.limit_reached.set()
    quits = runner.environment.web_ui is None
    logger.info(f"{reason}, {'shutting down' if quits else 'stopping test'}")
    gevent.spawn(to_the_end, runner.quit if quits else runner.stop)


@dataclass
class Share:
    """What one worker has been granted, and what has become of it.

    Attributes:
        granted: Iterations that it may have begun in all.
        ended: Those that it has reported as ended.
        number: The number of its latest question.
        is_lost: Whether it is gone; what it had not ended is granted to others.
    """

    granted: int = 0
    ended: int = 0
    number: int = 0
    is_lost: bool = False


class IterationShares:
    """The iterations of a test, as a master hands them out.

    Args:
        limit: How many there are in all; None: no limit.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self._shares: dict[str, Share] = {}

    @property
    def ended(self) -> int:
        """Iterations that workers have reported as ended."""
        return sum(share.ended for share in self._shares.values())

    @property
    def left(self) -> int:
        """Iterations that no worker has."""
        committed = (share.ended if share.is_lost else share.granted for share in self._shares.values())
        return max(0, (self.limit or 0) - sum(committed))

    @property
    def are_done(self) -> bool:
        """Whether all have ended."""
        return self.limit is not None and self.ended >= self.limit

    def answer(self, worker_id: str, number: int, begun: int, ended: int, wants: bool, workers: int) -> int:
        """Answers a worker that has begun all it was granted, or gives the rest of it back.

        Args:
            worker_id: The worker.
            number: The number of its question; one that was answered gets the same answer.
            begun: Iterations that it has begun in all.
            ended: Those of them that have ended.
            wants: Whether it has a user for more.
            workers: How many workers there are.

        Returns:
            How many it may have begun in all. Shares get smaller towards the end, so that all workers end together.
        """
        share = self._shares.setdefault(worker_id, Share())
        share.is_lost = False
        share.ended = max(share.ended, ended)
        if number != share.number:
            share.number = number
            share.granted = begun
            if wants and self.left:
                share.granted += max(1, self.left // (2 * max(1, workers)))
        return share.granted

    def lose(self, worker_id: str) -> None:
        """Takes back what a worker had not ended. If it comes back, what it ended meanwhile counts again."""
        if worker_id in self._shares:
            self._shares[worker_id].is_lost = True


class Allotment:
    """A worker's part of the iterations: asks its master for more. Owned by the worker; used by its greenlets."""

    def __init__(self, worker: WorkerRunner) -> None:
        self._worker = worker
        self._turnstile = worker.environment.turnstile
        self._number = 0
        self._test: str | None = None
        self._is_open = False
        self._wants = False
        self._turnstile.watch(when_short=self._ask_for_more, when_done=self._tell_end)

    def begin(self, test: str | None, is_limited: bool) -> None:
        """Begins a test, or goes on with one that was interrupted because the master did not answer."""
        self._is_open = self._wants = False
        turnstile = self._turnstile
        begun = turnstile.begun if test is not None and test == self._test else 0
        self._test = test
        turnstile.begin(begun if is_limited else None, is_final=False)
        turnstile.begun = turnstile.ended = begun

    def remind(self) -> None:
        """Asks again what has not been answered, or was answered with nothing; called once per heartbeat."""
        turnstile = self._turnstile
        if turnstile.granted is None:
            return
        if self._is_open:
            self._send()
        elif turnstile.is_short and self._wants:
            self._ask(wants=True)
        elif not turnstile.is_short and not self._worker.user_count:
            # There is nobody to make what is left of the share.
            turnstile.granted = turnstile.begun
            self._ask(wants=False)

    def answered(self, number: int, granted: int) -> None:
        """Takes the answer of the master to a question; older answers are ignored."""
        if number != self._number or not self._is_open:
            return
        self._is_open = False
        if granted > self._turnstile.begun:
            self._wants = False
            self._turnstile.grant(granted)

    def _ask_for_more(self) -> None:
        if not self._wants:
            self._ask(wants=True)

    def _tell_end(self) -> None:
        # A question that is open may not have told the end; the next one will.
        self._ask(wants=self._wants)

    def _ask(self, wants: bool) -> None:
        self._wants = wants
        self._number += 1
        self._is_open = True
        self._send()

    def _send(self) -> None:
        turnstile, worker = self._turnstile, self._worker
        question: dict[str, Any] = {
            "test": self._test,
            "number": self._number,
            "begun": turnstile.begun,
            "ended": turnstile.ended,
            "wants": self._wants,
        }
        worker._send(Message("iterations", question, worker.client_id))
