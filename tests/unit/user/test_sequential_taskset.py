"""SequentialTaskSet."""

from __future__ import annotations

import pytest

from locust_rs.env import Environment
from locust_rs.exception import LocustError
from locust_rs.user import User, task
from locust_rs.user.sequential_taskset import SequentialTaskSet


def test_tasks_run_in_the_order_of_the_body_and_start_over(environment: Environment) -> None:
    class Steps(SequentialTaskSet):
        @task
        def first(self) -> None: ...

        tasks = [print]

        @task
        def last(self) -> None: ...

    steps = Steps(User(environment))
    assert [steps.get_next_task().__name__ for _ in range(5)] == ["first", "print", "last", "first", "print"]


def test_each_instance_starts_at_the_first_task(environment: Environment) -> None:
    class Steps(SequentialTaskSet):
        tasks = [print, len]

    user = User(environment)
    first, second = Steps(user), Steps(user)
    assert first.get_next_task() is print
    assert second.get_next_task() is print
    assert first.get_next_task() is len


def test_without_tasks_the_message_says_what_to_do(environment: Environment) -> None:
    class Nothing(SequentialTaskSet): ...

    with pytest.raises(LocustError, match=r"No tasks defined. Use the @task decorator"):
        Nothing(User(environment)).get_next_task()
