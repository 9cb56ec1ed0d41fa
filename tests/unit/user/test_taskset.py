"""The loop of tasks and waits: its order, its exceptions, its end, and that it lets other users run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from unittest import mock

import gevent
import pytest

from locust_rs.env import Environment
from locust_rs.exception import (
    InterruptTaskSet,
    MissingWaitTimeError,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)
from locust_rs.user import TaskSet, User, task
from locust_rs.user.taskset import DefaultTaskSet
from locust_rs.user.wait_time import constant

Run = Callable[..., Any]


def test_a_user_starts_runs_its_tasks_and_stops(run: Run) -> None:
    steps: list[str] = []

    class MyUser(User):
        def on_start(self) -> None:
            steps.append("on_start")

        def on_stop(self) -> None:
            steps.append("on_stop")

        @task
        def my_task(self) -> None:
            steps.append(f"task {self._state}")
            if len(steps) == 4:
                raise StopUser

    run(MyUser)
    assert steps == ["on_start", "task running", "task running", "task running", "on_stop"]


def test_a_function_in_tasks_gets_the_user(run: Run) -> None:
    got: list[Any] = []

    def my_task(user: Any) -> None:
        got.append(user)
        raise StopUser

    class MyUser(User):
        tasks = [my_task]

    user = run(MyUser)
    assert got == [user]


def test_a_bound_method_is_called_without_argument(run: Run) -> None:
    got: list[Any] = []

    class MyUser(User):
        def on_start(self) -> None:
            self.tasks = [self.bound]

        def bound(self) -> None:
            got.append(self)
            raise StopUser

    user = run(MyUser)
    assert got == [user]


def test_a_callable_object_is_a_task(run: Run) -> None:
    class Callme:
        def __call__(self, user: Any) -> None:
            raise StopUser

    class MyUser(User):
        tasks = [Callme()]

    run(MyUser)


def test_nested_task_sets_know_user_and_parent_and_return_to_it(run: Run) -> None:
    steps: list[Any] = []

    class MyUser(User):
        @task
        class Outer(TaskSet):
            def on_start(self) -> None:
                steps.append("outer on_start")
                self.rounds = 0

            def on_stop(self) -> None:
                steps.append("outer on_stop")

            @task
            class Inner(TaskSet):
                def on_start(self) -> None:
                    steps.append("inner on_start")

                def on_stop(self) -> None:
                    steps.append("inner on_stop")

                @task
                def leave(self) -> None:
                    assert type(self.parent).__name__ == "Outer"
                    assert self.user is self.parent.user
                    self.parent.rounds += 1
                    if self.parent.rounds == 2:
                        raise StopUser
                    self.interrupt()

    run(MyUser)
    assert steps == [
        "outer on_start",
        "inner on_start",
        "inner on_stop",
        "inner on_start",
        "inner on_stop",
        "outer on_stop",
    ]


@pytest.mark.parametrize(("reschedule", "waits"), [(True, 0), (False, 1)], ids=["reschedule at once", "wait first"])
def test_interrupt_says_whether_the_parent_waits(run: Run, reschedule: bool, waits: int) -> None:
    class MyUser(User):
        waited = 0
        rounds = 0

        def wait_time(self) -> float:
            self.waited += 1
            return 0

        @task
        class Nested(TaskSet):
            @task
            def leave(self) -> None:
                self.user.rounds += 1  # type: ignore[attr-defined]
                if self.user.rounds == 2:  # type: ignore[attr-defined]
                    raise StopUser
                self.interrupt(reschedule=reschedule)

    assert run(MyUser).waited == waits


@pytest.mark.parametrize(
    ("exception", "waits"),
    [(RescheduleTask, 1), (RescheduleTaskImmediately, 0), (InterruptTaskSet, 0)],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_an_interrupt_in_on_start_returns_to_the_parent(run: Run, exception: type[Exception], waits: int) -> None:
    class MyUser(User):
        waited = 0
        rounds = 0

        def wait_time(self) -> float:
            self.waited += 1
            return 0

        @task
        class Nested(TaskSet):
            def on_start(self) -> None:
                self.user.rounds += 1  # type: ignore[attr-defined]
                raise StopUser if self.user.rounds == 2 else exception  # type: ignore[attr-defined]

    assert run(MyUser).waited == waits


@pytest.mark.parametrize(("exception", "waits"), [(RescheduleTask, 1), (RescheduleTaskImmediately, 0)])
def test_rescheduling_in_a_task(run: Run, exception: type[Exception], waits: int) -> None:
    class MyUser(User):
        waited = 0
        rounds = 0

        def wait_time(self) -> float:
            self.waited += 1
            return 0

        @task
        def my_task(self) -> None:
            self.rounds += 1
            raise StopUser if self.rounds == 2 else exception

    assert run(MyUser).waited == waits


@pytest.mark.parametrize("exception", [StopUser, StopTest, gevent.GreenletExit])
def test_what_ends_a_user_calls_every_on_stop_once(run: Run, exception: type[BaseException]) -> None:
    steps: list[str] = []

    class MyUser(User):
        def on_stop(self) -> None:
            steps.append("user")

        @task
        class Nested(TaskSet):
            def on_stop(self) -> None:
                steps.append("nested")

            @task
            def end(self) -> None:
                raise exception

    run(MyUser)
    assert steps == ["nested", "user"]


def test_an_exception_is_reported_logged_and_survived(
    run: Run, environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[dict[str, Any]] = []
    environment.events.user_error.add_listener(lambda **kwargs: errors.append(kwargs))

    class MyUser(User):
        rounds = 0

        @task
        def fail(self) -> None:
            self.rounds += 1
            if self.rounds == 2:
                raise StopUser
            raise KeyError("broken")

    user = run(MyUser)
    (error,) = errors
    assert type(error["user_instance"]) is DefaultTaskSet
    assert error["user_instance"].user is user
    assert isinstance(error["exception"], KeyError)
    assert error["tb"] is error["exception"].__traceback__
    (record,) = [record for record in caplog.records if record.name == "locust.user.task"]
    assert record.levelno == logging.ERROR
    assert record.getMessage().startswith("'broken'\nTraceback (most recent call last)")


def test_without_catch_exceptions_the_greenlet_fails(start: Run, capsys: pytest.CaptureFixture[str]) -> None:
    environment = Environment(catch_exceptions=False)

    class MyUser(User):
        @task
        def fail(self) -> None:
            raise KeyError("broken")

    user = start(MyUser, environment=environment)
    user.greenlet.join(timeout=20)
    assert isinstance(user.greenlet.exception, KeyError)
    assert "KeyError: 'broken'" in capsys.readouterr().err


def test_a_failing_on_stop_of_a_task_set_is_logged(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    class MyUser(User):
        rounds = 0

        @task
        class Nested(TaskSet):
            def on_stop(self) -> None:
                raise ValueError("bad end")

            @task
            def leave(self) -> None:
                self.user.rounds += 1  # type: ignore[attr-defined]
                if self.user.rounds == 2:  # type: ignore[attr-defined]
                    raise StopUser
                self.interrupt()

    run(MyUser)
    assert [m.splitlines()[0] for m in caplog.messages] == ["Uncaught exception in on_stop: "] * 2


def test_a_user_stopped_while_it_waits_after_an_error_gets_its_on_stop(start: Run, until: Any) -> None:
    steps: list[str] = []

    class MyUser(User):
        wait_time = constant(600)

        def on_stop(self) -> None:
            steps.append("user")

        @task
        class Nested(TaskSet):
            def on_stop(self) -> None:
                steps.append("nested")

            @task
            def fail(self) -> None:
                raise KeyError("broken")

    user = start(MyUser)
    until(lambda: user._state == "waiting")
    assert user.stop() is True
    assert steps == ["nested", "user"]


def test_scheduled_tasks_run_before_any_is_picked(run: Run) -> None:
    steps: list[int] = []

    def step(number: int) -> Callable[[Any], None]:
        return lambda user: steps.append(number)

    class MyUser(User):
        @task
        def schedule(self) -> None:
            if steps:
                raise StopUser
            steps.append(0)
            tasks = self._taskset_instance
            tasks.schedule_task(step(2))
            tasks.schedule_task(step(3))
            tasks.schedule_task(step(1), first=True)

    run(MyUser)
    assert steps == [0, 1, 2, 3]


def test_a_choice_of_ones_own_may_queue_tasks(run: Run) -> None:
    steps: list[int] = []

    class MyUser(User):
        @task
        class Nested(TaskSet):
            def get_next_task(self) -> Any:
                if steps:
                    raise StopUser
                self.schedule_task(lambda tasks: steps.append(1))
                return lambda tasks: steps.append(2)

    run(MyUser)
    assert steps == [1, 2]


def test_replaced_methods_are_called(run: Run) -> None:
    calls: list[str] = []

    class MyUser(User):
        @task
        class Nested(TaskSet):
            def schedule_task(self, task_callable: Any, first: bool = False) -> None:
                calls.append("schedule_task")
                super().schedule_task(task_callable, first)

            def execute_next_task(self) -> None:
                calls.append("execute_next_task")
                super().execute_next_task()

            def execute_task(self, task: Any) -> None:
                calls.append("execute_task")
                super().execute_task(task)

            def get_next_task(self) -> Any:
                calls.append("get_next_task")
                return super().get_next_task()

            def wait(self) -> None:
                calls.append("wait")
                raise StopUser

            @task
            def my_task(self) -> None:
                calls.append("task")

    run(MyUser)
    assert calls == ["get_next_task", "schedule_task", "execute_next_task", "execute_task", "task", "wait"]


def test_a_patched_execute_task_is_called(run: Run) -> None:
    """Plug-ins do this to count iterations."""
    seen: list[str] = []
    original, original_default = TaskSet.execute_task, DefaultTaskSet.execute_task

    def counting(self: Any, task: Any) -> None:
        seen.append(f"nested {task.__name__}")
        original(self, task)

    def counting_default(self: Any, task: Any) -> None:
        seen.append(task.__name__)
        original_default(self, task)

    class MyUser(User):
        @task
        class Nested(TaskSet):
            @task
            def inner(self) -> None:
                raise StopUser

    with (
        mock.patch.object(TaskSet, "execute_task", counting),
        mock.patch.object(DefaultTaskSet, "execute_task", counting_default),
    ):
        run(MyUser)
    assert seen == ["Nested", "nested inner"]


def test_a_patched_schedule_task_is_called(run: Run) -> None:
    seen: list[Any] = []
    original = TaskSet.schedule_task

    def noting(self: Any, task_callable: Any, first: bool = False) -> None:
        seen.append(task_callable.__name__)
        original(self, task_callable, first)

    class MyUser(User):
        @task
        def my_task(self) -> None:
            raise StopUser

    with mock.patch.object(TaskSet, "schedule_task", noting):
        run(MyUser)
    assert seen == ["my_task"]


def test_a_stop_in_a_task_lets_it_finish(start: Run, until: Any) -> None:
    steps: list[str] = []

    class MyUser(User):
        def on_stop(self) -> None:
            steps.append("on_stop")

        @task
        def my_task(self) -> None:
            steps.append("begin")
            gevent.sleep(0.05)
            steps.append("end")

    user = start(MyUser)
    until(lambda: steps)
    assert user.stop() is False
    assert user._state == "stopping"
    user.greenlet.join(timeout=20)
    assert steps == ["begin", "end", "on_stop"]


def test_wait_inside_a_task_is_where_a_stopping_user_ends(start: Run, until: Any) -> None:
    steps: list[str] = []

    class MyUser(User):
        @task
        def my_task(self) -> None:
            steps.append("begin")
            gevent.sleep(0.02)
            self.wait()
            steps.append("not reached")

    user = start(MyUser)
    until(lambda: steps)
    user.stop()
    user.greenlet.join(timeout=20)
    assert steps == ["begin"]


@pytest.mark.parametrize("how", ["interrupt in a task", "interrupt in on_start", "reschedule", "no wait time"])
def test_a_user_that_never_waits_does_not_starve_others(start: Run, until: Any, how: str) -> None:
    """Stock Locust's hub hangs forever with the first two."""

    class Leaves(TaskSet):
        @task
        def leave(self) -> None:
            self.interrupt()

    class LeavesAtOnce(TaskSet):
        def on_start(self) -> None:
            self.interrupt()

        @task
        def never(self) -> None: ...

    def reschedule(user: Any) -> None:
        raise RescheduleTaskImmediately

    spinning = {
        "interrupt in a task": Leaves,
        "interrupt in on_start": LeavesAtOnce,
        "reschedule": reschedule,
        "no wait time": lambda user: None,
    }[how]

    class MyUser(User):
        tasks = [spinning]

    others_turns: list[int] = []

    def other() -> None:
        for turn in range(5):
            gevent.sleep(0.001)
            others_turns.append(turn)

    user = start(MyUser)
    another = gevent.spawn(other)
    another.join(timeout=20)
    assert others_turns == [0, 1, 2, 3, 4]
    user.stop(force=True)
    assert user.greenlet.dead


