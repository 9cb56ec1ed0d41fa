"""The users of one process: starts and stops them until their numbers match a target, without losing any."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event
from gevent.pool import Group

from locust_rs import log
from locust_rs.exception import StopTest
from locust_rs.runners.users.graceful import stop_timeout_of
from locust_rs.runners.users.spawn_slices import Slices
from locust_rs.runners.users.stop import UserStop

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner
    from locust_rs.user.users import User

logger = logging.getLogger("locust.runners")


class Roster:
    """The target numbers of a runner's users. Owned by the runner; any greenlet may call it.

    One greenlet at a time creates users. If another one sets a new target, the first continues with that target after
    the user it is creating. So only `end` interrupts an `__init__`, which may wait for the response to a login.

    Args:
        runner: The runner of the users, which run in its `user_greenlets`.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._aim: dict[str, int] = {}
        # Users by class that were or are being created and have not been dismissed. Users that end by themselves, or
        # that could not be created, stay in it, because they are not replaced.
        self._assigned: Counter[str] = Counter()
        self.maker: Any = None
        """The greenlet that creates users now. It must not be killed unless the test ends."""

        self._is_made = Event()
        self._failed = False
        self._times_ended = 0
        self._told: set[str] = set()
        self._leaving: set[User] = set()
        self._stops = Group()

    def aim(self, target: dict[str, int]) -> None:
        """Starts and stops users until `target`, by class name, is the number that runs.

        Returns when all of them are created, or at once if another greenlet already creates users. Surplus users are
        stopped in a greenlet of its own, because they may take time to finish.
        """
        self._aim = target
        if self.maker is not None:
            return
        self.maker = gevent.getcurrent()
        self._failed = False
        self._is_made.clear()
        try:
            self._make()
        except StopTest as reason:
            self._failed = True
            self._runner._end_because(reason)
        except BaseException:
            self._failed = True
            raise
        finally:
            self.maker = None
            self._is_made.set()

    def settle(self) -> bool:
        """Waits until the target is reached and surplus users have ended.

        Returns:
            False if a user could not be created for a reason that ends the test, which was logged.
        """
        while self.maker is not None or self._stops:
            if self.maker is not None:
                self._is_made.wait()
            self._stops.join()
        return not self._failed

    def end(self) -> None:
        """Creates no more users, stops all of them and returns when they have ended."""
        self.make_no_more()
        self.stop(self._runner.user_classes_count)
        self._stops.join()

    def make_no_more(self) -> None:
        """Creates no more users, and forgets those that there are."""
        self._times_ended += 1
        self._aim = {}
        if self.maker is not None and self.maker is not gevent.getcurrent():
            self.maker.kill(block=True)
        self._assigned.clear()

    def add(self, wanted: dict[str, int]) -> list[User]:
        """Starts users at once, in the calling greenlet, in addition to the target; see `Runner.spawn_users`."""
        running = json.dumps(self._runner.user_classes_count)
        logger.debug(f"Spawning additional {json.dumps(wanted)} ({running} already running)...")
        self._told.clear()
        classes = self._runner.user_classes_by_name
        with Slices() as slices:
            made = [self._start_one(classes[name], slices) for name, count in wanted.items() for _ in range(count)]
        return [user for user in made if user is not None]

    def stop(self, wanted: dict[str, int]) -> None:
        """Stops users, the oldest first, and returns when they have ended; see `Runner.stop_users`."""
        missing = Counter(wanted)
        chosen: list[User] = []
        # Users that are already leaving come last, so that stopping two more does not choose the same two again.
        for user in sorted(self._runner._users(), key=self._leaving.__contains__):
            if missing[type(user).__name__] > 0:
                missing[type(user).__name__] -= 1
                chosen.append(user)
        with self._marked_as_leaving(chosen):
            self._stop_gracefully(chosen)
        logger.debug("%i users have been stopped, %i still running", len(chosen), self._runner.user_count)

    def _stop_gracefully(self, users: list[User]) -> None:
        """Stops users, each within the stop timeout of its class."""
        runner = self._runner
        by_timeout: dict[float, list[User]] = {}
        for user in users:
            by_timeout.setdefault(stop_timeout_of(runner, type(user)), []).append(user)
        stops = [
            UserStop(runner.environment, runner.user_greenlets, those, timeout_s)
            for timeout_s, those in by_timeout.items()
        ]
        if len(stops) == 1:
            stops[0].run()
            return
        together = Group()
        try:
            for stop in stops:
                together.spawn(stop.run).link_exception(runner._on_failure)
            together.join()
        finally:
            together.kill(block=False)

    @contextmanager
    def _marked_as_leaving(self, users: list[User]) -> Iterator[None]:
        self._leaving.update(users)
        try:
            yield
        finally:
            self._leaving.difference_update(users)

    def _make(self) -> None:
        target = None
        while target is not self._aim:
            target = self._aim
            self._dismiss_surplus(target)
            self._start_missing(target)

    def _dismiss_surplus(self, target: dict[str, int]) -> None:
        surplus = {name: n - target.get(name, 0) for name, n in self._assigned.items() if n > target.get(name, 0)}
        if not surplus:
            return
        self._assigned.subtract(surplus)
        stopping = self._stops.spawn(self.stop, surplus)
        stopping.link_exception(self._runner._on_failure)
        gevent.sleep(0)

    def _start_missing(self, target: dict[str, int]) -> None:
        """Starts users until `target` is reached, or until there is another target."""
        missing = {name: n - self._assigned[name] for name, n in target.items() if n > self._assigned[name]}
        running = json.dumps(self._runner.user_classes_count)
        logger.debug(f"Spawning additional {json.dumps(missing)} ({running} already running)...")
        self._told.clear()
        classes = self._runner.user_classes_by_name
        with Slices() as slices:
            for name, count in target.items():
                while self._assigned[name] < count and target is self._aim:
                    self._assigned[name] += 1
                    self._start_one(classes[name], slices)
                logger.debug("All users of class %s spawned", name)

    def _start_one(self, user_class: type[User], slices: Slices) -> User | None:
        """Creates and starts a user; None if there is none."""
        user = self.create(user_class)
        if user is not None:
            user.start(self._runner.user_greenlets)
            slices.make_room()
        return user

    def create(self, user_class: type[User]) -> User | None:
        """Creates a user, which is to be started.

        Returns:
            None if its `__init__` raises (counted as an exception) or ends the test.

        Raises:
            StopTest: There can be no users of the class at all.
        """
        times_ended = self._times_ended
        groups = self._runner.stats.groups
        try:
            with nullcontext() if groups is None else groups.made_by(user_class):
                user = user_class(self._runner.environment)
        except StopTest:
            raise
        except Exception as error:
            self._note_failure(user_class.__name__, error)
            return None
        if not hasattr(user, "environment"):
            raise _forgotten_super(user_class.__name__)
        if times_ended != self._times_ended:
            return None
        return user

    def _note_failure(self, class_name: str, error: Exception) -> None:
        if class_name not in self._told:
            self._told.add(class_name)
            logger.error(f"Could not create a user of {class_name}: its __init__ raised {error!r}", exc_info=error)
        self._runner._note_exception(error)


def _forgotten_super(class_name: str) -> StopTest:
    log.unhandled_greenlet_exception = True
    return StopTest(
        f"Users of {class_name} can't run: {class_name}.__init__ does not call super().__init__. "
        f"Let it begin with super().__init__(*args, **kwargs)"
    )
