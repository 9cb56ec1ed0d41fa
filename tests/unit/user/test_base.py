"""User: attributes, start and stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
import pytest
from gevent.pool import Group

from locust_rs.env import Environment
from locust_rs.exception import RescheduleTask, StopUser
from locust_rs.user import TaskSet, User, task
from locust_rs.user.wait_time import constant


class Shopper(User):
    host = "http://shop"
    weight = 3
    wait_time = constant(600)

    @task(2)
    def buy(self) -> None: ...

    @task
    class Basket(TaskSet):
        @task
        def look(self) -> None: ...


def test_what_the_class_picker_shows() -> None:
    assert Shopper.json() == {
        "host": "http://shop",
        "weight": 3,
        "fixed_count": 0,
        "tasks": ["buy", "buy", "Basket"],
    }


def test_fullname_names_module_and_class() -> None:
    assert Shopper.fullname() == f"{__name__}.Shopper"


def test_being_abstract_is_not_inherited() -> None:
    class Base(User):
        abstract = True

    class Concrete(Base): ...

    assert (User.abstract, Base.abstract, Concrete.abstract) == (True, True, False)


def test_a_new_user_has_not_started(environment: Environment) -> None:
    user = Shopper(environment)
    assert user.environment is environment
    assert user.greenlet is None
    assert user._state is None
    assert user.context() == {}


def test_start_puts_the_user_into_the_group(environment: Environment, until: Any) -> None:
    group = Group()
    user = Shopper(environment)
    greenlet = user.start(group)
    assert user.greenlet is greenlet
    assert user.group is group
    until(lambda: user._state == "waiting")
    assert greenlet in group
    assert user.stop() is True
    assert len(group) == 0


def test_a_user_that_has_not_run_yet_can_be_stopped(environment: Environment) -> None:
    group = Group()
    user = Shopper(environment)
    user.start(group)
    assert user.stop() is True
    assert user.greenlet is not None
    assert user.greenlet.dead


def test_a_second_polite_stop_is_an_error_and_force_is_not(start: Callable[..., Any], until: Any) -> None:
    class Busy(User):
        @task
        def work(self) -> None:
            gevent.sleep(600)

    user = start(Busy)
    until(lambda: user._state == "running")
    assert user.stop() is False
    with pytest.raises(Exception, match="unexpected state: stopping"):
        user.stop()
    assert user.stop(force=True) is True
    assert user.greenlet.dead


def test_wait_is_interrupted_by_a_stop(start: Callable[..., Any], until: Any) -> None:
    class Waits(User):
        wait_time = constant(600)

        @task
        def work(self) -> None:
            self.wait()

    user = start(Waits)
    until(lambda: user._state == "waiting")
    assert user.stop() is True
    assert user.greenlet.dead


@pytest.mark.parametrize("exception", [ValueError("bad start"), RescheduleTask()], ids=repr)
def test_a_failing_on_start_is_reported_and_ends_the_user(
    start: Callable[..., Any],
    environment: Environment,
    exception: Exception,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    errors: list[dict[str, Any]] = []
    environment.events.user_error.add_listener(lambda **kwargs: errors.append(kwargs))

    class Fails(User):
        def on_start(self) -> None:
            raise exception

        @task
        def never(self) -> None: ...

    user = start(Fails)
    user.greenlet.join(timeout=20)
    assert user.greenlet.exception is exception
    assert [error["user_instance"] for error in errors] == [user]
    assert [record.name for record in caplog.records] == ["locust.user.users"]
    capsys.readouterr()


def test_stopping_in_on_start_is_not_an_error(run: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    stopped: list[str] = []

    class Leaves(User):
        def on_start(self) -> None:
            raise StopUser

        def on_stop(self) -> None:
            stopped.append("on_stop")

        @task
        def never(self) -> None: ...

    run(Leaves)
    assert stopped == ["on_stop"]
    assert caplog.records == []