def test_a_wait_of_zero_goes_through_the_hub_only_if_the_task_did_not(start: Run, until: Any) -> None:
    slept: list[float] = []

    class MyUser(User):
        tasks_done = 0

        @task
        def my_task(self) -> None:
            self.tasks_done += 1
            if self.tasks_done > 20:
                raise StopUser
            gevent.sleep(0.001)

    with mock.patch.object(TaskSet, "_sleep", lambda self, seconds: slept.append(seconds)):
        user = start(MyUser)
        user.greenlet.join(timeout=20)
    assert user.tasks_done == 21
    assert slept == []


@pytest.mark.parametrize("holder", ["user", "task set"])
def test_without_tasks_the_message_says_what_to_do(environment: Environment, holder: str) -> None:
    class NoTasks(User): ...

    class NoTasksEither(TaskSet): ...

    user = NoTasks(environment)
    tasks = DefaultTaskSet(user) if holder == "user" else NoTasksEither(user)
    name = "NoTasks" if holder == "user" else "NoTasksEither"
    with pytest.raises(Exception, match=f"No tasks defined on {name}. [Uu]se the @task decorator"):
        tasks.get_next_task()
    type(user).task = type(tasks).task = 1  # type: ignore[attr-defined]
    try:
        with pytest.raises(Exception, match="maybe you meant to set 'tasks'"):
            tasks.get_next_task()
    finally:
        del type(user).task, type(tasks).task  # type: ignore[attr-defined]


