"""Options of the result for other programs: JSON, JUnit, Markdown, GitLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locust_rs.argument_parser.parser import LocustArgumentParser

RESULT_FILES = {
    "--results": "result_file",
    "--junit": "junit_file",
    "--markdown": "markdown_file",
    "--gitlab-performance": "gitlab_performance_file",
    "--gitlab-metrics": "gitlab_metrics_file",
}
"""Options that name a file: option → destination."""

_HELP = {
    "--results": "Store the result of the run as JSON: run, thresholds, endpoints, errors, exceptions and the "
    "generator's verdict. Its schema is docs/schemas/results-1.json.",
    "--junit": "Store the result as JUnit XML, with a test case per threshold, endpoint and exception.",
    "--markdown": "Store the result as Markdown.",
    "--gitlab-performance": "Store GitLab's load performance report (artifacts:reports:load_performance).",
    "--gitlab-metrics": "Store GitLab's metrics report (artifacts:reports:metrics).",
}


def add_ci_options(parser: LocustArgumentParser) -> None:
    """Adds the group `Results for other programs`."""
    group = parser.add_argument_group("Results for other programs")
    for option, destination in RESULT_FILES.items():
        group.add_argument(
            option,
            dest=destination,
            metavar="<filename>",
            env_var=f"LOCUST_{option[2:].replace('-', '_').upper()}",
            help=_HELP[option],
        )
