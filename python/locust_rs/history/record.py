"""Keeps the tests of an environment: a row when one begins, all of it when it has ended.

The event loop only takes what is in memory. SQLite, compression and files belong to a real thread, and a greenlet waits
for it: what they cost is no response time of anybody.
"""

from __future__ import annotations

import logging
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs.ci.results import run_results
from locust_rs.history.about import about_run, shown_without_secrets, without_credentials
from locust_rs.history.errors import HistoryError
from locust_rs.history.groups import PART as GROUPS
from locust_rs.history.groups import kept_groups
from locust_rs.history.model import FINISHED, KeptRun, Run
from locust_rs.history.rows import row_of
from locust_rs.history.store import Store
from locust_rs.history.transfer import export_run
from locust_rs.stats import sort_stats
from locust_rs.util.threads import in_thread
from locust_rs.web.report_args import circumstances

if TYPE_CHECKING:
    from gevent import Greenlet

    from locust_rs.env import Environment

logger = logging.getLogger("locust.history")

PAGE = "page"
"""The part that has what the page shows beside statistics and result; `taken_s` is when it was taken."""


def present_run(environment: Environment, run: Run) -> KeptRun:
    """The run of an environment as it stands, without waiting for anything."""
    stats = environment.stats
    run.result = run_results(environment)
    run.passed = run.result["passed"]
    run.host = run.result["run"]["host"] = without_credentials(environment.host or "")
    run.profile = environment.profile or ""
    run.state = FINISHED
    entries = [entry for entry in sort_stats(stats.entries) if entry.num_requests or entry.num_failures]
    groups = kept_groups(stats)
    parts = {**_page(environment), **({GROUPS: groups} if groups else {})}
    return KeptRun(run, [row_of(stats.total), *map(row_of, entries)], parts)


def _page(environment: Environment) -> dict[str, Any]:
    if environment.runner is None:
        return {}
    try:
        page = circumstances(environment, environment.runner)
    except Exception:
        # Locustfiles may have classes and arguments whose like nobody has thought of; the run itself is kept.
        logger.exception("The course of this run is not kept in the history: it cannot be read")
        return {}
    page["parameters"] = shown_without_secrets(page["parameters"])
    return {PAGE: {**page, "history": list(page["history"]), "taken_s": time.time()}}


def new_run(environment: Environment) -> Run:
    """A run that begins now."""
    return Run(
        uid=uuid.uuid4().hex,
        started_s=time.time(),
        locustfile=environment.locustfile or "",
        profile=environment.profile or "",
        host=without_credentials(environment.host or ""),
    )


class Recorder:
    """Keeps each test that an environment runs. Owned by the main greenlet of a local node or a master.

    What goes wrong is told in one line, and changes neither the test nor the exit code.

    Args:
        environment: Its events tell when a test begins and ends.
        store: Where the runs are kept; None: they are only judged.
        secret: Names of the arguments whose values are not kept.
        is_asked: Whether somebody has named the folder, so that its failure calls for more than a line.
        judge: Called with each run that has ended, before it is kept, in the thread that keeps it.
    """

    def __init__(
        self,
        environment: Environment,
        store: Store | None,
        secret: frozenset[str],
        *,
        is_asked: bool,
        judge: Callable[[KeptRun], None] | None = None,
    ) -> None:
        self._environment = environment
        self._judge = judge
        self._store = store
        self._secret = secret
        self._is_asked = is_asked
        self._run: Run | None = None
        self._has_begun = False
        self._problem = ""
        self._at_work: Greenlet[..., None] | None = None

    def watch(self) -> None:
        """From now on tests are kept."""
        self._environment.events.test_start.add_listener(self._on_test_start)
        self._environment.events.test_stop.add_listener(self._on_test_stop)

    def wait(self) -> None:
        """Waits until everything is written."""
        if self._at_work is not None:
            self._at_work.join()

    def _on_test_start(self, **_: Any) -> None:
        self._run = run = new_run(self._environment)
        store = self._store
        if store is not None:
            self._in_turn(lambda: self._begin(store, run))

    def _on_test_stop(self, **_: Any) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        try:
            kept = present_run(self._environment, run)
        except Exception:
            # Locustfiles may put statistics of their own in place of ours.
            logger.exception("This run is not kept in the history: its statistics cannot be read")
            return
        self._in_turn(lambda: self._end(kept))

    def _in_turn(self, work: Callable[[], None]) -> None:
        before = self._at_work

        def after_the_last() -> None:
            if before is not None:
                before.join()
            work()

        self._at_work = gevent.spawn(after_the_last)

    def _begin(self, store: Store, run: Run) -> None:
        self._has_begun, self._problem = False, ""
        try:
            in_thread(lambda: self._keep_begun(store, run))
            self._has_begun = True
        except HistoryError as error:
            self._tell(store, error)

    def _end(self, kept: KeptRun) -> None:
        judge, store = self._judge, self._store
        try:
            if judge is not None:
                in_thread(lambda: judge(kept))
        finally:
            if store is not None:
                self._finish(store, kept)

    def _finish(self, store: Store, kept: KeptRun) -> None:
        try:
            in_thread(lambda: store.finish(kept))
            logger.debug(f"Kept as run {kept.run.number} in {store.path}")
        except HistoryError as error:
            self._tell(store, error)
            self._keep_beside(store, kept)

    def _keep_begun(self, store: Store, run: Run) -> None:
        run.about = about_run(self._environment, self._secret)
        store.begin(run)

    def _keep_beside(self, store: Store, kept: KeptRun) -> None:
        """Writes the run to a file of its own, so that it is not lost with the history."""
        folders = [store.path.parent]
        if self._has_begun or self._is_asked:
            folders.append(Path(tempfile.gettempdir()))
        for folder in folders:
            path = folder / f"locust-rs-run-{kept.run.uid[:12]}.json.gz"
            try:
                in_thread(lambda path=path: export_run(kept, path))  # type: ignore[misc]
            except OSError:
                continue
            logger.warning(f"It is in {path} instead; 'locust-rs runs import {path}' takes it in later")
            return

    def _tell(self, store: Store, error: HistoryError) -> None:
        problem = f"This run is not kept in the history: {error}"
        # What was told at the beginning is not told again at the end. A home that cannot be written to, as in a
        # container, matters only if somebody has asked for a history.
        if problem != self._problem:
            is_fault = self._is_asked or store.path.exists()
            logger.log(logging.WARNING if is_fault else logging.INFO, problem)
        self._problem = problem
