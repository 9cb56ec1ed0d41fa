"""User classes and command-line options for web UIs in this process."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import Any

from locust_rs.argument_parser import get_parser
from locust_rs.env import Environment
from locust_rs.event import Events
from locust_rs.event import default as process_wide
from locust_rs.shape import LoadTestShape
from locust_rs.user.base import User
from locust_rs.user.decorators import task
from locust_rs.user.wait_time import constant

DeclareArguments = Callable[[Any], None]


def make_users() -> dict[str, Any]:
    """Fresh classes: tests change their attributes."""

    class Buyer(User):
        weight = 3
        wait_time = constant(60)

        @task(2)
        def buy(self) -> None:
            """Does nothing, and waits."""

        @task
        def look(self) -> None:
            """Does nothing, and waits."""

    class Admin(User):
        fixed_count = 1
        wait_time = constant(60)
        host = "http://admin.example"

        @task
        def manage(self) -> None:
            """Does nothing, and waits."""

    return {"Buyer": Buyer, "Admin": Admin}


def make_shapes() -> dict[str, LoadTestShape]:
    """A shape that never ends."""

    class Steady(LoadTestShape):
        def tick(self) -> tuple[int, float]:
            return 2, 2.0

    return {"Steady": Steady()}


def parse(arguments: list[str], declare: DeclareArguments | None) -> Namespace:
    """Options of a command line, with a locustfile's own arguments; `declare` stays registered."""
    if declare is not None:
        process_wide.events.init_command_line_parser.add_listener(declare)
    options: Namespace = get_parser(default_config_files=[]).parse_args(arguments, env_vars={})
    return options


def make_environment(
    arguments: list[str] | None = None,
    *,
    declare: DeclareArguments | None = None,
    with_runner: bool = True,
    **more: Any,
) -> Environment:
    """An environment like that of the command line, with a local runner."""
    options = parse(arguments or [], declare)
    users = make_users()
    shapes = make_shapes()
    environment = Environment(
        user_classes=list(users.values()),
        locustfile="locustfile.py",
        events=Events(),
        host=options.host,
        parsed_options=options,
        available_user_classes=users,
        available_shape_classes=shapes,
        available_user_tasks={name: list(user.tasks) for name, user in users.items()},
        **more,
    )
    if with_runner:
        environment.create_local_runner()
    return environment
