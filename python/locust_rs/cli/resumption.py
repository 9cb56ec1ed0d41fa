"""Goes on with the run of a master that died, from its journal."""

from __future__ import annotations

import logging
import time
from argparse import Namespace
from typing import TYPE_CHECKING, Any

import gevent

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.runners import Runner
    from locust_rs.runners.master.journal import Journal

logger = logging.getLogger("locust.main")

WORKERS_RETURN_WITHIN_S = 15.0
"""How long a run waits for all workers that it had; after that it goes on with those that are there."""

AT_ONCE_S = 0.01


def is_due(runner: Runner) -> bool:
    """Whether this is a master whose journal has a run that has not ended."""
    journal: Journal | None = getattr(runner, "journal", None)
    return journal is not None and journal.pending is not None


def prepare(environment: Environment, options: Namespace) -> float:
    """Waits for the workers of the run, and sets the options to those that it had.

    Returns:
        Seconds for which the run has lasted.
    """
    runner: Any = environment.runner
    run: dict[str, Any] = runner.journal.pending
    requests = runner.stats.total.num_requests
    logger.info(
        f"Going on with the run that began at {time.strftime('%H:%M:%S', time.localtime(run['started_at']))}: "
        f"{run['users']} users, {requests} requests so far. Waiting for its {len(run['workers'])} workers"
    )
    deadline = time.monotonic() + WORKERS_RETURN_WITHIN_S
    while runner.worker_count < max(1, len(run["workers"])):
        if runner.worker_count and time.monotonic() > deadline:
            logger.warning(f"Only {runner.worker_count} of {len(run['workers'])} workers are back: going on with these")
            break
        gevent.sleep(0.1)
    environment.host = run["host"]
    options.num_users, options.spawn_rate, options.run_time = run["users"], run["rate"], run["run_time"]
    elapsed_s: float = runner.journal.elapsed_s
    logger.info(f"The run has lasted {elapsed_s:.1f} s")
    return elapsed_s


def resume_on_page(environment: Environment, options: Namespace) -> None:
    """Goes on with a run that the form of the web UI had started."""
    runner: Any = environment.runner
    picked_names = runner.journal.pending["picked"]
    elapsed_s = prepare(environment, options)
    assert environment.web_ui is not None
    swarm = environment.web_ui.swarm
    known = environment.available_user_classes or {}
    if picked := {name: known[name] for name in picked_names if name in known}:
        swarm.choose_user_classes(picked)
    swarm.resume(options.num_users, options.spawn_rate, rest_of(options.run_time, elapsed_s))
    advance_shape(runner, elapsed_s)


def advance_shape(runner: Runner, elapsed_s: float) -> None:
    """Sets the run time of the shape, which has just been started, to that of the run."""
    shape = runner.environment.shape_class
    if shape is not None and elapsed_s:
        shape.start_time -= elapsed_s


def rest_of(run_time_s: float | None, elapsed_s: float) -> float | None:
    """What is left of a run time; None if there is none."""
    return max(run_time_s - elapsed_s, AT_ONCE_S) if run_time_s else None
