"""An earlier run as the measure of the present one: values for thresholds that say `baseline`."""

from __future__ import annotations

from dataclasses import replace

from locust_rs.history.groups import restore_groups
from locust_rs.history.model import KeptRun
from locust_rs.history.rows import restore
from locust_rs.thresholds.errors import nearest
from locust_rs.thresholds.model import Threshold
from locust_rs.thresholds.readings import Source, figure


class RunBaseline:
    """The statistics of a kept run.

    Args:
        kept: The run.

    Raises:
        HistoryError: Its statistics are damaged.
    """

    def __init__(self, kept: KeptRun) -> None:
        self._title = kept.run.title
        self._duration_s = kept.run.duration_s
        stats = restore(kept.rows)
        stats.groups = restore_groups(kept.parts)
        self._source = Source(stats)

    def value(self, threshold: Threshold) -> float | None:
        """The threshold's metric over the whole run, in its unit; None if it measured nothing of the kind."""
        whole = replace(threshold, window_s=None, after_s=0.0)
        return figure(whole, self._source, self._source.reading(whole, self._duration_s), None)

    def reason(self, threshold: Threshold) -> str:
        """The reason why a value is missing, and what to do about it."""
        selection = threshold.selection
        text = selection.text
        if selection.kind and self._source.statistics(selection) is None:
            hint = nearest(selection.group, self._source.groups(selection)).rstrip(".")
            return f"the baseline, {self._title}, has no requests of {selection.kind} {selection.group}{hint}"
        if text and not self._source.endpoints(selection):
            hint = nearest(text, self._source.names(selection)).rstrip(".")
            return f"the baseline, {self._title}, has no request called '{text}'{hint}"
        return f"the baseline, {self._title}, has measured nothing of this"


class NoBaseline:
    """Takes the place of an earlier run where there is none, so that a check that needs one fails instead of passing.

    Args:
        problem: Why there is none.
    """

    def __init__(self, problem: str) -> None:
        self._problem = problem

    def value(self, threshold: Threshold) -> None:
        """Never a value."""

    def reason(self, threshold: Threshold) -> str:
        """The reason why a value is missing."""
        return self._problem