def test_a_user_without_tasks_says_so_once_and_leaves_the_cpu_to_others(
    start: Run, until: Any, environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[str] = []
    environment.events.user_error.add_listener(lambda exception, **kwargs: errors.append(str(exception)))

    class Idle(User): ...

    users = [start(Idle) for _ in range(3)]
    until(lambda: all(user._state == "waiting" for user in users))
    assert len(errors) == 3
    (message,) = caplog.messages
    assert message.startswith("No tasks defined on Idle. Use the @task decorator")
    assert "Traceback" not in message
    assert all(user.stop() for user in users)


def test_wait_times_of_task_sets(environment: Environment) -> None:
    class MyUser(User):
        wait_time = constant(3)

    class Inherits(TaskSet): ...

    class Overrides(TaskSet):
        wait_time = constant(5)

    user = MyUser(environment)
    assert Inherits(user).wait_time() == 3
    assert Overrides(user).wait_time() == 5
    assert Inherits(Overrides(user)).wait_time() == 3  # type: ignore[arg-type]


def test_old_wait_limits_are_milliseconds(environment: Environment) -> None:
    class MyUser(User):
        wait_time = None  # type: ignore[assignment]
        min_wait = 1000
        max_wait = 1000

    class Own(TaskSet):
        min_wait = 2000
        max_wait = 2000

    assert DefaultTaskSet(MyUser(environment)).wait_time() == 1
    assert Own(MyUser(environment)).wait_time() == 2


def test_a_missing_wait_time_names_both_classes(environment: Environment) -> None:
    class MyUser(User):
        wait_time = None  # type: ignore[assignment]

    class Nested(TaskSet): ...

    with pytest.raises(MissingWaitTimeError, match="on either the MyUser or Nested class"):
        Nested(MyUser(environment)).wait_time()


def test_a_failing_wait_time_ends_the_user(start: Run, capsys: pytest.CaptureFixture[str]) -> None:
    class MyUser(User):
        def wait_time(self) -> float:
            raise ValueError("no time")

        @task
        def my_task(self) -> None: ...

    user = start(MyUser)
    user.greenlet.join(timeout=20)
    assert isinstance(user.greenlet.exception, ValueError)
    capsys.readouterr()


def test_client_is_the_users(environment: Environment) -> None:
    class MyUser(User):
        client = "the client"

    class Nested(TaskSet): ...

    assert Nested(MyUser(environment)).client == "the client"


def test_a_wait_time_given_to_an_instance_is_used(run: Run) -> None:
    waited: list[str] = []

    class MyUser(User):
        rounds = 0

        @task
        class Nested(TaskSet):
            @task
            def work(self) -> None:
                self.user.rounds += 1  # type: ignore[attr-defined]
                if self.user.rounds == 3:  # type: ignore[attr-defined]
                    raise StopUser
                gevent.sleep(0)
                self.wait_time = lambda: waited.append("task set") or 0  # type: ignore[method-assign]

    class Plain(User):
        rounds = 0

        @task
        def work(self) -> None:
            self.rounds += 1
            if self.rounds == 3:
                raise StopUser
            self.wait_time = lambda: waited.append("user") or 0  # type: ignore[method-assign]

    run(MyUser)
    run(Plain)
    assert waited == ["task set"] * 2 + ["user"] * 2


def test_a_patched_wait_is_called(run: Run) -> None:
    class MyUser(User):
        @task
        def work(self) -> None: ...

    def stop(self: TaskSet) -> None:
        raise StopUser

    with mock.patch.object(TaskSet, "wait", stop):
        run(MyUser)
    with mock.patch.object(TaskSet, "wait_time", stop):
        run(MyUser)
