"""The result as Markdown, as GitHub, GitLab and others show it."""

from __future__ import annotations

from typing import Any

MOST_ROWS = 200
"""Endpoints and errors in a table, the slowest and most frequent ones first: GitHub shows at most 1 MiB."""

LONGEST_CELL = 300

_MARKS = {"passed": "✅", "failed": "❌", "not measured": "⚠️"}


def markdown(results: dict[str, Any]) -> str:
    """The whole report."""
    run, total = results["run"], results["total"]
    mark = "✅ passed" if results["passed"] else "❌ failed"
    facts = [
        f"{total['requests']:,} requests",
        f"{total['failures']:,} failed ({total['fail_ratio']:.2%})",
        f"{total['rate']:,.1f}/s",
        f"{run['duration_s']:.1f} s",
        *([f"{run['users']:,} users"] if run["users"] else []),
        *([f"{run['workers']} workers"] if run["workers"] else []),
    ]
    target = f" against {cell(run['host'])}" if run["host"] else ""
    parts = [f"## Load test {mark}\n\n`{_code(run['locustfile'] or 'locust')}`{target}: {', '.join(facts)}\n"]
    parts += [f"> ⚠️ {cell(warning)}\n" for warning in results["generator"]["warnings"]]
    parts += [
        _thresholds(results),
        _comparison(results.get("comparison")),
        _endpoints(results),
        _errors(results),
        _exceptions(results),
    ]
    return "\n".join(part for part in parts if part)


def markdown_table(titles: list[str], rows: list[list[str]], numbers: int) -> str:
    """A table whose last `numbers` columns are aligned right."""
    lines = ["---"] * (len(titles) - numbers) + ["---:"] * numbers
    return "".join(f"| {' | '.join(cells)} |\n" for cells in [titles, lines, *rows])


def _thresholds(results: dict[str, Any]) -> str:
    rows = [
        [_MARKS.get(one["state"], "") + f" {one['state']}", f"`{_code(one['threshold'])}`", cell(one["outcome"])]
        for one in results["thresholds"]
    ]
    return "### Thresholds\n\n" + markdown_table(["", "threshold", "result"], rows, 0) if rows else ""


def _comparison(comparison: dict[str, Any] | None) -> str:
    """The endpoints that have become worse first."""
    if comparison is None:
        return ""
    text = "### Comparison with the baseline\n\n"
    if comparison["problem"]:
        text += f"> ⚠️ {cell(comparison['problem'])}\n\n"
    rows = []
    for one in comparison.get("endpoints", ()):
        name = f"{one['method']} {one['name']}".strip()
        worse = comparison["regressions"].get(name)
        rows.append(["❌ regression" if worse else "", f"`{_code(name)}`", cell(worse or one["finding"])])
    rows.sort(key=lambda row: not row[0])
    if not rows:
        return text
    return text + markdown_table(["", "endpoint", "finding"], rows[:MOST_ROWS], 0) + _left_out(len(rows), "endpoints")


def _endpoints(results: dict[str, Any]) -> str:
    rows = sorted(results["endpoints"], key=lambda row: -(row["percentiles_ms"]["0.95"] or 0))
    cells = [
        [
            f"`{_code((row['method'] + ' ' + row['name']).strip())}`",
            f"{row['requests']:,}",
            f"{row['failures']:,}",
            f"{row['rate']:,.1f}",
            *(_ms(row[key]) for key in ("average_ms",)),
            *(_ms(row["percentiles_ms"][fraction]) for fraction in ("0.5", "0.95", "0.99")),
            _ms(row["max_ms"]),
        ]
        for row in rows[:MOST_ROWS]
    ]
    if not cells:
        return "No requests were made.\n"
    titles = ["endpoint", "requests", "failed", "per second", "average ms", "median", "95 %", "99 %", "max"]
    return "### Endpoints\n\n" + markdown_table(titles, cells, 8) + _left_out(len(rows), "endpoints")


def _errors(results: dict[str, Any]) -> str:
    rows = sorted(results["errors"], key=lambda row: -row["occurrences"])
    cells = [
        [f"`{_code((row['method'] + ' ' + row['name']).strip())}`", cell(row["error"]), f"{row['occurrences']:,}"]
        for row in rows[:MOST_ROWS]
    ]
    if not cells:
        return ""
    return (
        "### Failures\n\n"
        + markdown_table(["endpoint", "error", "occurrences"], cells, 1)
        + _left_out(len(rows), "errors")
    )


def _exceptions(results: dict[str, Any]) -> str:
    rows = results["exceptions"]
    cells = [[cell(row["message"]), f"{row['count']:,}"] for row in rows[:MOST_ROWS]]
    return "### Exceptions\n\n" + markdown_table(["exception", "occurrences"], cells, 1) if cells else ""


def _left_out(count: int, what: str) -> str:
    return f"\n{count - MOST_ROWS} more {what} are left out.\n" if count > MOST_ROWS else ""


def _ms(time_ms: float | None) -> str:
    if time_ms is None:
        return "–"
    return f"{time_ms:,.0f}" if time_ms >= 100 else f"{time_ms:.1f}"


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= LONGEST_CELL else f"{one_line[:LONGEST_CELL]}…"


def cell(text: str) -> str:
    """Text without a meaning of its own in a table."""
    escaped = _short(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for character in "\\`*_[]|":
        escaped = escaped.replace(character, f"\\{character}")
    return escaped


def _code(text: str) -> str:
    """Text between backticks in a table."""
    return _short(text).replace("`", "'").replace("|", "\\|")
