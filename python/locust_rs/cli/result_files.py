"""The result of a run for other programs: files, and what a job of GitHub Actions shows."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locust_rs.argument_parser.options.ci import RESULT_FILES
from locust_rs.cli.steps import CarryOut, write_step
from locust_rs.util.files import write_file

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.history.gate import Gate


class ResultFiles:
    """The files that options and GitHub Actions ask for. Owned by `Outputs`; the run must have ended."""

    def __init__(self, environment: Environment, options: Namespace, gate: Gate | None) -> None:
        self._environment = environment
        self._gate = gate
        self._options = options

    @cached_property
    def _results(self) -> dict[str, Any]:
        from locust_rs.ci.results import run_results

        results = run_results(self._environment)
        if self._gate is not None:
            results["comparison"] = self._gate.result()
            results["passed"] &= not self._gate.failed
        return results

    def write_files(self, carry_out: CarryOut) -> bool:
        """Writes the files that options name. Returns whether all of them were written."""
        written = True
        for option, destination in RESULT_FILES.items():
            target = getattr(self._options, destination)
            if target:
                step = partial(self._write, Path(target), destination)
                written &= write_step(f"{option} {target}", step, carry_out)
        return written

    def _write(self, path: Path, destination: str) -> None:
        write_file(path, _format(destination)(self._results))

    def tell_github(self, carry_out: CarryOut) -> bool:
        """In a job of GitHub Actions, annotates the run and adds to the summary of the step.

        Returns:
            Whether that was done, or need not be done.
        """
        done = True
        if os.environ.get("GITHUB_ACTIONS") == "true":
            done &= write_step("annotations for GitHub", self._annotate, carry_out)
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            done &= write_step(f"GITHUB_STEP_SUMMARY {summary}", partial(self._summarize, Path(summary)), carry_out)
        return done

    def _annotate(self) -> None:
        from locust_rs.ci.github import annotation_lines

        # GitHub reads both; with --json the standard output belongs to the JSON.
        stream = sys.stderr if self._options.json else sys.stdout
        stream.write("".join(f"{line}\n" for line in annotation_lines(self._results)))
        stream.flush()

    def _summarize(self, path: Path) -> None:
        from locust_rs.ci.github import MOST_SUMMARY_BYTES, fitting_summary
        from locust_rs.ci.markdown import markdown

        taken = path.stat().st_size if path.exists() else 0
        with path.open("a", encoding="utf-8") as summary:
            summary.write(fitting_summary(markdown(self._results) + "\n", MOST_SUMMARY_BYTES - taken))


def _format(destination: str) -> Callable[[dict[str, Any]], str]:
    """The function that makes the content of a file."""
    from locust_rs.ci import gitlab, junit, markdown

    return {
        "result_file": lambda results: json.dumps(results, indent=2, allow_nan=False) + "\n",
        "junit_file": junit.junit_xml,
        "markdown_file": markdown.markdown,
        "gitlab_performance_file": gitlab.load_performance,
        "gitlab_metrics_file": gitlab.metrics,
    }[destination]
