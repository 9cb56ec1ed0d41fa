"""Old command-line options. `--help` does not list them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from locust_rs.argument_parser.value_types import ErrorRaisingAction, gt_zero, port_number, user_count
from locust_rs.event import default as process_wide
from locust_rs.legacy.request_limit import limit_requests
from locust_rs.legacy.warning import show_warnings, warn_of_option

_FLAG = {"nargs": 0, "const": True}

_OPTIONS: list[tuple[list[str], str, str, dict[str, Any]]] = [
    (["--no-web"], "--headless", "headless", _FLAG),
    (["-c", "--clients"], "-u, --users", "num_users", {"type": user_count}),
    (["--hatch-rate"], "-r, --spawn-rate", "spawn_rate", {"type": gt_zero(float)}),
    (["--port"], "-P, --web-port", "web_port", {"type": port_number}),
    (["--csv-base-name"], "--csv", "csv_prefix", {}),
    (
        ["-n", "--num-request", "--num-requests"],
        "-t, --run-time; or -i, --iterations, for a number of iterations",
        "num_requests",
        {"type": int},
    ),
]
_OF_SLAVES: list[tuple[list[str], str, str, dict[str, Any]]] = [
    (["--slave"], "--worker", "worker", _FLAG),
    (["--expect-slaves"], "--expect-workers", "expect_workers", {"type": int}),
]
"""Options that the parser refuses with a message, as stock Locust does. They work with old files only."""


def install(slaves: bool) -> None:
    """Adds the options to the parser, except those whose name a locustfile or plug-in uses.

    Args:
        slaves: Also add `--slave` and `--expect-slaves`.
    """
    show_warnings()
    limit_requests(process_wide.events)

    def add_options(parser: Any, **kwargs: Any) -> None:
        for strings, today, dest, settings in _OPTIONS + (_OF_SLAVES if slaves else []):
            free = [string for string in strings if _make_room(parser, string)]
            if free:
                parser.add_argument(
                    *free,
                    dest=dest,
                    action=_Renamed,
                    today=today,
                    default=argparse.SUPPRESS,
                    help=argparse.SUPPRESS,
                    include_in_web_ui=False,
                    **settings,
                )

    process_wide.events.init_command_line_parser.add_listener(add_options)


def _make_room(parser: Any, string: str) -> bool:
    """Whether an option string can be added: it is free, or belongs to an option that only raises an error."""
    taken = parser._option_string_actions
    if isinstance(taken.get(string), ErrorRaisingAction):
        taken.pop(string)
    return string not in taken and not (string.startswith("--") and any(name.startswith(string) for name in taken))


class _Renamed(argparse.Action):
    """Stores the value that today's option stores, and warns."""

    def __init__(self, option_strings: Sequence[str], dest: str, today: str = "", **kwargs: Any) -> None:
        super().__init__(option_strings, dest, **kwargs)
        self._today = today

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Sets the destination of today's option."""
        warn_of_option(str(option_string), self._today)
        setattr(namespace, self.dest, self.const if self.nargs == 0 else values)
