"""Keeps and judges the tests of a `locust` command: the history, and the gate against a baseline."""

from __future__ import annotations

import logging
from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from locust_rs.argument_parser.parser import SECRET_ARGUMENTS
from locust_rs.exception import ConfigurationError
from locust_rs.util.messages import see

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.history.gate import Gate
    from locust_rs.history.record import Recorder
    from locust_rs.history.store import Store

logger = logging.getLogger("locust.history")

_NO_PLACE = "No runs are kept: there is no place for them. The log of Locust says why"


@dataclass
class Keeping:
    """What a command does with its tests; all parts may be missing.

    Attributes:
        store: Where they are kept.
        reason: Why they are not kept, if they are not.
    """

    recorder: Recorder | None = None
    gate: Gate | None = None
    store: Store | None = None
    reason: str = ""

    def wait(self) -> None:
        """Waits until the tests that have ended are judged and written."""
        if self.recorder is not None:
            self.recorder.wait()


def start_keeping(environment: Environment, options: Namespace) -> Keeping:
    """Begins to keep and to judge the tests of an environment.

    Raises:
        ConfigurationError: The baseline cannot be used, or thresholds need one that nobody has named.
    """
    if options.worker:
        return Keeping()
    baseline = getattr(options, "baseline", None)
    fails_on_regression = getattr(options, "fail_on_regression", False)
    needing = next((check.threshold.text for check in environment.thresholds if check.threshold.relative), "")
    if needing and not (baseline or fails_on_regression):
        raise ConfigurationError(
            f"The threshold '{needing}' needs a baseline: name one with --baseline, such as 'last'"
        )
    is_off = getattr(options, "no_history", False)
    store = None if is_off and not (baseline or fails_on_regression) else _store(options)
    gate = None
    if baseline or fails_on_regression:
        gate = _gate(environment, store, baseline or "last", fails_on_regression=fails_on_regression)
    kept_in = None if is_off else store
    reason = "No runs are kept: Locust was started with --no-history" if is_off else _NO_PLACE
    if kept_in is None and gate is None:
        return Keeping(reason=reason)

    from locust_rs.history.record import Recorder

    is_asked = bool(getattr(options, "history_folder", None))
    judge = gate.judge if gate is not None else None
    recorder = Recorder(environment, kept_in, frozenset(SECRET_ARGUMENTS), is_asked=is_asked, judge=judge)
    recorder.watch()
    return Keeping(recorder, gate, kept_in, reason)


def _store(options: Namespace) -> Store | None:
    """The history; None, for which a line of the log says why, if there can be none."""
    try:
        from locust_rs.history.folder import history_file
        from locust_rs.history.store import Store

        return Store(history_file(getattr(options, "history_folder", None)))
    except ConfigurationError as error:
        problem = str(error)
    except ImportError as error:
        # Some builds of Python come without SQLite.
        problem = f"this Python has no {error.name}"
    logger.warning(f"This run is not kept in the history: {problem}. {see('run-not-kept')}")
    return None


def _gate(environment: Environment, store: Store | None, baseline: str, *, fails_on_regression: bool) -> Gate:
    from locust_rs.history.gate import Gate, find_baseline

    try:
        kept = find_baseline(store, baseline, environment.locustfile or "", environment.profile or "")
        gate = Gate(kept, fails_on_regression=fails_on_regression)
    except ConfigurationError as error:
        raise ConfigurationError(f"--baseline {baseline}: {error}") from None
    environment.thresholds.baseline = gate.baseline
    return gate
