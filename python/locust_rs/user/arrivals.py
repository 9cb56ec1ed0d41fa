"""Users that arrive: what a User class says about it, and how such a user runs its tasks and ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from locust_rs.exception import InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, StopTest, StopUser
from locust_rs.user.lifecycle import LOCUST_STATE_STOPPING
from locust_rs.user.sequential_taskset import SequentialTaskSet
from locust_rs.user.taskset import DefaultTaskSet, TaskSet
from locust_rs.user.turnstile import turnstile_of

if TYPE_CHECKING:
    from argparse import Namespace

    from locust_rs.user.base import User

Rate = float | Sequence[tuple[float, float]] | Callable[[float], float]
"""Arrivals per second: a number, stages of (seconds, rate at their end), or a function of the run time in seconds."""


@dataclass
class ArrivalSettings:
    """What the command line, the page or a program says about arrivals; it takes precedence over the User classes.

    Attributes:
        total: Arrivals per second of all classes together; None: as the classes say.
        by_class: Arrivals per second of some classes, by name.
        max_users: The most users of each class at the same time; None: as the classes say.
        seed: Makes the times of random arrivals the same in each run; None: other times in each run.
    """

    total: float | None = None
    by_class: dict[str, float] = field(default_factory=dict)
    max_users: int | None = None
    seed: int | None = None

    @classmethod
    def from_options(cls, options: Namespace | None) -> ArrivalSettings:
        """The settings of a command line."""
        rates: list[tuple[str, float]] = getattr(options, "arrival_rates", None) or []
        totals = [rate for name, rate in rates if not name]
        return cls(
            total=totals[-1] if totals else None,
            by_class={name: rate for name, rate in rates if name},
            max_users=getattr(options, "max_users", None),
            seed=getattr(options, "arrival_seed", None),
        )

    def rates(self, user_classes: Sequence[type[User]]) -> dict[str, Rate]:
        """The rate of each class whose users arrive, by its name.

        A rate for all classes is divided by weight among those that have one of their own, or else among all that do
        not bring their users over time.

        Raises:
            ValueError: A rate is for a class that does not exist.
        """
        names = [user_class.__name__ for user_class in user_classes]
        for name in self.by_class:
            if name not in names:
                raise ValueError(f"There is no User class {name} to arrive; the classes are {', '.join(names)}")
        rates: dict[str, Rate] = {
            cls.__name__: cls.arrival_rate for cls in user_classes if cls.arrival_rate is not None
        }
        if self.total is not None:
            sharing = [cls for cls in user_classes if cls.__name__ in rates] or [
                cls for cls in user_classes if cls.user_stages is None
            ]
            weights = sum(cls.weight for cls in sharing) or len(sharing)
            rates |= {cls.__name__: self.total * (cls.weight or 1) / weights for cls in sharing}
        return rates | self.by_class


class ArrivalTasks(DefaultTaskSet):
    """The task set of a user that arrived: it runs `arrival_iterations` tasks, with waits in between, and ends."""

    is_a_visit = True

    def run(self) -> NoReturn:
        """Runs the tasks.

        Raises:
            StopUser, StopTest, GreenletExit: Always one of them; the User ends.
        """
        user = self._user
        turnstile = turnstile_of(user)
        for number in range(max(1, user.arrival_iterations)):
            if number:
                self.wait()
            self._run_one(self, turnstile)
        raise StopUser()

    def _run_one(self, tasks: TaskSet, turnstile: Any) -> None:
        """Runs a task of a set; exceptions that do not end the User are reported."""
        try:
            task = tasks._task_queue.popleft() if tasks._pending else tasks.get_next_task()
            if self._user._state == LOCUST_STATE_STOPPING:
                raise StopUser()
            if isinstance(task, type) and issubclass(task, TaskSet):
                self._visit(task(tasks), turnstile)  # type: ignore[arg-type]  # a TaskSet may be a parent as well
            elif turnstile.is_watched:
                with turnstile.iteration(tasks, task):
                    tasks.execute_task(task)
            else:
                tasks.execute_task(task)
        except (RescheduleTask, RescheduleTaskImmediately):
            pass
        except (StopUser, StopTest, InterruptTaskSet):
            raise
        except Exception as error:
            tasks._report(error)

    def _visit(self, tasks: TaskSet, turnstile: Any) -> None:
        """Runs a nested set once: all tasks of a sequence in their order, one task of any other set."""
        try:
            tasks.on_start()
            for number in range(len(tasks.tasks) if isinstance(tasks, SequentialTaskSet) else 1):
                if number:
                    tasks.wait()
                self._run_one(tasks, turnstile)
        except InterruptTaskSet:
            pass
        finally:
            tasks._stopped()


def check_rate(rate: float) -> float:
    """Returns a rate at one moment.

    Raises:
        ValueError: It is not a number of arrivals per second.
    """
    if not isinstance(rate, (int, float)) or not math.isfinite(rate) or rate < 0:
        raise ValueError(f"an arrival rate is {rate!r}; it must be a number of arrivals per second, 0 or more")
    return float(rate)
