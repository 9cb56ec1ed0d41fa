"""The command `locust`. Public module `locust.main`.

Slow imports happen inside the functions, so that `locust -V` answers at once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from locust_rs._reexports import provide_reexports
from locust_rs._version import __version__ as version

if TYPE_CHECKING:
    from argparse import Namespace

    from locust_rs.cli.locustfiles import Merged
    from locust_rs.env import Environment
    from locust_rs.event import Events

__all__ = ["COMMON_OPTIONS", "create_environment", "main", "merge_locustfiles_content", "version"]

COMMON_OPTIONS = {"num_users": "users", "spawn_rate": "spawn-rate", "run_time": "run-time"}
"""Options that a load shape ignores unless it says otherwise: destination name → option."""


def main() -> None:
    """Runs Locust with the process's command line and ends the process with the test's exit code."""
    if sys.argv[1:] in (["-V"], ["--version"]):
        from locust_rs.cli.version import show_version

        show_version()
    from locust_rs.cli.launch import launch

    launch()


def create_environment(
    user_classes: list[Any],
    options: Namespace,
    events: Events | None = None,
    shape_class: Any = None,
    locustfile: str | None = None,
    parsed_locustfiles: list[str] | None = None,
    available_user_classes: dict[str, Any] | None = None,
    available_shape_classes: dict[str, Any] | None = None,
    available_user_tasks: dict[str, list[Any]] | None = None,
) -> Environment:
    """An Environment with the command line's options."""
    from locust_rs.env import Environment

    return Environment(
        locustfile=locustfile,
        user_classes=user_classes,
        shape_class=shape_class,
        events=events,
        host=options.host,
        reset_stats=options.reset_stats,
        parsed_options=options,
        parsed_locustfiles=parsed_locustfiles,
        available_user_classes=available_user_classes,
        available_shape_classes=available_shape_classes,
        available_user_tasks=available_user_tasks,
        profile=options.profile,
    )


def merge_locustfiles_content(locustfiles: list[str]) -> Merged:
    """Imports locustfiles; returns User classes, shapes and tasks by name, and the shape that controls the run."""
    from locust_rs.cli.locustfiles import merge_locustfiles_content as merge

    return merge(locustfiles)


provide_reexports(__name__)
