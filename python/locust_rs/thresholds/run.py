"""The thresholds of an environment: declared before the run, evaluated during it, judged after it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from locust_rs.thresholds.check import Check, State
from locust_rs.thresholds.declared import DECLARED
from locust_rs.thresholds.groups import check_group, unknown_group
from locust_rs.thresholds.model import Metric, Selection, Threshold
from locust_rs.thresholds.parser import parse
from locust_rs.thresholds.readings import Source
from locust_rs.thresholds.values import value_text

if TYPE_CHECKING:
    from locust_rs.env import Environment

logger = logging.getLogger("locust.thresholds")


class Baseline(Protocol):
    """An earlier run, of which thresholds ask for values."""

    def value(self, threshold: Threshold) -> float | None:
        """The threshold's metric over that whole run, in its unit; None if it measured nothing of the kind."""

    def reason(self, threshold: Threshold) -> str:
        """The reason why a value is missing, and what to do about it."""


class Thresholds:
    """The thresholds of an environment; `environment.thresholds`.

    The runner of a local test or a master looks at them every second; a worker does not.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.baseline: Baseline | None = None
        """What thresholds mean by `baseline`; looked up when a test begins."""

        self.checks: list[Check] = []
        """One for each threshold, in the order of declaration."""
        self.has_begun = False
        self._begun_at = 0.0
        self._stopped_at: float | None = None
        self._requests = 0

    def __len__(self) -> int:
        return len(self.checks)

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks)

    def add(self, *texts: str) -> None:
        """Adds thresholds, such as `p95(GET /cart) < 300ms`; one that is there already is not added again.

        Raises:
            ThresholdError: One of them is malformed; none was added.
        """
        known = {check.threshold.text for check in self.checks}
        new = {threshold.text: threshold for threshold in map(parse, texts) if threshold.text not in known}
        self.checks += map(Check, new.values())

    def replace(self, texts: list[str]) -> None:
        """Puts others in place of all thresholds.

        Raises:
            ThresholdError: One of them is malformed; nothing was changed.
        """
        self.checks = [Check(threshold) for threshold in {one.text: one for one in map(parse, texts)}.values()]

    def add_declared(self) -> None:
        """Adds those that the locustfile has declared with `locust.thresholds.add`."""
        self.add(*DECLARED)

    def check_groups(self) -> None:
        """Checks that all classes and tags that they name are in the test.

        Raises:
            ThresholdError: One is not.
        """
        for check in self.checks:
            check_group(check.threshold, self._environment.group_names)

    # -- a test's life, as the runner tells it -----------------------------------------------------------------

    def begin(self) -> None:
        """A test begins: forgets the one before."""
        self.checks = [self._begun(check.threshold) for check in self.checks]
        self._begun_at = time.time()
        self._stopped_at = None
        self._requests = 0
        self.has_begun = True

    def _begun(self, threshold: Threshold) -> Check:
        if problem := unknown_group(threshold.selection, self._environment.group_names):
            logger.error(f"The threshold {threshold.text} can't be judged: {problem}")
            return Check(threshold, problem)
        if threshold.relative is None:
            return Check(threshold)
        if self.baseline is None:
            return Check(threshold, "there is no baseline: name one with --baseline")
        value = self.baseline.value(threshold)
        if value is None:
            return Check(threshold, self.baseline.reason(threshold))
        return Check(threshold.with_baseline(value))

    def restart(self) -> None:
        """The statistics were reset: what was counted before is gone."""
        self._requests = 0
        for check in self.checks:
            check.restart(time.time() - self._begun_at)

    def stopping(self) -> None:
        """The users are told to stop: from now on nothing is expected of the target."""
        if self._stopped_at is None:
            self._stopped_at = time.time()

    def look(self, lag_s: int = 0) -> Check | None:
        """Evaluates all of them.

        Args:
            lag_s: How many of the latest seconds are not counted completely yet.

        Returns:
            The first one that is broken and ends the run.
        """
        if self._stopped_at is not None or not self.has_begun:
            return None
        self._notice_reset()
        now, source = time.time(), self._source()
        for check in self.checks:
            was_broken = check.state is State.BROKEN
            check.look(source, now - self._begun_at, int(now), lag_s)
            if check.state is State.BROKEN and not was_broken:
                self._tell(check)
        return next((one for one in self.checks if one.threshold.aborts and one.state is State.BROKEN), None)

    def close(self) -> None:
        """Judges all of them, once the last report has come in. May be called again."""
        self.stopping()
        source = self._source()
        for check in self.checks:
            if not check.is_over:
                check.close(source, self.run_time_s)

    @property
    def kinds(self) -> set[str]:
        """Whether they ask for requests by "class" or by "tag"."""
        return {check.threshold.selection.kind for check in self.checks} - {""}

    @property
    def failed(self) -> bool:
        """Whether the run is over and a threshold does not hold, or could not be measured."""
        return any(check.state in (State.FAILED, State.UNMEASURED) for check in self.checks)

    @property
    def begun_at(self) -> float:
        """When the test began, in seconds since the epoch; moments of its thresholds are counted from then."""
        return self._begun_at

    @property
    def run_time_s(self) -> float:
        """Seconds from the beginning of the test to its end, or until now."""
        if not self.has_begun:
            return 0.0
        return (self._stopped_at or time.time()) - self._begun_at

    @property
    def judge_failures(self) -> bool:
        """Whether one of them says how many requests may fail in all, so that a single failure is none of the run."""
        return any(
            check.threshold.metric is Metric.FAILURES and check.threshold.selection == Selection()
            for check in self.checks
        )

    def _source(self) -> Source:
        runner = self._environment.runner
        exceptions = sum(int(row["count"]) for row in runner.exceptions.values()) if runner is not None else 0
        health = runner.health if runner is not None else None
        return Source(self._environment.stats, health, exceptions, self.has_begun, self._environment.metrics)

    def _notice_reset(self) -> None:
        requests = self._environment.stats.total.num_requests
        if requests < self._requests:
            self.restart()
        self._requests = requests

    def _tell(self, check: Check) -> None:
        threshold = check.threshold
        if (threshold.holds_throughout or threshold.aborts) and check.value is not None:
            logger.warning(f"Threshold broken: {threshold.text} (now {value_text(threshold, check.value)})")
