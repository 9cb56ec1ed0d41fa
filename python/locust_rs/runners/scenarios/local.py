"""The scenarios of a test that runs in this process alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_rs.runners.scenarios.timetable import Timetable
from locust_rs.runners.users.roster import Roster

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner


class LocalScenarios(Timetable):
    """Lets the users run that are meant.

    They are in a roster of their own, so that a ramp of other classes and a scenario do not wait for each other.

    Args:
        runner: Runs the test.
    """

    def __init__(self, runner: Runner) -> None:
        self._roster = Roster(runner)
        super().__init__(runner, self._roster.aim)

    def end(self) -> None:
        """Starts and stops no users any more."""
        self._roster.make_no_more()
        super().end()
