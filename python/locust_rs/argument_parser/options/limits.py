"""Options of the load: when a run ends, and against what it is measured. All are of locust-rs alone.

Locustfiles and plug-ins may have options of these names, locust-plugins for example; then theirs hold and ours are
not there. So ours are added after theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locust_rs.argument_parser.value_types import arrival_rate, iteration_count

if TYPE_CHECKING:
    from locust_rs.argument_parser.parser import LocustArgumentParser


def add_limit_options(parser: LocustArgumentParser) -> None:
    """Adds the options whose names are free."""
    add_if_free(
        parser,
        "-i",
        "--iterations",
        type=iteration_count,
        metavar="<int>",
        dest="iteration_limit",
        env_var="LOCUST_ITERATIONS",
        help="Stop after this many task iterations, counted over all users and workers. Each execution of a task "
        "is one, also inside TaskSets.",
    )
    add_if_free(
        parser,
        "--time-from-ramp-end",
        dest="run_time_from_ramp_end",
        action="store_true",
        default=False,
        env_var="LOCUST_TIME_FROM_RAMP_END",
        help="Count the run time from the moment at which all users have been spawned, instead of from the start.",
    )

    add_if_free(
        parser,
        "--arrival-rate",
        type=arrival_rate,
        action="append",
        metavar="<rate>",
        dest="arrival_rates",
        env_var="LOCUST_ARRIVAL_RATE",
        help="Let users arrive at this rate per second, run their tasks once and end, however slow the target is: "
        "an open model. A number is divided among the classes by weight; CLASS=number is for one class and can be "
        "given several times. Takes precedence over arrival_rate of the classes.",
    )
    add_if_free(
        parser,
        "--max-users",
        type=iteration_count,
        metavar="<int>",
        dest="max_users",
        env_var="LOCUST_MAX_USERS",
        help="The most users of each class that run at the same time if they arrive; arrivals beyond are dropped and "
        "counted. Takes precedence over max_users of the classes.",
    )
    add_if_free(
        parser,
        "--arrival-seed",
        type=int,
        metavar="<int>",
        dest="arrival_seed",
        env_var="LOCUST_ARRIVAL_SEED",
        help="Makes the random times of arrivals with arrival_distribution = 'poisson' the same in each run.",
    )
    add_if_free(
        parser,
        "--intended-start",
        action="store_true",
        default=False,
        env_var="LOCUST_INTENDED_START",
        help="Beside the response times keep the times from the intended start of iterations of users with "
        "constant_pacing or constant_throughput: in the summary, in JSON, and in <prefix>_intended.csv with --csv.",
    )


def add_if_free(parser: LocustArgumentParser, *strings: str, **settings: Any) -> None:
    """Adds an option of ours under those of its names that no locustfile or plug-in has taken."""
    taken = parser._option_string_actions
    if strings[-1] in taken:
        return
    free = [string for string in strings if string not in taken]
    known = {getattr(action, "env_var", None) for action in parser._actions}
    if settings.get("env_var") in known:
        settings.pop("env_var")
    # ConfigArgParse looks at all options of the parser when it parses, whenever they were added.
    parser.add_argument(*free, **settings)
