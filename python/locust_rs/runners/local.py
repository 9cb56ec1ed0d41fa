"""LocalRunner: a test that runs in this process alone."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import gevent

from locust_rs._states import STATE_SPAWNING, STATE_STOPPED
from locust_rs.rpc import Message
from locust_rs.runners.base import Runner
from locust_rs.runners.scenarios.timetable import bring_load, ramped
from locust_rs.runners.turns import in_turn
from locust_rs.runners.users.counts import (
    _format_user_classes_count_for_log,
    check_ramp,
    log_spawned,
    warn_of_spawn_rate,
)
from locust_rs.runners.worker_nodes import WorkerNode

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.user.users import User

logger = logging.getLogger("locust.runners")


class LocalRunner(Runner):
    """Runs all users in this process."""

    worker_count = 1
    worker_index = 0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.client_id = f"{socket.gethostname()}_{uuid4().hex}"
        self.worker_count = 1
        self.worker_index = 0
        self._local_worker_node = WorkerNode(id="local")
        environment.events.user_error.add_listener(self._on_user_error)

    def _on_user_error(self, user_instance: Any, exception: BaseException, tb: Any, **kwargs: Any) -> None:
        self._note_exception(exception)

    def start(
        self, user_count: int, spawn_rate: float, wait: bool = False, user_classes: list[type[User]] | None = None
    ) -> None:
        """Starts a test, or changes the number of users of the running one. Returns at once.

        Args:
            user_count: The total number of users to reach.
            spawn_rate: Users started or stopped per second.
            wait: Spawn all users at once, with `spawn_rate` at least `user_count`, and let the spawning greenlet
                end only when they have stopped.
            user_classes: The classes of new users; None: any class.

        Raises:
            ValueError: The number of users or the rate is out of range, or `wait` needs a higher rate.
        """
        check_ramp(user_count, spawn_rate)
        if wait and user_count - self.user_count > spawn_rate:
            raise ValueError("wait is True but the amount of users to add is greater than the spawn rate")
        warn_of_spawn_rate(spawn_rate)
        self._supersede_spawning()
        self.target_user_count = user_count
        self.spawning_greenlet = self.greenlet.spawn(self._start, user_count, spawn_rate, wait, user_classes)
        self.spawning_greenlet.link_exception(self._on_failure)

    def _start_from_shape(self, user_count: int, spawn_rate: float, user_classes: list[type[User]] | None) -> None:
        self.start(user_count, spawn_rate, user_classes=user_classes)

    def _start(
        self, user_count: int, spawn_rate: float, wait: bool = False, user_classes: list[type[User]] | None = None
    ) -> None:
        self.target_user_count = user_count
        if not self._begin_unless_running(self._times_ended) or gevent.getcurrent() is not self.spawning_greenlet:
            return
        self._apply_host()
        self._is_ramping = True
        self.update_state(STATE_SPAWNING)
        if self._users_dispatcher is None:
            self._users_dispatcher = self.environment.dispatcher_class(
                worker_nodes=[self._local_worker_node], user_classes=ramped(self, self.user_classes)
            )
        spawned = user_classes if user_classes is None else ramped(self, user_classes)
        if ramped(self, self.user_classes):
            logger.info(f"Ramping to {user_count} users at a rate of {spawn_rate:.2f} per second")
        self._users_dispatcher.new_dispatch(user_count, spawn_rate, spawned)
        users: dict[str, int] = {}
        for users_on_workers in self._users_dispatcher:
            users = users_on_workers[self._local_worker_node.id]
            self._local_worker_node.user_classes_count = users
            logger.debug("Ramping to %s", _format_user_classes_count_for_log(users))
            self._roster.aim(users)
            if gevent.getcurrent() is not self.spawning_greenlet:
                return
        if not self._roster.settle():
            return
        if wait:
            self.user_greenlets.join()
        self.target_user_classes_count = {cls.__name__: users.get(cls.__name__, 0) for cls in self.user_classes}
        log_spawned(self.user_classes_count, bring_load(self))
        self._is_ramping = False
        self._complete_spawning(sum(self.target_user_classes_count.values()))

    @in_turn
    def stop(self) -> None:
        """Stops a running test and fires `test_stopping` and `test_stop`; does nothing after it has stopped."""
        self._times_ended += 1
        if self.state == STATE_STOPPED:
            # One that was asked for and has not begun yet does not begin.
            self._end_spawning()
            return
        self.environment.thresholds.stopping()
        self.environment.events.test_stopping.fire(environment=self.environment)
        super().stop()
        self.environment.thresholds.close()
        self.environment.events.test_stop.fire(environment=self.environment)

    def send_message(self, msg_type: str, data: Any = None, client_id: str | None = None) -> None:
        """Hands a custom message to the listener in this process.

        Args:
            msg_type: The type.
            data: The content.
            client_id: Unused; there is one node only.
        """
        logger.debug("Running locally: sending %s message to self", msg_type)
        if not self._deliver(Message(msg_type, data, "local")):
            logger.warning("Unknown message type received: %s", msg_type)
