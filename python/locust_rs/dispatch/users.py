"""`UsersDispatcher`: turns a target and a spawn rate into the users of each worker, step by step."""

from __future__ import annotations

import contextlib
import itertools
import math
import time
from collections.abc import Generator, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING

from gevent.event import Event

from locust_rs._core import DispatchPlan
from locust_rs.dispatch.weighted import _kl_generator

if TYPE_CHECKING:
    from locust_rs.runners.worker_nodes import WorkerNode
    from locust_rs.user.users import User

UsersOnWorkers = dict[str, dict[str, int]]
"""`{worker id: {user class name: users}}`."""


class UsersDispatcher(Iterator[UsersOnWorkers]):
    """Iterates over the steps of a ramp, up or down, at the requested rate.

    Every step yields the absolute number of users of every class on every worker. Fixed counts and weights hold
    at every step, and workers differ by at most one user. `next()` sleeps (gevent) until the step is due, or until a
    worker comes or goes: then the next step distributes the users again, whatever the rate. Inner dictionaries are
    shared between steps and are replaced when they change, never modified, so they need not be copied to be kept.

    The arithmetic is native (`_core.DispatchPlan`); the attributes with underscores mirror it for subclasses.
    """

    def __init__(self, worker_nodes: list[WorkerNode], user_classes: list[type[User]]) -> None:
        """
        Args:
            worker_nodes: The workers to distribute users to.
            user_classes: The User classes.

        Raises:
            ValueError: A weight or a fixed count is negative, or not a number.
        """
        self._worker_nodes = list(worker_nodes)
        self._original_user_classes = sorted(user_classes, key=attrgetter("__name__"))
        self._user_classes = list(self._original_user_classes)
        self._plan = DispatchPlan()
        self._class_index: dict[str, int] = {}
        self._worker_index: dict[str, int] = {}
        self._worker_ids: dict[int, str] = {}
        self._weigh_classes()
        self._users_on_workers: UsersOnWorkers = {}
        self._is_unsorted = False
        self._admit(self._worker_nodes)
        self._sort_workers()
        self._initial_users_on_workers = self._users_on_workers
        self._target_user_count = 0
        self._current_user_count = 0
        self._spawn_rate = 0.0
        self._user_count_per_dispatch_iteration = 0
        self._wait_between_dispatch = 0.0
        self._dispatcher_generator: Generator[UsersOnWorkers] | None = None
        self._dispatch_iteration_durations: list[float] = []
        self._dispatch_in_progress = False
        self._rebalance = False
        self._woken = Event()
        self._try_dispatch_fixed = True
        self._no_user_to_spawn = False
        self._user_generator = self._user_gen()
        self._worker_node_generator = itertools.cycle(self._worker_nodes)
        self._next_step_at = 0.0

    # -- what runners use --------------------------------------------------------------------------------------

    def get_current_user_count(self) -> int:
        """The number of users after the steps so far."""
        return self._current_user_count

    @property
    def dispatch_in_progress(self) -> bool:
        """Whether the ramp has steps left."""
        return self._dispatch_in_progress

    @property
    def dispatch_iteration_durations(self) -> list[float]:
        """Seconds that each step of this ramp took to compute."""
        return self._dispatch_iteration_durations

    def __next__(self) -> UsersOnWorkers:
        if self._dispatcher_generator is None:
            raise StopIteration
        return next(self._dispatcher_generator)

    def new_dispatch(
        self, target_user_count: int, spawn_rate: float, user_classes: list[type[User]] | None = None
    ) -> None:
        """Begins a ramp from the present users to `target_user_count`.

        Args:
            target_user_count: The total number of users to reach.
            spawn_rate: Users started or stopped per second.
            user_classes: The classes of new users; None: those of the ramp before, or any in the first one. Users
                that exist stay what they are, and only those that are added follow the weights of these classes.

        Raises:
            ValueError: The rate is not positive, the target is negative, or a class has an impossible weight.
        """
        if not spawn_rate > 0 or not math.isfinite(spawn_rate):
            raise ValueError(f"spawn_rate must be > 0, got {spawn_rate}")
        if target_user_count < 0:
            raise ValueError(f"The number of users must not be negative, got {target_user_count}")
        before = self._user_classes
        if user_classes is not None:
            self._user_classes = sorted(user_classes, key=attrgetter("__name__"))
        self._weigh_classes()
        if self._user_classes != before:
            self._user_generator = self._user_gen()
        self._target_user_count = target_user_count
        self._spawn_rate = spawn_rate
        self._user_count_per_dispatch_iteration = max(1, math.floor(spawn_rate))
        self._wait_between_dispatch = self._user_count_per_dispatch_iteration / spawn_rate
        self._initial_users_on_workers = self._users_on_workers
        self._no_user_to_spawn = False
        self._dispatch_iteration_durations.clear()
        self._dispatcher_generator = self._dispatcher()
        self._next_step_at = 0.0

    def add_worker(self, worker_node: WorkerNode) -> None:
        """Adds a worker without users, in place of one with the same id."""
        if worker_node.id in self._worker_index:
            self._dismiss(worker_node.id)
        self._worker_nodes.append(worker_node)
        self._admit([worker_node])
        # The next step sorts them: thousands may come before it.
        self._is_unsorted = True
        self._prepare_rebalance()

    def adopt_worker(self, worker_node: WorkerNode, user_classes_count: dict[str, int]) -> None:
        """Adds a worker with the users that it already runs.

        Users of an unknown class are not counted; the next spawn message stops them.
        """
        self.add_worker(worker_node)
        index = self._worker_index[worker_node.id]
        users = dict(self._users_on_workers[worker_node.id])
        for name, count in user_classes_count.items():
            if name in self._class_index:
                self._plan.set_users(index, self._class_index[name], count)
                users[name] = count
        self._users_on_workers = {**self._users_on_workers, worker_node.id: users}
        self._current_user_count = self._plan.user_count()

    def remove_worker(self, worker_node: WorkerNode) -> None:
        """Removes a worker. Its users are missing until the next step gives them to others."""
        if worker_node.id in self._worker_index:
            self._dismiss(worker_node.id)
            self._prepare_rebalance()

    # -- the steps of a ramp -----------------------------------------------------------------------------------

    def _dispatcher(self) -> Generator[UsersOnWorkers]:
        self._dispatch_in_progress = True
        try:
            while True:
                if self._is_unsorted:
                    self._sort_workers()
                if self._rebalance:
                    yield self._noted(self._spread_anew())
                else:
                    with self._wait_between_dispatch_iteration_context():
                        if self._rebalance:
                            continue
                        yield self._noted(self._next_users())
                # While the caller had that step a worker may have come or gone, which leaves something to do again.
                if not self._dispatch_in_progress and self._is_finished(unchanged=self._no_user_to_spawn):
                    return
        finally:
            self._dispatch_in_progress = False

    def _next_users(self) -> UsersOnWorkers:
        if self._current_user_count <= self._target_user_count:
            return self._add_users_on_workers()
        return self._remove_users_from_workers()

    def _noted(self, step: UsersOnWorkers) -> UsersOnWorkers:
        """Notes before a step is handed out whether it is the last one."""
        self._dispatch_in_progress = not self._is_finished(unchanged=self._no_user_to_spawn)
        return step

    def _is_finished(self, *, unchanged: bool) -> bool:
        if not self._worker_nodes:
            return True
        return not self._rebalance and (unchanged or self._current_user_count == self._target_user_count)

    @contextlib.contextmanager
    def _wait_between_dispatch_iteration_context(self) -> Generator[None]:
        """Sleeps until the step is due, and computes when the next one will be.

        Steps are due at fixed times, so a slow consumer does not lower the rate. A consumer that lags by more than a
        whole step does not cause a burst afterwards. A worker that comes or goes ends the sleep and leaves the due
        time as it is.
        """
        now = time.monotonic()
        if self._next_step_at > now:
            self._woken.clear()
            self._woken.wait(self._next_step_at - now)
            now = time.monotonic()
        if not self._rebalance:
            late = now - self._next_step_at
            started = self._next_step_at if late < self._wait_between_dispatch else now
            self._next_step_at = started + self._wait_between_dispatch
        yield

    def _add_users_on_workers(self) -> UsersOnWorkers:
        """Makes one step up; returns the users of every worker after it."""
        wanted = min(self._user_count_per_dispatch_iteration, self._target_user_count - self._current_user_count)
        started = time.perf_counter()
        follows_weights = type(self)._user_gen is UsersDispatcher._user_gen
        step = self._apply(self._plan.add_users(wanted) if follows_weights else self._as_generated(wanted))
        self._no_user_to_spawn = self._plan.user_count() - self._current_user_count < wanted
        return self._finish_step(step, started)

    def _as_generated(self, wanted: int) -> list[tuple[int, int, int]]:
        """Adds the users that a subclass's own `_user_gen` names."""
        cells = []
        for name in itertools.islice(self._user_generator, wanted):
            if name is None:
                break
            cells += self._plan.add_user_of(self._class_index[name])
        return cells

    def _remove_users_from_workers(self) -> UsersOnWorkers:
        """Makes one step down; returns the users of every worker after it."""
        wanted = min(self._user_count_per_dispatch_iteration, self._current_user_count - self._target_user_count)
        started = time.perf_counter()
        return self._finish_step(self._apply(self._plan.remove_users(wanted)), started)

    def _spread_anew(self) -> UsersOnWorkers:
        """Makes a step beside the ramp: gives users of lost workers to others and balances all, whatever the rate."""
        started = time.perf_counter()
        self._rebalance = False
        return self._finish_step(self._apply(self._plan.spread_anew()), started)

    def _finish_step(self, step: UsersOnWorkers, started: float) -> UsersOnWorkers:
        self._users_on_workers = step
        self._current_user_count = self._plan.user_count()
        self._try_dispatch_fixed = any(
            self._get_user_current_count(cls.__name__) < cls.fixed_count for cls in self._user_classes
        )
        self._dispatch_iteration_durations.append(time.perf_counter() - started)
        return step

    def _apply(self, cells: list[tuple[int, int, int]]) -> UsersOnWorkers:
        """Applies changes to the users on workers; only the dictionaries of changed workers are new."""
        if not cells:
            return self._users_on_workers
        step = dict(self._users_on_workers)
        workers, classes = self._worker_ids, self._class_names
        last_worker = -1
        users: dict[str, int] = {}
        for worker, user_class, delta in cells:
            if worker != last_worker:
                users = step[workers[worker]].copy()
                step[workers[worker]] = users
                last_worker = worker
            users[classes[user_class]] += delta
        return step

    # -- workers and classes -----------------------------------------------------------------------------------

    def _weigh_classes(self) -> None:
        """Gives the plan the present weights and fixed counts, which may be edited while a test runs."""
        spawnable = {cls.__name__ for cls in self._user_classes}
        known = {cls.__name__: cls for cls in [*self._original_user_classes, *self._user_classes]}
        new_names = []
        for name, cls in known.items():
            weight, fixed_count = _worth(cls)
            if name not in self._class_index:
                self._class_index[name] = self._plan.add_class(weight, fixed_count)
                new_names.append(name)
            self._plan.set_class(self._class_index[name], weight, fixed_count, name in spawnable)
        self._class_names = list(self._class_index)
        if new_names and self._worker_index:
            missing = dict.fromkeys(new_names, 0)
            self._users_on_workers = {worker: {**users, **missing} for worker, users in self._users_on_workers.items()}

    def _admit(self, nodes: list[WorkerNode]) -> None:
        users = self._users_on_workers.copy()
        for node in nodes:
            index = self._worker_index[node.id] = self._plan.add_worker()
            self._worker_ids[index] = node.id
            users[node.id] = dict.fromkeys(self._class_index, 0)
        self._users_on_workers = users

    def _dismiss(self, worker_id: str) -> None:
        index = self._worker_index.pop(worker_id)
        self._plan.remove_worker(index)
        del self._worker_ids[index]
        self._worker_nodes = [node for node in self._worker_nodes if node.id != worker_id]
        self._users_on_workers = self._users_on_workers.copy()
        del self._users_on_workers[worker_id]
        self._current_user_count = self._plan.user_count()

    def _sort_workers(self) -> None:
        """Sorts workers so that neighbours are on different hosts; users are thus spread over hosts first."""
        self._is_unsorted = False
        on_host: dict[str, int] = {}
        for node in sorted(self._worker_nodes, key=attrgetter("id")):
            host = node.id.rsplit("_", 1)[0]
            on_host[host] = on_host.get(host, -1) + 1
            node._index_within_host = on_host[host]
        self._worker_nodes.sort(key=attrgetter("_index_within_host", "id"))
        self._plan.rank_workers([self._worker_index[node.id] for node in self._worker_nodes])

    def _prepare_rebalance(self) -> None:
        """Makes the next step due at once and lets it distribute the users again."""
        self._rebalance = True
        self._woken.set()
        if self._dispatcher_generator is not None and self._worker_nodes:
            self._dispatch_in_progress = True

    # -- for subclasses ----------------------------------------------------------------------------------------

    @property
    def _active_users(self) -> list[tuple[WorkerNode, str]]:
        """Every user as (worker, class name); built on each access."""
        return [
            (node, name)
            for node in self._worker_nodes
            for name, count in self._users_on_workers[node.id].items()
            for _ in range(count)
        ]

    def _get_user_current_count(self, user: str) -> int:
        """The number of users of the class named `user`, on all workers."""
        index = self._class_index.get(user)
        return 0 if index is None else self._plan.class_count(index)

    def _user_gen(self) -> Iterator[str | None]:
        """Class names in the order in which a ramp from 0 spawns them: fixed counts first, then by weight."""
        fixed = {cls.__name__: cls.fixed_count for cls in self._user_classes if cls.fixed_count}
        yield from itertools.islice(_kl_generator(fixed.items()), sum(fixed.values()))
        yield from _kl_generator([(cls.__name__, cls.weight) for cls in self._user_classes if not cls.fixed_count])

    def _distribute_users(
        self, target_user_count: int
    ) -> tuple[UsersOnWorkers, Iterator[str | None], itertools.cycle[WorkerNode], list[tuple[WorkerNode, str]]]:
        """Computes the result of a ramp from 0 to `target_user_count`, without changing anything."""
        users_on_workers = {node.id: dict.fromkeys(self._class_index, 0) for node in self._worker_nodes}
        users, workers = self._user_gen(), itertools.cycle(self._worker_nodes)
        active: list[tuple[WorkerNode, str]] = []
        for name in itertools.islice(users, target_user_count):
            if name is None:
                break
            node = next(workers)
            users_on_workers[node.id][name] += 1
            active.append((node, name))
        return users_on_workers, users, workers, active

    @staticmethod
    def _fast_users_on_workers_copy(users_on_workers: UsersOnWorkers) -> UsersOnWorkers:
        """A copy, including its inner dictionaries."""
        return {worker: users.copy() for worker, users in users_on_workers.items()}


def _worth(cls: type[User]) -> tuple[float, int]:
    """Checks and returns a class's weight and fixed count."""
    weight, fixed_count = cls.weight, cls.fixed_count
    if not isinstance(weight, int | float) or not math.isfinite(weight) or weight < 0:
        raise ValueError(f"{cls.__name__}.weight is {weight!r}; set it to a number that is 0 or more")
    if not isinstance(fixed_count, int) or fixed_count < 0:
        raise ValueError(f"{cls.__name__}.fixed_count is {fixed_count!r}; set it to a whole number that is 0 or more")
    return float(weight), fixed_count
