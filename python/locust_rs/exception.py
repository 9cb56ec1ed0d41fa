"""The exceptions that Locust raises, and those that a scenario raises to control its User."""

from typing import Any


class LocustError(Exception):
    """The scenario, or its use of Locust, is wrong; the message says what."""


class ConfigurationError(LocustError):
    """An option, a setting or a locustfile cannot be used; the message says why.

    The command `locust` prints the message and exits with code 1.
    """


class ResponseError(Exception):
    """A response that counts as a failure."""


class CatchResponseError(Exception):
    """A failure that a `with … catch_response=True` block reported as text."""


class MissingWaitTimeError(LocustError):
    """Neither the TaskSet nor its User defines how long to wait between tasks."""


class InterruptTaskSet(Exception):  # the name is Locust's
    """Ends the TaskSet it is raised in and returns control to the parent.

    Args:
        reschedule: True makes the parent pick its next task at once; False makes it wait first.
    """

    def __init__(self, reschedule: bool = True) -> None:
        # Not passed on to Exception, so its text is empty like that of the other exceptions here.
        self.reschedule = reschedule


class StopTest(Exception):
    """The test cannot continue; raised, for example, by a User without a host."""


class StopUser(Exception):
    """Ends the User it is raised in and calls its `on_stop`; other Users continue."""


class RescheduleTask(Exception):
    """Ends the current task, like `return`; out of a TaskSet it returns control to the parent."""


class RescheduleTaskImmediately(Exception):
    """Like `RescheduleTask`, but the next task starts without the wait time in between."""


class RPCError(Exception):
    """Communication between master and worker failed."""


class RPCSendError(Exception):
    """A message could not be sent."""


class RPCReceiveError(Exception):
    """A received message is invalid.

    Args:
        addr: The identity of the peer that sent it, if it is known.
    """

    def __init__(self, *args: object, addr: Any = None) -> None:
        super().__init__(*args)
        self.addr = addr


class RunnerAlreadyExistsError(Exception):
    """The Environment has a runner already; it can have only one in its life."""
