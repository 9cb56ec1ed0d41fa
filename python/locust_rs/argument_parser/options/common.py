"""Common options: which test to run, against which host, with how many users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_rs.argument_parser.value_types import (
    gt_zero,
    json_user_config,
    raise_argument_type_error,
    timespan,
    user_count,
)

if TYPE_CHECKING:
    from locust_rs.argument_parser.parser import LocustArgumentParser


def add_locustfile_options(parser: LocustArgumentParser) -> None:
    """Adds the options that name the files to read, which are needed before the locustfile is imported."""
    parser.add_argument(
        "-f",
        "--locustfile",
        metavar="<filename>",
        default="locustfile.py",
        env_var="LOCUST_LOCUSTFILE",
        help="The Python file or module that contains your test, e.g. 'my_test.py'. Accepts multiple "
        "comma-separated .py files, a package name/directory or a url to a remote locustfile. "
        "Defaults to 'locustfile.py'.",
    )
    parser.add_argument(
        "--config",
        metavar="<filename>",
        is_config_file_arg=True,
        help="File to read additional configuration from. See "
        "https://docs.locust.io/en/stable/configuration.html#configuration-file",
    )


def add_common_options(parser: LocustArgumentParser) -> None:
    """Adds the first group of the help text."""
    group = parser
    group.add_argument(
        "-H",
        "--host",
        metavar="<base url>",
        env_var="LOCUST_HOST",
        help="Host to load test, in the following format: https://www.example.com",
    )
    group.add_argument(
        "-u",
        "--users",
        type=user_count,
        metavar="<int>",
        dest="num_users",
        env_var="LOCUST_USERS",
        help="Peak number of concurrent Locust users. Primarily used together with --headless or --autostart. "
        "Can be changed during a test by keyboard inputs w, W (spawn 1, 10 users) and s, S (stop 1, 10 users)",
    )
    group.add_argument(
        "-r",
        "--spawn-rate",
        type=gt_zero(_number),
        metavar="<float>",
        env_var="LOCUST_SPAWN_RATE",
        help="Rate to spawn users at (users per second). Primarily used together with --headless or --autostart",
    )
    group.add_argument(
        "-t",
        "--run-time",
        type=timespan,
        metavar="<time string>",
        env_var="LOCUST_RUN_TIME",
        help="Stop after the specified amount of time, e.g. (300s, 20m, 3h, 1h30m, etc.). Only used together "
        "with --headless or --autostart. Defaults to run forever.",
    )
    group.add_argument(
        "-l",
        "--list",
        action="store_true",
        dest="list_commands",
        help="Show list of possible User classes and exit",
    )
    group.add_argument(
        "--config-users",
        type=json_user_config,
        nargs="*",
        env_var="LOCUST_CONFIG_USERS",
        help="User configuration as a JSON string or file. A list of arguments or an Array of JSON "
        "configuration may be provided",
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise_argument_type_error(f"invalid float value: {text!r}")
