"""Environment: its arguments, its checks, its runners and the classes it changes."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

import pytest

from locust_rs.dispatch import UsersDispatcher
from locust_rs.env import Environment
from locust_rs.event import Events
from locust_rs.exception import RunnerAlreadyExistsError
from locust_rs.shape import LoadTestShape
from locust_rs.stats import RequestStats
from locust_rs.user import TaskSet, User, tag, task


@task
def plain(user: Any) -> None: ...


@tag("x")
@task
def tagged(user: Any) -> None: ...


def user_class(name: str, module: str = "shop", **attributes: Any) -> type[User]:
    return type(name, (User,), {"__module__": module, "tasks": [plain], **attributes})


@pytest.fixture
def made() -> Iterator[list[Environment]]:
    """Environments whose runners are ended after the test."""
    environments: list[Environment] = []
    yield environments
    for environment in environments:
        if environment.runner is not None:
            environment.runner.quit()


def test_defaults() -> None:
    environment = Environment()
    assert isinstance(environment.events, Events)
    assert isinstance(environment.stats, RequestStats)
    assert environment.user_classes == []
    assert environment.stop_timeout == 0.0
    assert environment.catch_exceptions is True
    assert environment.dispatcher_class is UsersDispatcher
    for name in (
        "runner",
        "web_ui",
        "process_exit_code",
        "locustfile",
        "shape_class",
        "tags",
        "exclude_tags",
        "host",
        "profile",
        "parsed_options",
        "parsed_locustfiles",
        "available_user_classes",
        "available_shape_classes",
        "available_user_tasks",
    ):
        assert getattr(environment, name) is None, name
    assert environment.worker_logs == {}


def test_arguments_become_attributes() -> None:
    arguments: dict[str, Any] = {
        "user_classes": [user_class("A")],
        "tags": ["a"],
        "exclude_tags": ["b"],
        "locustfile": "locustfile.py",
        "events": Events(),
        "host": "http://host",
        "reset_stats": True,
        "stop_timeout": 5,
        "catch_exceptions": False,
        "parsed_options": Namespace(),
        "parsed_locustfiles": ["locustfile.py"],
        "available_user_classes": {},
        "available_shape_classes": {},
        "available_user_tasks": {},
        "dispatcher_class": type("Mine", (UsersDispatcher,), {}),
        "profile": "p",
    }
    environment = Environment(**arguments)
    assert {name: getattr(environment, name) for name in arguments} == arguments


def test_the_stop_timeout_may_come_from_the_command_line() -> None:
    assert Environment(parsed_options=Namespace(stop_timeout="3")).stop_timeout == 3.0
    assert Environment(parsed_options=Namespace(stop_timeout=3), stop_timeout=4).stop_timeout == 4


def test_two_classes_of_the_same_name_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"have the same class name: shop\.A, other\.A$"):
        Environment(user_classes=[user_class("A"), user_class("B"), user_class("A", "other")])
    twice = user_class("A")
    with pytest.raises(ValueError, match=r"shop\.A, shop\.A$"):
        Environment(user_classes=[twice, twice])


class MyShape(LoadTestShape):
    def tick(self) -> None:
        return None


def test_a_shape_must_be_an_instance() -> None:
    with pytest.raises(ValueError, match="shape_class should be instance of LoadTestShape"):
        Environment(shape_class=MyShape)  # type: ignore[arg-type]


def test_the_shape_meets_the_runner(made: list[Environment]) -> None:
    shape = MyShape()
    environment = Environment(user_classes=[user_class("A")], shape_class=shape)
    made.append(environment)
    runner = environment.create_local_runner()
    assert environment.runner is shape.runner is runner
    assert shape.get_current_user_count() == 0


def test_there_is_one_runner(made: list[Environment]) -> None:
    environment = Environment(user_classes=[user_class("A")])
    made.append(environment)
    environment.create_local_runner()
    with pytest.raises(RunnerAlreadyExistsError, match=r"Environment\.runner already exists"):
        environment.create_local_runner()


def test_classes_without_weight_are_left_out(made: list[Environment]) -> None:
    nobody, fixed, weighted = (
        user_class("Nobody", weight=0),
        user_class("Fixed", weight=0, fixed_count=1),
        user_class("Weighted", weight=2),
    )
    environment = Environment(user_classes=[nobody, fixed, weighted])
    made.append(environment)
    assert environment.user_classes == [fixed, weighted]
    assert environment.user_classes_by_name == {"Fixed": fixed, "Weighted": weighted}


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"weight": 0}, r"There are no users with weight > 0\."),
        ({"weight": -1}, r"A\.weight is -1"),
        ({"fixed_count": -2}, r"A\.fixed_count is -2"),
    ],
)
def test_impossible_weights_are_an_error(attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Environment(user_classes=[user_class("A", **attributes)])


def test_a_class_that_loses_its_weight_later_is_left_out_by_the_runner(made: list[Environment]) -> None:
    first, second = user_class("First"), user_class("Second")
    environment = Environment(user_classes=[first, second])
    made.append(environment)
    second.weight = 0
    environment.create_local_runner()
    assert environment.user_classes == [first]


@pytest.mark.parametrize(
    ("own", "option", "expected"),
    [(["x"], None, ["tagged"]), (None, ["x"], ["tagged"]), ([], ["x"], ["plain", "tagged"])],
    ids=["argument", "option", "argument wins"],
)
def test_tags_come_from_the_argument_or_the_command_line(own: Any, option: Any, expected: list[str]) -> None:
    cls = user_class("A", tasks=[plain, tagged])
    environment = Environment(user_classes=[cls], tags=own, parsed_options=Namespace(tags=option, exclude_tags=None))
    environment._filter_tasks_by_tags()
    assert [task.__name__ for task in cls.tasks] == expected


def test_equal_weights_reach_nested_task_sets() -> None:
    class MyUser(User):
        weight = 7

        @task(2)
        def top(self) -> None: ...

        @task(5)
        class Outer(TaskSet):
            @task(10)
            def outer(self) -> None: ...

            @task
            class Inner(TaskSet):
                @task(3)
                def inner(self) -> None: ...

    environment = Environment(user_classes=[MyUser])
    environment.assign_equal_weights()
    assert MyUser.weight == 1
    assert sorted(task.__name__ for task in MyUser.tasks) == ["inner", "outer", "top"]


def test_update_user_class_changes_what_it_is_given() -> None:
    cls = user_class("A", tasks=[plain, tagged])
    settings = {"user_class_name": "A", "host": "http://new", "weight": 5, "tasks": ["tagged"], "mine": 1}
    before = dict(settings)
    environment = Environment(
        user_classes=[cls],
        available_user_classes={"A": cls},  # type: ignore[dict-item]
        available_user_tasks={"A": [plain, tagged]},
    )
    environment.update_user_class(settings)
    assert (cls.host, cls.weight, cls.tasks, cls.mine) == ("http://new", 5, [tagged], 1)  # type: ignore[attr-defined]
    assert settings == before
    environment.update_user_class({"user_class_name": "A", "tasks": ["plain", "tagged", "unknown"]})
    assert cls.tasks == [plain, tagged]


@pytest.mark.parametrize("settings", [{"user_class_name": "Unknown"}, {"host": "x"}])
def test_updating_an_unknown_class_is_an_error(settings: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        Environment(available_user_classes={}).update_user_class(settings)


def test_worker_logs_are_the_last_ones() -> None:
    environment = Environment()
    environment.update_worker_logs({"worker_id": "w", "logs": ["a"]})
    environment.update_worker_logs({"worker_id": "w", "logs": ["b"]})
    environment.update_worker_logs({})
    assert environment.worker_logs == {"w": ["b"]}


def test_a_test_run_with_the_library(made: list[Environment]) -> None:
    import gevent

    done: list[str] = []

    class MyUser(User):
        @task
        def work(self) -> None:
            with self.environment.events.request.measure("type", "name"):
                done.append("work")
            gevent.sleep(0.01)

    environment = Environment(user_classes=[MyUser])
    made.append(environment)
    runner = environment.create_local_runner()
    runner.start(3, spawn_rate=100)
    with gevent.Timeout(30):
        while len(done) < 20:
            gevent.sleep(0.01)
    runner.stop()
    assert environment.stats.total.num_requests == len(done)
    assert runner.user_count == 0


def test_requests_are_counted_in_the_statistics_that_are_put_in() -> None:
    environment = Environment()
    runner = environment.create_local_runner()
    earlier = environment.stats
    environment.stats = RequestStats()
    environment.events.request.fire(request_type="GET", name="/", response_time=1, response_length=1, exception=None)
    assert (earlier.num_requests, environment.stats.num_requests, runner.stats.num_requests) == (0, 1, 1)
    assert len(environment.events.request._handlers) == 1
