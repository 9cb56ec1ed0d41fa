"""What a job of GitHub Actions shows: annotations for what failed, and the summary of the step."""

from __future__ import annotations

from typing import Any

MOST_ANNOTATIONS = 10
"""GitHub shows this many of a kind for each step."""

MOST_SUMMARY_BYTES = 1024 * 1024
"""GitHub shows no summary of a step that is longer."""


def annotation_lines(results: dict[str, Any]) -> list[str]:
    """The commands that annotate the run, one for each failure, to be printed on standard output."""
    problems = [
        (f"Threshold {one['state']}", f"{one['threshold']}: {one['outcome']}")
        for one in results["thresholds"]
        if one["state"] in ("failed", "not measured")
    ]
    comparison = results.get("comparison", {})
    if comparison.get("failed"):
        problems += [("Regression", f"{name}: {worse}") for name, worse in comparison["regressions"].items()]
        problems += [("Not compared", comparison["problem"])] if comparison["problem"] else []
    if not results["failures_are_judged"]:
        problems += [
            ("Failed requests", f"{one['occurrences']} x {one['method']} {one['name']}: {one['error']}")
            for one in sorted(results["errors"], key=lambda row: -row["occurrences"])
        ]
    problems += [("Exception in a task", f"{one['count']} x {one['message']}") for one in results["exceptions"]]
    warnings = [("Load generator", warning) for warning in results["generator"]["warnings"]]
    left_out = len(problems) - MOST_ANNOTATIONS
    if left_out > 0:
        problems[MOST_ANNOTATIONS - 1 :] = [("Load test", f"{left_out + 1} more failures: see the summary")]
    return [_command("error", *one) for one in problems] + [_command("warning", *one) for one in warnings]


def _command(kind: str, title: str, message: str) -> str:
    escaped_title = _escaped(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{kind} title={escaped_title}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def fitting_summary(text: str, room: int = MOST_SUMMARY_BYTES) -> str:
    """A summary that is not longer than GitHub shows; what is too much is cut at the end of a line."""
    encoded = text.encode()
    if len(encoded) <= room:
        return text
    note = "\n\nThe rest was too long to be shown.\n"
    kept = encoded[: max(0, room - len(note.encode()))].decode(errors="ignore")
    return kept.rpartition("\n")[0] + note
