"""What a master needs to go on with its run after it died, in a file that is replaced every second.

Workers keep each report until the master confirms it. With a journal the master confirms only the reports that are in
it, so those that it had received since the last writing are sent again to the next master, and nothing is lost.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
import msgpack

from locust_rs._states import STATE_MISSING, STATE_RUNNING, STATE_SPAWNING, STATE_STOPPING
from locust_rs.runners.master import journal_file
from locust_rs.runners.worker_nodes import WorkerNode
from locust_rs.stats.snapshot import add_snapshot, take_snapshot
from locust_rs.util.messages import see

if TYPE_CHECKING:
    from locust_rs.dispatch import UsersDispatcher
    from locust_rs.env import Environment
    from locust_rs.runners.exception_table import ExceptionDict
    from locust_rs.runners.master import MasterRunner
    from locust_rs.user import User

logger = logging.getLogger("locust.runners")

FILE_NAME = "locust-run.journal"
WRITE_EVERY_S = 1.0
SELDOM_S = 5.0
"""The longest interval between two writings, which takes effect when they are expensive."""
SHARE = 0.05
"""The share of the event loop that packing may take."""


class Journal:
    """The journal of one master. Owned by it; used by its greenlets.

    Args:
        folder: Where the file is; created if it is missing.

    Raises:
        ValueError: The folder cannot be created or written to.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"--journal {folder}: {error.strerror}; name a folder that can be written to") from error
        if not os.access(folder, os.W_OK):
            raise ValueError(f"--journal {folder}: this folder cannot be written to")
        self.path = folder / FILE_NAME
        self.pending: dict[str, Any] | None = None
        """The run that another process began, until this one has started it again."""
        self._confirmed: dict[str, int] = {}
        self._started_at = 0.0
        self._ramp_ended_at: float | None = None
        self._users_at_once = 0
        self._held: dict[str, Any] | None = None
        self._writing: Any = None
        self._packing_s = 0.0
        self._resets_later = False

    # -- after a start -----------------------------------------------------------------------------------------

    def restore(self, master: MasterRunner) -> None:
        """Takes over workers, numbers of reports and statistics of a run that was under way, if there is one."""
        try:
            found = journal_file.read(self.path)
            if found is None:
                return
            add_snapshot(master.stats, found["statistics"])
            master.environment.metrics.restore(found["metrics"])
            master.environment.evidence.restore(found.get("evidence", {}))
            self._take_over(master, found)
        except Exception as error:
            kept = self.path.with_suffix(f".damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
            self.path.rename(kept)
            master.stats.clear_all()
            logger.warning(
                f"The journal {self.path} is damaged ({error!r}): no run goes on. It is kept as {kept}. "
                f"{see('damaged-journal')}"
            )

    def _take_over(self, master: MasterRunner, found: dict[str, Any]) -> None:
        nodes = [WorkerNode(id, state=STATE_MISSING) for id in found["workers"]]
        indexes = {str(id): int(index) for id, index in found["indexes"].items()}
        sequences = {str(id): int(number) for id, number in found["sequences"].items()}
        exceptions: dict[int, ExceptionDict] = {}
        for row in found["exceptions"]:
            text, traceback, seen_on = str(row["msg"]), str(row["traceback"]), set(row["nodes"])
            exceptions[hash(traceback)] = {
                "count": int(row["count"]),
                "msg": text,
                "traceback": traceback,
                "nodes": seen_on,
            }
        self._started_at, self._ramp_ended_at = float(found["started_at"]), found["ramp_ended_at"]
        self._users_at_once = int(found["users_now"])
        master.orders.test = str(found["test"])
        for node in nodes:
            node.is_locust_rs = True
            master.clients[node.id] = node
        master.worker_indexes.update(indexes)
        master.worker_index_max = max(indexes.values(), default=-1) + 1
        master.report_sequences.update(sequences)
        self._confirmed = sequences
        master.exceptions.update(exceptions)
        self.pending = found

    @property
    def since_start_s(self) -> float:
        """Seconds since the run began, also while there was no master."""
        return max(0.0, time.time() - self._started_at)

    @property
    def elapsed_s(self) -> float:
        """Seconds for which the run has lasted, also while there was no master; as the run time counts."""
        began_at = self._started_at
        if self.pending is not None and self.pending["from_ramp_end"]:
            began_at = self._ramp_ended_at or time.time()
        return max(0.0, time.time() - began_at)

    def hold(self, master: MasterRunner) -> bool:
        """Called before a test begins, which clears the statistics. Returns whether it is one that goes on."""
        if self.pending is None:
            self._started_at, self._ramp_ended_at, self._users_at_once = time.time(), None, 0
            return False
        statistics = take_snapshot(master.stats)
        # They have no place before their test has begun.
        statistics["intended"] = self.pending["statistics"]["intended"]
        statistics["groups"] = self.pending["statistics"].get("groups", [])
        environment = master.environment
        metrics, evidence = environment.metrics.kept(), environment.evidence.kept()
        self._held = {
            "statistics": statistics,
            "metrics": metrics,
            "evidence": evidence,
            "exceptions": master.exceptions,
        }
        return True

    def put_back(self, master: MasterRunner) -> None:
        """Called when a test has begun."""
        if self._held is None or self.pending is None:
            return
        add_snapshot(master.stats, self._held["statistics"])
        master.environment.metrics.restore(self._held["metrics"])
        master.environment.evidence.restore(self._held["evidence"])
        master.exceptions.update(self._held["exceptions"])
        if self._ramp_ended_at is not None and master.environment.reset_stats:
            # They were reset when the users had been spawned for the first time.
            master.environment.reset_stats = False
            self._resets_later = True
        self._held = self.pending = None

    def fill(self, master: MasterRunner, dispatcher: UsersDispatcher, user_classes: list[type[User]] | None) -> None:
        """Gives the users that ran already to the workers at once; the ramp goes on from there."""
        users, self._users_at_once = self._users_at_once, 0
        if users:
            dispatcher.new_dispatch(target_user_count=users, spawn_rate=float(users), user_classes=user_classes)
            for users_on_workers in dispatcher:
                master.orders.send(master.scenarios.with_ramp(users_on_workers))

    # -- while a test runs -------------------------------------------------------------------------------------

    def confirmed(self, master: MasterRunner, worker_id: str) -> int:
        """The number of the latest report of a worker that is safe."""
        is_kept = master.state in (STATE_SPAWNING, STATE_RUNNING, STATE_STOPPING) or self.pending is not None
        return (self._confirmed if is_kept else master.report_sequences).get(worker_id, 0)

    def keep(self, master: MasterRunner) -> None:
        """Writes the journal while a test runs; never returns."""
        while True:
            began = time.monotonic()
            if master.state in (STATE_SPAWNING, STATE_RUNNING, STATE_STOPPING) and self._held is None:
                self._write(master)
            packing_s = self._packing_s
            gevent.sleep(max(0.1, began + min(max(WRITE_EVERY_S, packing_s / SHARE), SELDOM_S) - time.monotonic()))

    def _write(self, master: MasterRunner) -> None:
        began = time.monotonic()
        if master.state == STATE_RUNNING and self._ramp_ended_at is None:
            self._ramp_ended_at = time.time()
        sequences = dict(master.report_sequences)
        packed = msgpack.packb(self._content(master, sequences))
        self._packing_s = time.monotonic() - began
        test = master.orders.test
        try:
            # A thread of the operating system: the disk may be slow.
            self._writing = gevent.get_hub().threadpool.spawn(journal_file.replace, self.path, packed)
            self._writing.get()
        except OSError as error:
            logger.error(f"The journal {self.path} could not be written ({error.strerror}): trying again")
            return
        if test == master.orders.test:
            self._confirmed = sequences

    def _content(self, master: MasterRunner, sequences: dict[str, int]) -> dict[str, Any]:
        environment, options = master.environment, master.environment.parsed_options
        classes = master._user_classes
        return {
            "format": journal_file.FORMAT,
            "test": master.orders.test,
            "started_at": self._started_at,
            "ramp_ended_at": self._ramp_ended_at,
            "from_ramp_end": environment.run_time_from_ramp_end,
            "run_time": getattr(options, "run_time", None),
            "host": environment.host,
            "picked": [user_class.__name__ for user_class in environment.user_classes],
            "users": master.target_user_count,
            "users_now": min(master._reported_of_spawned().total(), master.target_user_count),
            "rate": master.spawn_rate,
            "classes": None if classes is None else [user_class.__name__ for user_class in classes],
            "workers": [node.id for node in master.clients.all if node.is_locust_rs and not node.is_leaving],
            "indexes": master.worker_indexes,
            "sequences": sequences,
            "statistics": take_snapshot(master.stats),
            "metrics": environment.metrics.kept(),
            "evidence": environment.evidence.kept(),
            "exceptions": [{**row, "nodes": list(row["nodes"])} for row in master.exceptions.values()],
        }

    def end(self, master: MasterRunner) -> None:
        """Removes the file: the run has ended."""
        self._confirmed = {}
        if self._resets_later:
            self._resets_later, master.environment.reset_stats = False, True
        if self._writing is not None:
            self._writing.wait()
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()


def journal_of(environment: Environment) -> Journal | None:
    """The journal that `--journal` asks for.

    Raises:
        ValueError: Its folder cannot be created or written to.
    """
    folder = getattr(environment.parsed_options, "journal", None)
    return Journal(Path(folder)) if folder else None
