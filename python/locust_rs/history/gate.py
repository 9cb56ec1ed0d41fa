"""The gate: compares a run that has ended with its baseline, and fails it if it is worse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from locust_rs.history.baseline import NoBaseline, RunBaseline
from locust_rs.history.choosing import choose, is_file
from locust_rs.history.compare import Comparison, compare
from locust_rs.history.comparison_text import console
from locust_rs.history.errors import HistoryError
from locust_rs.history.findings import as_plain
from locust_rs.history.model import KeptRun
from locust_rs.history.regressions import regressions, unjudged
from locust_rs.history.store import Store
from locust_rs.history.transfer import import_run

FIRST_RUN = (
    "there is no earlier run of this locustfile and profile that has passed. If this one is kept and passes otherwise, "
    "the next one is compared with it"
)


class Gate:
    """Judges the runs of a command against one baseline.

    Args:
        kept: The baseline; None if there is no earlier run.
        fails_on_regression: Whether a regression fails a run.
    """

    def __init__(self, kept: KeptRun | None, *, fails_on_regression: bool) -> None:
        self._kept = kept
        self._fails_on_regression = fails_on_regression
        self._comparison: Comparison | None = None
        self._worse: dict[str, str] = {}
        self._problem = "" if kept is not None else FIRST_RUN
        self.baseline = NoBaseline(FIRST_RUN) if kept is None else RunBaseline(kept)

    @property
    def failed(self) -> bool:
        """Whether the run is worse, or could not be compared. Never without `--fail-on-regression`."""
        return self._fails_on_regression and bool(self._worse or self._problem or self._comparison is None)

    def judge(self, kept: KeptRun) -> None:
        """Compares a run that has ended, and notes the result in it. Costs some milliseconds per endpoint."""
        if self._kept is not None:
            self._comparison, self._worse = None, {}
            self._compare(self._kept, kept)
        kept.run.result["comparison"] = self.result()
        # A run that merely had no predecessor, or one that does not tell a limit, can be one itself: a pipeline would
        # never get its baseline.
        kept.run.passed = _has_passed_otherwise(kept.run.result)
        if self.failed and self._kept is not None:
            kept.run.passed = kept.run.result["passed"] = False

    def _compare(self, before: KeptRun, after: KeptRun) -> None:
        try:
            self._comparison = compare(before, after)
        except HistoryError as error:
            self._problem = str(error)
            return
        self._worse = regressions(self._comparison)
        self._problem = unjudged(self._comparison)

    def result(self) -> dict[str, Any]:
        """The comparison as plain values, with `failed`, `problem` and `regressions`."""
        problem = self._problem or ("" if self._comparison is not None else "the run was not compared")
        plain = {} if self._comparison is None else as_plain(self._comparison)
        return {"failed": self.failed, "problem": problem, "regressions": self._worse, **plain}

    def lines(self) -> list[str]:
        """What the console shows at the end."""
        shown = [] if self._comparison is None else [console(self._comparison), ""]
        shown += [f"REGRESSION  {endpoint}  {worse}" for endpoint, worse in self._worse.items()]
        problem = self.result()["problem"]
        if problem:
            shown.append(f"{'ERROR' if self.failed else 'Not compared'}  {problem}")
        elif not self._worse:
            shown.append("No regression.")
        return ["", *"\n".join(shown).splitlines(), ""]


def _has_passed_otherwise(result: dict[str, Any]) -> bool:
    """Whether everything has passed but thresholds that have no limit, because the baseline does not tell it."""
    states = [threshold["state"] for threshold in result["thresholds"] if threshold["limit"] is not None]
    fails = result["exceptions"] or (result["errors"] and not result["failures_are_judged"])
    return not fails and all(state == "passed" for state in states)


def find_baseline(store: Store | None, name: str, locustfile: str, profile: str) -> KeptRun | None:
    """The run that `--baseline` means; None if that is `last` and there is none.

    Args:
        store: The history; None if there is none, and only a file can be meant.
        name: `last`, a tag, a number, or a file.
        locustfile: The name of the present one: `last` is one of the same.
        profile: Likewise.

    Raises:
        HistoryError: There is no such run, or it cannot be read.
    """
    if is_file(name):
        return import_run(Path(name))
    if store is None:
        raise HistoryError(f"'{name}' is looked up in the history: name its folder with --history, or name a file")
    if name != "last":
        return choose(store, name)
    found = store.last_passed(locustfile, profile)
    return None if found is None else store.load(found)
