"""The console's tables: statistics, percentiles and errors, as lines of text and as log lines."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from itertools import chain, repeat
from types import FrameType
from typing import TYPE_CHECKING

import gevent

from locust_rs import _tunables
from locust_rs.stats.inflation import present_inflation, run_warnings
from locust_rs.stats.percentiles import get_readable_percentiles
from locust_rs.stats.precise import format_ms
from locust_rs.stats.types import sort_stats

if TYPE_CHECKING:
    from locust_rs.stats.entry import StatsEntry
    from locust_rs.stats.request_stats import RequestStats

console_logger = logging.getLogger("locust.stats_logger")

OTHER_COLUMNS_WIDTH = 80
"""Width of the statistics table without the name column, in characters."""

WIDEST_NAME = 80

STANDARD_ERROR = 2
"""The descriptor to which the tables are logged."""

LEAST_NAME = 12
"""Characters that a name keeps on any terminal."""


def resize_handler(signum: int, frame: FrameType | None) -> None:
    """Handler of SIGWINCH: fits the tables to the terminal, unless `STATS_AUTORESIZE` is off."""
    if not _tunables.stats.STATS_AUTORESIZE:
        return
    try:
        columns = os.get_terminal_size().columns
    except OSError:  # no terminal
        return
    import locust_rs.stats as public

    # Through the public module, so that it shows the new value too.
    public.STATS_NAME_WIDTH = max(min(columns - OTHER_COLUMNS_WIDTH, WIDEST_NAME), 0)


def _follow_terminal() -> None:
    if not hasattr(signal, "SIGWINCH") or threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGWINCH) in (signal.SIG_DFL, None):
        signal.signal(signal.SIGWINCH, resize_handler)


def _name_column() -> int:
    # A terminal of 80 columns has no room for names.
    return max(_tunables.stats.STATS_NAME_WIDTH - _tunables.stats.STATS_TYPE_WIDTH + 4, 0)


def _stats_cells(row: StatsEntry, current: bool) -> tuple[str, ...]:
    rps, fail_per_sec = (
        (row.current_rps, row.current_fail_per_sec) if current else (row.total_rps, row.total_fail_per_sec)
    )
    return (
        str(row.num_requests),
        f"{row.num_failures}({row.fail_ratio * 100:.2f}%)",
        *_times(row),
        f"{rps or 0:.2f}",
        f"{fail_per_sec or 0:.2f}",
    )


def _times(row: StatsEntry) -> tuple[str, ...]:
    """Mean, minimum, maximum and median."""
    ends = (row.avg_response_time, row.min_response_time, row.max_response_time)
    if _tunables.stats.PRECISE:
        return *map(format_ms, ends), format_ms(row.precise_percentile(0.5))
    return tuple(str(int(time_ms or 0)) for time_ms in (*ends, row.median_response_time))


def _stats_columns(requests: str, failures: str, *others: str) -> str:
    avg, least, most, median, rps, fail_per_sec = others
    return f"{requests:>7} {failures:>12} |{avg:>7} {least:>7} {most:>7}{median:>7} | {rps:>7} {fail_per_sec:>11}"


_STATS_TITLES = ("# reqs", "# fails", "Avg", "Min", "Max", "Med", "req/s", "failures/s")


def stats_line(row: StatsEntry, current: bool) -> str:
    """A line of the statistics table, with the rates of the last seconds or of the whole run."""
    method = f"{row.method} " if row.method else ""
    columns = _stats_columns(*_stats_cells(row, current))
    return f"{method:<{_tunables.stats.STATS_TYPE_WIDTH}} {row.name:<{_name_column()}} {columns}"


def get_stats_summary(stats: RequestStats, current: bool = True) -> list[str]:
    """The statistics table, line by line.

    Args:
        stats: What to show.
        current: True: the rates of the last seconds; False: those of the whole run.
    """
    type_width, name_width = _tunables.stats.STATS_TYPE_WIDTH, _name_column()
    rule = "|".join("-" * width for width in (type_width, name_width, 7, 13, 7, 7, 7, 7, 8, 11))
    return [
        f"{'Type':<{type_width}} {'Name':<{name_width}} {_stats_columns(*_STATS_TITLES)}",
        rule,
        *(row.to_string(current=current) for row in sort_stats(stats.entries)),
        rule,
        stats.total.to_string(current=current),
    ]


def _percentile_name_column() -> int:
    """Width of the name column: that of the statistics table, but at most what the terminal has room for."""
    width = _tunables.stats.STATS_NAME_WIDTH
    if not _tunables.stats.STATS_AUTORESIZE:
        return width
    columns = terminal_columns()
    if columns is None:
        return width
    others = _tunables.stats.STATS_TYPE_WIDTH + 10 + 7 * len(_tunables.stats.PERCENTILES_TO_REPORT)
    return max(min(width, columns - others), 0)


def _percentile_cells(row: StatsEntry) -> tuple[str, ...]:
    fractions = _tunables.stats.PERCENTILES_TO_REPORT
    if _tunables.stats.PRECISE:
        return *(format_ms(row.precise_percentile(fraction)) for fraction in fractions), str(row.num_requests)
    return *(str(int(value)) for value in row._percentiles(fractions)), str(row.num_requests)


def _percentile_columns(*cells: str) -> str:
    return " ".join(f"{cell:>{width}}" for cell, width in zip(cells, chain([8], repeat(6)), strict=False))


def _percentile_titles() -> tuple[str, ...]:
    return *get_readable_percentiles(_tunables.stats.PERCENTILES_TO_REPORT), "# reqs"


def percentile_line(row: StatsEntry) -> str:
    """A line of the percentile table."""
    columns = _percentile_columns(*_percentile_cells(row))
    return f"{row.method:<{_tunables.stats.STATS_TYPE_WIDTH}} {row.name:<{_percentile_name_column()}} {columns}"


def _percentiles_heading() -> str:
    return f"Response time percentiles ({'precise, ms' if _tunables.stats.PRECISE else 'approximated'})"


def get_percentile_stats_summary(stats: RequestStats) -> list[str]:
    """The percentile table, line by line, without rows that have no response time."""
    titles = _percentile_titles()
    type_width, name_width = _tunables.stats.STATS_TYPE_WIDTH, _percentile_name_column()
    rule = "|".join("-" * width for width in (type_width, name_width, 8, *[6] * (len(titles) - 1)))
    lines = [
        _percentiles_heading(),
        f"{'Type':<{type_width}} {'Name':<{name_width}} {_percentile_columns(*titles)}",
        rule,
        *(row.percentile() for row in sort_stats(stats.entries) if row.response_times),
        rule,
    ]
    if stats.total.response_times:
        lines.append(stats.total.percentile())
    return lines


def get_error_report_summary(stats: RequestStats) -> list[str]:
    """The error report, line by line."""
    rule = "-" * 18 + "|" + "-" * (OTHER_COLUMNS_WIDTH + _tunables.stats.STATS_NAME_WIDTH - 19)
    return [
        "Error report",
        f"{'# occurrences':<18} {'Error':<100}",
        rule,
        *(f"{row.occurrences:<18} {row.to_name():<100}" for row in stats.errors.values()),
        rule,
        "",
    ]


def print_stats(stats: RequestStats, current: bool = True) -> None:
    """Logs the statistics table and an empty line, and below the table a warning if it cannot be trusted."""
    present = present_inflation(stats.health)
    warnings = ([present] if present else []) if current else run_warnings(stats.health)
    lines = get_stats_summary(stats, current)
    columns = _columns_too_few_for(lines)
    if columns is not None:
        rows = [*sort_stats(stats.entries), stats.total]
        cells = [(f"{row.method} {row.name}".strip(), *_stats_cells(row, current)) for row in rows]
        lines = narrow_table([("Name", *_STATS_TITLES), *cells], columns)
    _log([*lines, *warnings, ""])


def print_percentile_stats(stats: RequestStats) -> None:
    """Logs the percentile table and an empty line."""
    lines = get_percentile_stats_summary(stats)
    columns = _columns_too_few_for(lines)
    if columns is not None and stats.total.response_times:
        rows = [*(row for row in sort_stats(stats.entries) if row.response_times), stats.total]
        cells = [(f"{row.method} {row.name}".strip(), *_percentile_cells(row)) for row in rows]
        lines = [_percentiles_heading(), *narrow_table([("Name", *_percentile_titles()), *cells], columns)]
    _log([*lines, ""])


def print_error_report(stats: RequestStats) -> None:
    """Logs the error report, if there were errors."""
    if not stats.errors:
        return
    lines = get_error_report_summary(stats)
    columns = _columns_too_few_for(lines)
    if columns is not None:
        # Errors are wrapped by the terminal, not shortened; rules and trailing spaces must not be wrapped.
        lines = [line[:columns] if line.startswith("---") else line.rstrip() for line in lines]
    _log(lines)


def _columns_too_few_for(lines: Sequence[str]) -> int | None:
    """The width of the terminal, if there is one and a line is wider."""
    columns = terminal_columns() if _tunables.stats.STATS_AUTORESIZE else None
    return columns if columns is not None and max(map(len, lines)) > columns else None


def stats_printer(stats: RequestStats) -> Callable[[], None]:
    """Returns a function for a greenlet that logs the statistics table every `CONSOLE_STATS_INTERVAL_SEC`."""

    def print_for_ever() -> None:
        _follow_terminal()
        while True:
            print_stats(stats)
            gevent.sleep(_tunables.stats.CONSOLE_STATS_INTERVAL_SEC)

    return print_for_ever


def _log(lines: Sequence[str]) -> None:
    for line in lines:
        console_logger.info(line)


def terminal_columns() -> int | None:
    """Width of the terminal behind standard error; None if there is no terminal, or it does not tell."""
    try:
        return os.get_terminal_size(STANDARD_ERROR).columns or None
    except OSError:
        return None


def shorten(text: str, width: int) -> str:
    """The text with its middle elided if it is longer than `width`; the ends of a path tell most about it."""
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def narrow_table(rows: Sequence[Sequence[str]], columns: int) -> list[str]:
    """Lays out a table for terminals that are too narrow for the usual one.

    Columns are as wide as their content, and names are shortened to what remains of the terminal's width.

    Args:
        rows: Titles, rows, and the row of totals; the first cell is a name, the others are numbers.
        columns: Width of the terminal.

    Returns:
        Lines with a rule below the titles and one above the totals.
    """
    widths = [max(len(row[index]) for row in rows) for index in range(1, len(rows[0]))]
    numbers_width = sum(widths) + len(widths)
    name_width = min(max(len(row[0]) for row in rows), max(columns - numbers_width, LEAST_NAME))
    lines = [
        f"{shorten(name, name_width):<{name_width}} "
        + " ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        for name, *cells in rows
    ]
    rule = "-" * (name_width + numbers_width)
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]
