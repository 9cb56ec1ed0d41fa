"""Every exception that Locust raises itself, or that a scenario raises to steer the User it runs in."""

from typing import Any


class LocustError(Exception):
    """Something in the scenario or its use of Locust is wrong; the message says what."""


class ConfigurationError(LocustError):
    """What the user configured cannot be used: an option, a setting, a locustfile; the message says why.

    The command `locust` prints the message and exits with code 1.
    """


class ResponseError(Exception):
    """A response that counts as a failure."""


class CatchResponseError(Exception):
    """The failure that a `with … catch_response=True` block reported as plain text."""


class MissingWaitTimeError(LocustError):
    """Neither the TaskSet nor its User says how long to wait between tasks."""


class InterruptTaskSet(Exception):  # the name is Locust's
    """Ends the TaskSet it is raised in and hands control back to the parent.

    Args:
        reschedule: True makes the parent pick its next task at once; False makes it wait first.
    """

    def __init__(self, reschedule: bool = True) -> None:
        # Without arguments its text is empty, as that of the other exceptions here.
        self.reschedule = reschedule


class StopTest(Exception):
    """The test cannot go on; raised, for example, by a User that has no host."""


class StopUser(Exception):
    """Ends the User it is raised in, calling `on_stop`; the other Users go on."""


class RescheduleTask(Exception):
    """Raised in a task it is a `return`; in a TaskSet's flow it hands control to the parent."""


class RescheduleTaskImmediately(Exception):
    """Like `RescheduleTask`, and the next task starts without the wait time in between."""


class RPCError(Exception):
    """Master and worker could not talk."""


class RPCSendError(Exception):
    """A message could not be sent to a peer."""


class RPCReceiveError(Exception):
    """A received message was unusable.

    Args:
        addr: The identity of the peer that sent it, when it is known.
    """

    def __init__(self, *args: object, addr: Any = None) -> None:
        super().__init__(*args)
        self.addr = addr


class RunnerAlreadyExistsError(Exception):
    """An Environment has one runner in its life."""
