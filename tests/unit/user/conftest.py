"""An Environment without a runner, and users that are always stopped at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gevent.pool import Group

from locust_rs.env import Environment
from locust_rs.user import User


@pytest.fixture
def environment() -> Environment:
    return Environment()


@pytest.fixture
def start(environment: Environment) -> Iterator[Callable[..., Any]]:
    """Starts a user of a class in a greenlet and returns it; it is killed at the end if it still runs."""
    group = Group()

    def start_user(user_class: type[User], environment: Environment = environment) -> User:
        user = user_class(environment)
        user.start(group)
        return user

    yield start_user
    group.kill(timeout=10)


@pytest.fixture
def run(start: Callable[..., Any]) -> Callable[..., Any]:
    """Runs a user of a class until it stops by itself, and returns it."""

    def run_user(user_class: type[User], **kwargs: Any) -> User:
        user = start(user_class, **kwargs)
        user.greenlet.join(timeout=20)
        assert user.greenlet.dead, "the user did not stop by itself"
        return user

    return run_user
