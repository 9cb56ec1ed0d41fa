"""The time that a run takes: from its start or the end of its ramp, without pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gevent

from locust_rs._states import STATE_RUNNING, STATE_SPAWNING

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner


class RunTime:
    """Waits until a run has lasted as long as it should. Make it before the run starts.

    Args:
        runner: Runs the test.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        if runner.state not in (STATE_SPAWNING, STATE_RUNNING):
            runner.ramp_ended.clear()
            runner.limit_reached.clear()

    def wait(self, seconds: float | None) -> bool:
        """Waits until the run is over.

        Args:
            seconds: The run time; None: any.

        Returns:
            Whether the run time is over; False if all iterations of the run have ended.
        """
        runner = self._runner
        timer = gevent.spawn(self._wait_for, seconds) if seconds else None
        waited_for: list[Any] = [runner.limit_reached] if timer is None else [runner.limit_reached, timer]
        try:
            gevent.wait(waited_for, count=1)
            return not runner.limit_reached.is_set()
        finally:
            if timer is not None:
                timer.kill(block=False)

    def _wait_for(self, seconds: float) -> None:
        environment = self._runner.environment
        if environment.run_time_from_ramp_end:
            self._runner.ramp_ended.wait()
        environment.turnstile.wait_running(seconds)
