"""Spawn messages: tell each worker which users to run, and only when that has changed."""

from __future__ import annotations

import logging
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgpack

from locust_rs.rpc import Message
from locust_rs.rpc.protocol import encode, join_maps, pack
from locust_rs.runners.users.counts import _aggregate_dispatched_users, _format_user_classes_count_for_log

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.runners.master import MasterRunner

logger = logging.getLogger("locust.runners")

REPEAT_AFTER_S = 2.0
"""How long a worker has to confirm an order before the order is sent again."""


class SpawnOrders:
    """The order that each worker was sent last. Owned by the master; used by its ramp."""

    def __init__(self, master: MasterRunner) -> None:
        self._master = master
        self._told: dict[str, dict[str, int]] = {}
        self._sent: dict[str, tuple[float, float]] = {}
        self._options_known_to: set[str] = set()
        self._last_timestamp = 0.0
        self._settings: tuple[Any, ...] = ()
        self.test = ""
        """Id of the running test, or of the last one; locust-rs workers name it in their reports."""

    def begin_test(self) -> None:
        """Starts a new test, with an id of its own."""
        self.test = uuid4().hex

    def options_may_have_changed(self) -> None:
        """Called when a test starts or changes: if options, host or timeout differ, all workers get them again."""
        environment = self._master.environment
        settings = (environment.host, environment.stop_timeout, _packable_options(environment.parsed_options))
        if settings != self._settings:
            self._settings = settings
            self._options_known_to.clear()
            self._told.clear()

    def forget(self, worker_id: str | None = None) -> None:
        """Makes the next order go to a worker, or to all of them, even if it repeats the last one."""
        if worker_id is None:
            self._told.clear()
            self._options_known_to.clear()
        else:
            self._told.pop(worker_id, None)
            self._sent.pop(worker_id, None)
            self._options_known_to.discard(worker_id)

    def has(self, worker_id: str) -> bool:
        """Whether a worker was sent an order of the running test."""
        return worker_id in self._told

    def repeat_if_missed(self, worker_id: str, latest: float) -> None:
        """Sends a worker its order again if the order was lost with a broken connection.

        Args:
            worker_id: The worker.
            latest: The timestamp of the latest order that it has.
        """
        users = self._told.get(worker_id)
        timestamp, sent_at = self._sent.get(worker_id, (latest, 0.0))
        if users is not None and timestamp != latest and time.monotonic() - sent_at > REPEAT_AFTER_S:
            logger.info(f"Worker {worker_id} missed an order: sending it again")
            self._options_known_to.discard(worker_id)
            self._send_one(worker_id, users, _SharedPart(self._master.environment, self.test))

    def send(self, users_on_workers: dict[str, dict[str, int]]) -> None:
        """Sends a step of a ramp to the workers whose users change.

        Args:
            users_on_workers: `{worker id: {class name: users}}`, absolute numbers. An inner dictionary that is the
                same object as in the previous step means that nothing changed.
        """
        news = [
            (worker_id, users)
            for worker_id, users in users_on_workers.items()
            if self._told.get(worker_id) is not users and self._told.get(worker_id) != users
        ]
        if logger.isEnabledFor(logging.DEBUG):
            total = _aggregate_dispatched_users(users_on_workers)
            logger.debug(f"Sending spawn messages for {sum(total.values())} total users to {len(news)} worker(s)")
            reported = dict(self._master.reported_user_classes_count)
            logger.debug("Currently spawned users: %s", _format_user_classes_count_for_log(reported))
        shared = _SharedPart(self._master.environment, self.test)
        for worker_id, users in news:
            self._send_one(worker_id, users, shared)
            self._told[worker_id] = users

    def _send_one(self, worker_id: str, users: dict[str, int], shared: _SharedPart) -> None:
        master = self._master
        # Workers drop an order that is not newer than the last one, so timestamps must increase strictly.
        self._last_timestamp = max(time.time(), self._last_timestamp + 1e-6)
        self._sent[worker_id] = self._last_timestamp, time.monotonic()
        node = master.clients.get(worker_id)
        if node is not None and node.is_foreign:
            rest = shared.for_foreign
        elif node is not None and node.is_locust_rs and worker_id in self._options_known_to:
            rest = shared.without_options
        else:
            rest = shared.with_options
            self._options_known_to.add(worker_id)
        own = pack({"timestamp": self._last_timestamp, "user_classes_count": users})
        master._send(Message.of_data("spawn", join_maps(own, rest), worker_id))


class _SharedPart:
    """The part that the orders of one step have in common, packed once."""

    def __init__(self, environment: Environment, test: str) -> None:
        self._environment = environment
        self._hosts = {"host": environment.host, "stop_timeout": environment.stop_timeout}
        self._test: dict[str, Any] = {**self._hosts, "test": test}
        if environment.iterations is not None:
            self._test["iterations"] = environment.iterations
        if environment.intended_start:
            self._test["intended_start"] = True
        if environment.stats.groups is not None:
            self._test["grouped_by"] = sorted(environment.stats.groups.kinds)
        if environment.turnstile.is_paused:
            self._test["paused"] = True

    @cached_property
    def with_options(self) -> bytes:
        """For a worker that needs the options."""
        return pack({**self._test, "parsed_options": _packable_options(self._environment.parsed_options)})

    @cached_property
    def without_options(self) -> bytes:
        """For a worker that has them."""
        return pack(self._test)

    @cached_property
    def for_foreign(self) -> bytes:
        """For a worker in another language, which does not use them and may not decode lists or large numbers."""
        return pack({**self._hosts, "parsed_options": {}})


def _packable_options(parsed_options: Any) -> dict[str, Any]:
    """The options that msgpack can carry; others stay on the master."""
    options = {}
    for name, value in vars(parsed_options).items() if parsed_options is not None else ():
        try:
            msgpack.packb(value, default=encode)
        except (TypeError, ValueError, OverflowError):
            logger.debug("Option %s stays on the master: it cannot be packed", name)
            continue
        options[name] = value
    return options
