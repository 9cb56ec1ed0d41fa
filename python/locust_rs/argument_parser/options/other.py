"""Other options, and the User classes at the end of the command line."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from locust_rs._version import __version__, distribution_version
from locust_rs.argument_parser.value_types import threshold, timespan

if TYPE_CHECKING:
    from argparse import _ArgumentGroup

    from locust_rs.argument_parser.parser import LocustArgumentParser


def version_line() -> str:
    """The line that `locust -V` prints: the Locust release that is implemented, its folder, and the versions."""
    folder = Path(__file__).resolve().parents[2]
    return f"locust {__version__} from {folder} (Python {platform.python_version()}), locust-rs {distribution_version}"


def add_version_option(group: _ArgumentGroup) -> None:
    """Adds `-V`, which is answered before slow imports."""
    group.add_argument(
        "--version",
        "-V",
        action="version",
        help="Show program's version number and exit",
        version=version_line(),
    )


def add_other_options(parser: LocustArgumentParser) -> None:
    """Adds the group `Other options`."""
    group = parser.add_argument_group("Other options")
    group.add_argument(
        "--show-task-ratio",
        action="store_true",
        help="Print table of the User classes' task execution ratio. Use this with non-zero --user option if "
        "some classes define non-zero fixed_count attribute.",
    )
    group.add_argument(
        "--show-task-ratio-json",
        action="store_true",
        help="Print json data of the User classes' task execution ratio. Use this with non-zero --user option "
        "if some classes define non-zero fixed_count attribute.",
    )
    add_version_option(group)
    group.add_argument(
        "--exit-code-on-error",
        type=int,
        default=1,
        metavar="<int>",
        env_var="LOCUST_EXIT_CODE_ON_ERROR",
        help="Sets the process exit code to use when a test result contain any failure or error. Defaults to 1.",
    )
    group.add_argument(
        "--precise",
        action="store_true",
        env_var="LOCUST_PRECISE",
        help="Show response times to the microsecond, from histograms that are off by at most 0.5 %%, instead of "
        "in buckets of two significant digits: in the console, the web UI and the report. CSV and JSON files get them "
        "in addition.",
    )
    group.add_argument(
        "--stats-by-tag",
        action="store_true",
        env_var="LOCUST_STATS_BY_TAG",
        help="Count requests by the tags of their tasks as well, in environment.stats.by_tag. By User class they are "
        "counted whenever there are several.",
    )
    group.add_argument(
        "--exit-code-on-overload",
        type=int,
        default=0,
        metavar="<int>",
        env_var="LOCUST_EXIT_CODE_ON_OVERLOAD",
        help="Sets the process exit code to use when the load generator was overloaded, so that the response times "
        "are too long by more than 5 %%, and nothing else went wrong. Defaults to 0.",
    )
    group.add_argument(
        "--threshold",
        action="append",
        dest="thresholds",
        type=threshold,
        metavar="<threshold>",
        env_var="LOCUST_THRESHOLD",
        help="What has to hold in the test, such as 'p95(GET /cart) < 300ms', 'failures < 1%%' or 'rate > 500/s for "
        "30s after 1m abort'. Can be given several times. Thresholds of the locustfile count as well.",
    )
    group.add_argument(
        "--exit-code-on-threshold",
        type=int,
        default=99,
        metavar="<int>",
        env_var="LOCUST_EXIT_CODE_ON_THRESHOLD",
        help="Sets the process exit code to use when a threshold does not hold, or could not be measured. Defaults to "
        "99.",
    )
    group.add_argument(
        "-s",
        "--stop-timeout",
        type=timespan,
        default="0",
        metavar="<number>",
        env_var="LOCUST_STOP_TIMEOUT",
        help="Number of seconds to wait for a simulated user to complete any executing task before exiting. "
        "Default is to terminate immediately. When running distributed, this only needs to be specified on "
        "the master.",
    )
    group.add_argument(
        "--equal-weights",
        action="store_true",
        default=False,
        dest="equal_weights",
        help="Use equally distributed task weights, overriding the weights specified in the locustfile.",
    )
    group.add_argument("--profile", type=str, help="Set a profile to group the testruns together")
    group.add_argument(
        "--otel",
        action="store_true",
        default=False,
        env_var="LOCUST_ENABLE_OPENTELEMETRY",
        help="Instrument the Locust test run with OpenTelemetry.",
    )


def add_user_classes(parser: LocustArgumentParser) -> None:
    """Adds the positional arguments."""
    group = parser.add_argument_group("User classes")
    group.add_argument(
        "user_classes",
        nargs="*",
        metavar="<UserClass1 UserClass2>",
        default=os.environ.get("LOCUST_USER_CLASSES", "").split(),
        help="At the end of the command line, you can list User classes to be used (available User classes can "
        "be listed with --list). LOCUST_USER_CLASSES environment variable can also be used to specify User "
        "classes. Default is to use all available User classes",
    )
