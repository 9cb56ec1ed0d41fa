"""The turnstile that every iteration passes: it holds users while the test is paused, and counts towards a limit.

An iteration is one execution of a task function. A nested TaskSet is none, but each of its tasks is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import monotonic
from typing import TYPE_CHECKING, Any

from gevent.event import Event

from locust_rs.exception import StopUser
from locust_rs.user.intended_start import postpone
from locust_rs.user.lifecycle import (
    LOCUST_STATE_RUNNING,
    LOCUST_STATE_STOPPING,
    LOCUST_STATE_WAITING,
    WAIT_ENDS,
)

if TYPE_CHECKING:
    from locust_rs.user.base import User
    from locust_rs.user.taskset import TaskSet


def _nothing() -> None:
    """Called where nobody watches."""


class Turnstile:
    """Lets iterations of one environment's users begin. The runner opens and shuts it; users pass in their greenlets.

    While `is_watched` is False, users pass without a call, so a test without limit and pause costs one attribute.
    """

    def __init__(self) -> None:
        self.is_watched = False
        """Whether iterations have to pass one by one, because of a limit, a pause or their tags."""
        self.is_paused = False
        self.granted: int | None = None
        """Iterations that may begin in all, on this node; None: any number."""
        self.is_final = False
        """Whether no more will be granted, so that a user who finds nothing left ends."""
        self.around_task: Callable[[Any], AbstractContextManager[None]] = nullcontext
        """Makes the context in which a task is executed; takes effect when a test begins."""
        self.begun = 0
        self.ended = 0
        self._opened = Event()
        self._paused = Event()
        self._opened.set()
        self._held_s = 0.0
        self._paused_at: float | None = None
        self._when_short: Callable[[], None] = _nothing
        self._when_done: Callable[[], None] = _nothing

    @property
    def is_short(self) -> bool:
        """Whether a limit lets no further iteration begin."""
        return self.granted is not None and self.begun >= self.granted

    @property
    def held_s(self) -> float:
        """How long the test has been paused so far."""
        return self._held_s + (monotonic() - self._paused_at if self._paused_at is not None else 0.0)

    @property
    def is_done(self) -> bool:
        """Whether all iterations that were granted have ended."""
        return self.is_short and self.ended == self.begun

    def begin(self, granted: int | None, *, is_final: bool = True) -> None:
        """Begins a test, which is not paused.

        Args:
            granted: Iterations that may begin; None: any number.
            is_final: Whether that is all this node will get.
        """
        self.begun = self.ended = 0
        self.granted, self.is_final = granted, is_final
        self.resume()
        self._held_s = 0.0

    def watch(self, when_short: Callable[[], None], when_done: Callable[[], None]) -> None:
        """Sets what is called when a user finds nothing left, and when the last iteration granted has ended."""
        self._when_short, self._when_done = when_short, when_done

    def grant(self, granted: int) -> None:
        """Changes how many iterations may begin in all."""
        self.granted = granted
        self._let_go()

    def pause(self) -> None:
        """Lets no iteration begin until `resume`; those that have begun go on."""
        self.is_paused = self.is_watched = True
        if self._paused_at is None:
            self._paused_at = monotonic()
        self._opened.clear()
        self._paused.set()

    def resume(self) -> None:
        """Ends a pause."""
        self._held_s, self._paused_at = self.held_s, None
        self.is_paused = False
        self.is_watched = self.granted is not None or self.around_task is not nullcontext
        self._paused.clear()
        self._let_go()

    def admits(self, user: User) -> bool:
        """Lets a user start, after the pause if there is one.

        Returns:
            False if nothing is left for it to do.

        Raises:
            StopUser: It is stopped while it is held.
        """
        while self.is_paused:
            self._hold(user, user)
        return not (self.is_short and self.is_final)

    @contextmanager
    def iteration(self, holder: User | TaskSet, task: Any = None) -> Iterator[None]:
        """The context of one iteration, which begins when it may.

        Args:
            holder: The task set that runs it, or a user without any.
            task: What it executes.

        Raises:
            StopUser: No iteration is left, or the user is stopped while it is held.
        """
        self._await_turn(holder)
        self.begun += 1
        try:
            with self.around_task(task):
                yield
        finally:
            self.ended += 1
            if self.is_done:
                self._when_done()

    def await_resume(self, holder: TaskSet) -> None:
        """Holds a user during a pause, before what is no iteration of its own: a nested set.

        Raises:
            StopUser: The user is stopped while it is held.
        """
        while self.is_paused:
            self._hold(holder._user, holder)

    def _await_turn(self, holder: User | TaskSet) -> None:
        while self.is_paused or self.is_short:
            if not self.is_paused:
                if self.is_final:
                    raise StopUser()
                self._opened.clear()
                self._when_short()
            self._hold(_user_of(holder), holder)

    def wait_running(self, seconds: float) -> None:
        """Returns when the test has gone on for `seconds`, not counting pauses."""
        while seconds > 0:
            while self.is_paused:
                self._opened.wait()
            began = monotonic()
            self._paused.wait(timeout=seconds)
            seconds -= monotonic() - began

    def _let_go(self) -> None:
        if not self.is_paused:
            self._opened.set()

    def _hold(self, user: User, holder: User | TaskSet) -> None:
        """Holds a user until something changes; the stop of a test ends it at once, as during a wait."""
        if user._state == LOCUST_STATE_STOPPING:
            raise StopUser()
        user._state = LOCUST_STATE_WAITING
        began = monotonic()
        self._opened.wait()
        if user._state == WAIT_ENDS:
            user._state = LOCUST_STATE_STOPPING
            raise StopUser()
        user._state = LOCUST_STATE_RUNNING
        held_s = monotonic() - began
        postpone(held_s)
        _shift_pace(holder, held_s)


NEVER_WATCHED = Turnstile()
"""For users without an Environment of ours, such as those of other programs' tests."""


def turnstile_of(user: User) -> Turnstile:
    """The turnstile that a user passes."""
    turnstile = getattr(user.environment, "turnstile", None)
    return turnstile if isinstance(turnstile, Turnstile) else NEVER_WATCHED


def _user_of(holder: Any) -> User:
    user: User = getattr(holder, "_user", holder)
    return user


def _shift_pace(holder: Any, held_s: float) -> None:
    """Moves the intended starts of a user, and of the sets that it runs, so that the time it was held is no delay."""
    while holder is not None:
        holder._cp_last_run += held_s
        holder = getattr(holder, "_parent", None)
