"""Shows the progress of a headless run in a few lines at the bottom of the terminal, below the scrolling log.

The lines are drawn after whatever was written last. Other output, from the log or from `print`, erases them first, so
that scrolling back shows the log alone. If the output is piped, nothing is drawn.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from argparse import Namespace
from collections import Counter
from typing import IO, TYPE_CHECKING, Any

import gevent

from locust_rs._tunables import stats as stats_tunables
from locust_rs.stats.precise import PreciseWindow, format_ms
from locust_rs.thresholds import State, Thresholds
from locust_rs.thresholds.values import value_text

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.stats import StatsEntry

REDRAW_EVERY_S = 1.0
_BAR_CELLS = 24
_RED, _BOLD, _DIM, _PLAIN = "\x1b[31m", "\x1b[1m", "\x1b[2m", "\x1b[0m"


def is_wanted(options: Namespace) -> bool:
    """Whether to draw: in a headless run whose log goes to a capable terminal."""
    return bool(
        options.headless
        and not options.only_summary
        and not options.print_stats
        and not options.skip_log_setup
        and sys.stderr.isatty()
        and os.environ.get("TERM", "dumb") != "dumb"
        and os.name != "nt"
    )


class LiveView:
    """Draws the lines once a second. `close` erases them and restores the streams.

    Args:
        environment: An environment with a runner.
        run_time_s: How long the run lasts; None: until it is stopped.
    """

    def __init__(self, environment: Environment, run_time_s: int | None) -> None:
        self._environment = environment
        self._run_time_s = run_time_s
        self._started = time.monotonic()
        self._colours = "NO_COLOR" not in os.environ
        self._terminal: IO[str] = sys.stderr
        self._drawn = 0
        self._window = PreciseWindow(stats_tunables.CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW)
        self._replaced: list[tuple[str, IO[str]]] = []
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream.isatty():
                self._replaced.append((name, stream))
                setattr(sys, name, _Above(stream, self))
        _redirect_handlers(self._terminal, sys.stderr)
        self._greenlet = gevent.spawn(self._redraw_for_ever)

    def close(self) -> None:
        """Erases the lines and restores the streams. May be called again."""
        self._greenlet.kill()
        self.erase()
        for name, stream in self._replaced:
            wrapped = getattr(sys, name)
            setattr(sys, name, stream)
            _redirect_handlers(wrapped, stream)
        self._replaced.clear()

    def erase(self) -> None:
        """Erases the drawn lines and moves the cursor to where they began."""
        if self._drawn:
            self._terminal.write(f"\x1b[{self._drawn}F\x1b[J")
            self._terminal.flush()
            self._drawn = 0

    def _redraw_for_ever(self) -> None:
        while True:
            self.draw()
            gevent.sleep(REDRAW_EVERY_S)

    def draw(self) -> None:
        """Draws the present figures in place of the previous ones."""
        columns = shutil.get_terminal_size().columns
        lines = self._lines(columns)
        self.erase()
        self._terminal.write("".join(f"{line}\n" for line in lines))
        self._terminal.flush()
        self._drawn = len(lines)

    def _lines(self, columns: int) -> list[str]:
        runner, total = self._environment.runner, self._environment.stats.total
        if runner is None:
            return []
        elapsed_s = time.monotonic() - self._started
        fail_ratio = total.fail_ratio
        failures = f"failures {total.current_fail_per_sec:,.1f}/s ({fail_ratio:.2%})"
        figures = [
            f"users {runner.user_count:,}/{runner.target_user_count:,}",
            f"requests {total.current_rps:,.1f}/s ({total.num_requests:,})",
        ]
        times = self._times(total)
        lines = [progress(elapsed_s, self._run_time_s), "   ".join([*figures, failures]), "   ".join(times)]
        if getattr(runner.health, "inflated", False):
            lines.append(f"The generator is the bottleneck: response times are {runner.health.inflation:.0%} too long")
        if thresholds := thresholds_line(self._environment.thresholds):
            lines.insert(3, thresholds)
        lines = [line[: columns - 1] for line in lines]
        if not self._colours:
            return lines
        lines[0] = f"{_BOLD}{lines[0]}{_PLAIN}"
        if fail_ratio:
            lines[1] = lines[1].replace(failures, f"{_RED}{failures}{_PLAIN}")
        calm = 4 if thresholds and "broken" not in thresholds else 3
        return [*lines[:calm], *(f"{_RED}{line}{_PLAIN}" for line in lines[calm:])]

    def _times(self, total: StatsEntry) -> list[str]:
        """Percentiles of the last ten seconds."""
        shares = {"median": 0.5, "95 %": 0.95, "99 %": 0.99}
        if stats_tunables.PRECISE:
            values = self._window.percentiles(total, [*shares.values()])
            return [f"{name} {format_ms(value)} ms" for name, value in zip(shares, values, strict=True)]
        return [
            f"{name} {total.get_current_response_time_percentile(share) or 0:,} ms" for name, share in shares.items()
        ]


def thresholds_line(thresholds: Thresholds) -> str:
    """`thresholds 2 holding, 1 broken: p95 < 300ms (412 ms)`; empty without thresholds."""
    counts = Counter(check.state.value for check in thresholds)
    if not counts:
        return ""
    broken = [
        f"{check.threshold.text} ({value_text(check.threshold, check.value)})"
        for check in thresholds
        if check.state is State.BROKEN and check.value is not None
    ]
    counted = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"thresholds {counted}" + (f": {', '.join(broken)}" if broken else "")


def progress(elapsed_s: float, run_time_s: int | None) -> str:
    """`00:12 of 01:00 ████░░░░`, or only the elapsed time of a run without a limit."""
    if not run_time_s:
        return f"{_clock(elapsed_s)}   Ctrl-C stops the test"
    share = min(elapsed_s / run_time_s, 1.0)
    full = int(share * _BAR_CELLS)
    return f"{_clock(elapsed_s)} of {_clock(run_time_s)} {'█' * full}{'░' * (_BAR_CELLS - full)} {share:.0%}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


class _Above:
    """A stream of the terminal whose output appears above the drawn lines."""

    def __init__(self, stream: IO[str], view: LiveView) -> None:
        self._stream = stream
        self._view = view

    def write(self, text: str) -> int:
        self._view.erase()
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _redirect_handlers(old: Any, new: Any) -> None:
    import logging

    loggers = [logging.getLogger(), logging.getLogger("locust"), logging.getLogger("locust.stats_logger")]
    for handler in {handler for logger in loggers for handler in logger.handlers}:
        if isinstance(handler, logging.StreamHandler) and handler.stream is old:
            handler.stream = new
