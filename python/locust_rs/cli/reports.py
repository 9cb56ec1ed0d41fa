"""The results of a run: tables, CSV, JSON and HTML files, and the exit code."""

from __future__ import annotations

import logging
import os
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import gevent

from locust_rs import log, stats
from locust_rs._tunables import stats as _stats_tunables
from locust_rs.argument_parser.options.ci import RESULT_FILES
from locust_rs.cli.result_files import ResultFiles
from locust_rs.cli.steps import CarryOut, write_step
from locust_rs.log import greenlet_exception_logger
from locust_rs.metrics.outputs import metric_lines, metrics_csv
from locust_rs.runners.arrivals.counts import arrival_lines
from locust_rs.stats.console import console_logger
from locust_rs.stats.intended import intended_csv, intended_lines
from locust_rs.thresholds import summary_lines
from locust_rs.util.files import write_file

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.history.gate import Gate
    from locust_rs.stats import StatsCSV

__all__ = ["Outputs", "exit_code_of", "prepare_folders"]

logger = logging.getLogger("locust.main")


def prepare_folders(options: Namespace) -> str | None:
    """Creates the folders of all output files, so that a mistyped path is noticed before the test.

    Returns:
        A message that says what is wrong and what to do; None if all is well.
    """
    targets = {"--csv": options.csv_prefix, "--html": options.html_file, "--json-file": options.json_file}
    targets |= {option: getattr(options, destination) for option, destination in RESULT_FILES.items()}
    for option, target in targets.items():
        if not target:
            continue
        folder = Path(target).absolute().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return f"{option} {target}: can't create the folder {folder}: {error.strerror or error}"
        if not os.access(folder, os.W_OK):
            return f"{option} {target}: the folder {folder} is not writable. Choose another, or change its permissions."
    return None


class Outputs:
    """Files and tables of one run. Owned by the main greenlet; created before the run, finished once after it."""

    def __init__(self, environment: Environment, options: Namespace, gate: Gate | None = None) -> None:
        self._environment = environment
        self._options = options
        self._has_json_file = False
        self._gate = gate
        self._ci = ResultFiles(environment, options, gate)
        percentiles = _stats_tunables.PERCENTILES_TO_REPORT
        self.csv_writer: StatsCSV = (
            stats.StatsCSVFileWriter(environment, percentiles, options.csv_prefix, options.stats_history_enabled)
            if options.csv_prefix
            else stats.StatsCSV(environment, percentiles)
        )

    def start(self) -> None:
        """Starts the greenlets that keep the CSV files and the history up to date."""
        on_error = greenlet_exception_logger(logger)
        if isinstance(self.csv_writer, stats.StatsCSVFileWriter):
            gevent.spawn(self.csv_writer.stats_writer).link_exception(on_error)
        if self._environment.runner is not None:
            gevent.spawn(stats.stats_history, self._environment.runner).link_exception(on_error)

    def write_files(self, carry_out: CarryOut) -> bool:
        """Writes all files in their final state.

        Args:
            carry_out: Called for each file with a description and a function; returns False if that took too long.

        Returns:
            Whether all of them were written. A failure is logged, and the other files are written all the same.
        """
        options, environment = self._options, self._environment
        written = True
        if options.csv_prefix:
            written &= write_step(f"--csv {options.csv_prefix}", self.csv_writer.close_files, carry_out)
            intended = environment.stats.intended
            if intended is not None:
                name = f"{options.csv_prefix}_intended.csv"
                written &= write_step(name, lambda: write_file(Path(name), intended_csv(intended)), carry_out)
            if len(environment.metrics):
                written &= write_step(f"{options.csv_prefix}_metrics.csv", self._write_metrics, carry_out)
        if options.json_file:
            save = partial(stats.save_stats_json, environment.stats, options.json_file)
            self._has_json_file = write_step(f"--json-file {options.json_file}", save, carry_out)
            written &= self._has_json_file
        if options.html_file:
            written &= write_step(f"--html {options.html_file}", self._write_html, carry_out)
        return written & self._ci.write_files(carry_out)

    def print_results(self, carry_out: CarryOut) -> bool:
        """Prints the summary, and JSON if that is asked for.

        Called after the files are written, because printing blocks if nothing reads the output any more.

        Args:
            carry_out: As in `write_files`.

        Returns:
            Whether everything was printed.
        """
        printed = True
        if self._options.json:
            printed &= write_step("--json", partial(stats.print_stats_json, self._environment.stats), carry_out)
        if self._options.json or not self._has_json_file:
            printed &= write_step("the summary", self._print_summary, carry_out)
        printed &= self._ci.tell_github(carry_out)
        return printed

    def _print_summary(self) -> None:
        stats.print_stats(self._environment.stats, current=False)
        stats.print_percentile_stats(self._environment.stats)
        if self._environment.stats.intended is not None:
            for line in intended_lines(self._environment.stats.intended):
                console_logger.info(line)
        for line in metric_lines(self._environment.metrics):
            console_logger.info(line)
        stats.print_error_report(self._environment.stats)
        if self._environment.runner is not None:
            for line in arrival_lines(self._environment.runner.arrivals.counts):
                console_logger.info(line)
        for line in [*summary_lines(self._environment.thresholds), *(self._gate.lines() if self._gate else ())]:
            console_logger.info(line)

    def _write_metrics(self) -> None:
        write_file(Path(f"{self._options.csv_prefix}_metrics.csv"), metrics_csv(self._environment.metrics))

    def _write_html(self) -> None:
        from locust_rs.html import get_html_report

        logger.debug(f"Writing the HTML report to {self._options.html_file}")
        report = get_html_report(self._environment, show_download_link=False)
        write_file(Path(self._options.html_file), report)


def exit_code_of(environment: Environment, options: Namespace, gate: Gate | None = None) -> int:
    """The exit code of the process according to the results; `docs/command-line.md` has the table."""
    if environment.process_exit_code is not None:
        return environment.process_exit_code
    if environment.thresholds.failed or (gate is not None and gate.failed):
        return int(options.exit_code_on_threshold)
    runner = environment.runner
    errors_count = not environment.thresholds.judge_failures
    if runner is not None and ((runner.errors and errors_count) or runner.exceptions):
        return int(options.exit_code_on_error)
    if log.unhandled_greenlet_exception:
        return 2
    if runner is not None and runner.health.inflated:
        return int(options.exit_code_on_overload)
    return 0
