"""Runs as text: a table of several, and lines about one."""

from __future__ import annotations

import os
import platform
import time
from typing import Any

from locust_rs.history.model import FINISHED, Run
from locust_rs.stats.precise import format_ms
from locust_rs.thresholds.values import time_text

_TITLES = (
    "run",
    "started",
    "",
    "locustfile",
    "profile",
    "length",
    "requests",
    "failed",
    "median",
    "95 %",
    "tag",
    "note",
)
_NUMBERS = (0, 5, 6, 7, 8, 9)
"""Columns that are aligned right."""

LONGEST_NOTE = 40


def runs_table(runs: list[Run]) -> str:
    """A table with a line for each run."""
    if not runs:
        return "No runs."
    return table(_TITLES, [_line(run) for run in runs], _NUMBERS)


def table(titles: tuple[str, ...], rows: list[list[str]], numbers: tuple[int, ...]) -> str:
    """A table for a terminal; columns that are empty throughout are left out.

    Args:
        titles: A title for each column.
        rows: Their cells.
        numbers: Columns that are aligned right.
    """
    shown = [column for column in range(len(titles)) if any(row[column] for row in rows)]
    widths = {column: max(len(titles[column]), *(len(row[column]) for row in rows)) for column in shown}

    def line(cells: Any) -> str:
        aligned = (
            f"{cells[column]:>{widths[column]}}" if column in numbers else f"{cells[column]:<{widths[column]}}"
            for column in shown
        )
        return "  ".join(aligned).rstrip()

    rule = line(["-" * widths.get(column, 0) for column in range(len(titles))])
    return "\n".join([line(titles), rule, *map(line, rows)])


def verdict(run: Run) -> str:
    """How a run stands, in a word."""
    if run.state == FINISHED:
        return "passed" if run.passed else "failed"
    return "running" if _may_be_running(run) else "no result"


def _may_be_running(run: Run) -> bool:
    machine = run.about.get("machine", {})
    if machine.get("host") != platform.node():
        return time.time() - run.started_s < 86_400
    try:
        os.kill(int(run.about["process"]), 0)
    except (OSError, KeyError, ValueError):
        return False
    return True


def _line(run: Run) -> list[str]:
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started_s))
    head = [str(run.number), started, verdict(run), run.locustfile, run.profile]
    note = run.note if len(run.note) <= LONGEST_NOTE else f"{run.note[: LONGEST_NOTE - 1]}…"
    if not run.result:
        return [*head, "", "", "", "", "", run.tag, note]
    total = run.result["total"]
    times = (ms_text(total["percentiles_ms"][fraction]) for fraction in ("0.5", "0.95"))
    failed = f"{total['fail_ratio']:.2%}"
    return [*head, time_text(run.duration_s), f"{total['requests']:,}", failed, *times, run.tag, note]


def ms_text(time_ms: float | None) -> str:
    """A response time with its unit; a dash where nothing was measured."""
    return "–" if time_ms is None else f"{format_ms(time_ms)} ms"


def run_lines(run: Run) -> list[str]:
    """All that a terminal shows of a run."""
    lines = [f"{run.title}: {verdict(run)}", ""]
    facts = {
        "identifier": run.uid,
        "started": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.started_s)),
        "note": run.note,
        "locustfile": run.locustfile,
        "profile": run.profile,
        "target": run.host,
        **sources(run),
    }
    lines += [f"{name:<11} {value}" for name, value in facts.items() if value]
    if run.result:
        lines += _result_lines(run.result)
    return lines


def sources(run: Run) -> dict[str, str]:
    """What a run was made with: git revision, machine and versions; texts are empty where nothing is known."""
    revision, machine = run.about.get("revision", {}), run.about.get("machine", {})
    return {
        "revision": " ".join(filter(None, (revision.get("commit", "")[:12], revision.get("branch", "")))),
        "machine": ", ".join(
            filter(
                None, (machine.get("host"), machine.get("system"), f"{machine.get('cores')} cores" if machine else "")
            )
        ),
        "versions": f"Locust {machine['locust']}, locust-rs {machine['locust-rs']}" if machine else "",
    }


def _result_lines(result: dict[str, Any]) -> list[str]:
    lines = [f"{one['state']:<11} {one['threshold']}  {one['outcome']}".rstrip() for one in result["thresholds"]]
    titles = ("endpoint", "requests", "failed", "per second", "average", "median", "95 %", "99 %", "max")
    rows = [
        [
            f"{row['method']} {row['name']}".strip(),
            f"{row['requests']:,}",
            f"{row['failures']:,}",
            f"{row['rate']:,.1f}",
            ms_text(row["average_ms"]),
            *(ms_text(row["percentiles_ms"][fraction]) for fraction in ("0.5", "0.95", "0.99")),
            ms_text(row["max_ms"]),
        ]
        for row in [*result["endpoints"], result["total"]]
    ]
    return [*([""] if lines else []), *lines, "", table(titles, rows, tuple(range(1, 9)))]
