"""The scenarios of a distributed test: the master divides the users of each class among its workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_rs._states import STATE_MISSING
from locust_rs.runners.scenarios.spread import UsersOnWorkers, spread
from locust_rs.runners.scenarios.timetable import Timetable

if TYPE_CHECKING:
    from locust_rs.runners.master import MasterRunner


class MasterScenarios(Timetable):
    """Sends the users that are meant to the workers, together with those of the ramp. Owned by a master.

    It gives users to the workers that the ramp knows, so that no order takes a worker the users of the ramp.

    Args:
        master: Runs the test.
    """

    def __init__(self, master: MasterRunner) -> None:
        super().__init__(master, self._send)
        self._master = master
        self._of_ramp: UsersOnWorkers = {}
        self._own: UsersOnWorkers = {}
        self._spawning: set[str] = set()

    def begin(self, at_s: float = 0.0) -> None:
        """Begins a test; see `Timetable.begin`."""
        self._of_ramp, self._own, self._spawning = {}, {}, set()
        journal = self._master.journal
        super().begin(journal.since_start_s if journal is not None and journal.pending is not None else at_s)

    def with_ramp(self, users_on_workers: UsersOnWorkers) -> UsersOnWorkers:
        """A step of the ramp together with the users of the scenarios.

        Args:
            users_on_workers: `{worker id: {class name: users}}`; the same objects as before mean the same users.
        """
        self._of_ramp = users_on_workers
        return self._joined() if self.names else users_on_workers

    def _send(self, meant: dict[str, int]) -> None:
        before = self._own
        joined = self._joined()
        changed = {worker for worker, users in self._own.items() if before.get(worker) is not users}
        if changed:
            self._master.orders.send({worker: joined[worker] for worker in changed})
        self._tell_complete(changed)

    def _joined(self) -> UsersOnWorkers:
        clients = self._master.clients
        present = [
            worker
            for worker in self._of_ramp
            if (node := clients.get(worker)) is not None and node.state != STATE_MISSING and not node.is_leaving
        ]
        beside = {worker: sum(self._of_ramp[worker].values()) for worker in present}
        self._own = spread(self.meant, {worker: self._own.get(worker, {}) for worker in present}, beside)
        return {worker: {**self._of_ramp[worker], **self._own[worker]} for worker in present}

    def _tell_complete(self, changed: set[str]) -> None:
        """Tells stock workers when their users stay as they are, which they wait for to be "running"."""
        clients = self._master.clients
        for worker in self._spawning - changed:
            if worker in clients and self._master.spawning_completed:
                self._master.send_message("spawning_complete", {"user_count": sum(self.meant.values())}, worker)
        still = self._spawning if not self._master.spawning_completed else set()
        self._spawning = {w for w in changed if (node := clients.get(w)) is not None and not node.is_locust_rs} | still
