"""Shutdown: whatever ends a run sets `Stop.asked`, and the main greenlet then shuts everything down in order.

A signal acts in three stages. First it asks the run to end. If the event loop does not notice, because the code of
some user blocks it, that code is interrupted with KeyboardInterrupt. If that does not help either, the process exits
without cleanup. A second signal ends the process at once.

What follows a signal has a time limit: the stopping of the users always, handlers and files after Ctrl-C, because
then a person is waiting. A step that exceeds its limit is interrupted, and the next one begins.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from gevent import monkey
from gevent.event import Event

logger = logging.getLogger("locust.main")

LOOP_STUCK_AFTER_S = 1.5
"""How long the event loop may take to notice a signal."""

# Seconds after the signal, in addition to the stop timeout, at which a step is interrupted.
USERS_WITHIN_S = 3.8
HANDLERS_WITHIN_S = 4.2
FILES_WITHIN_S = 4.5
OVER_AFTER_S = 4.8
"""Seconds after which the process exits without cleanup."""

_LOOK_EVERY_S = 0.1

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Overdue(SystemExit):
    """A step of the shutdown exceeds its limit. A SystemExit, because gevent passes that on without printing it."""


class Interrupted(SystemExit):
    """A signal ends a process that has no run to shut down. Not a KeyboardInterrupt, which gevent would print."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.signal_name = signal.Signals(number).name


@dataclass(frozen=True)
class _Step:
    name: str
    within_s: float
    after_any_signal: bool


class Stop:
    """Collects requests to end a run, and runs the steps of the shutdown.

    Owned by the main greenlet; signal handlers and any greenlet may ask.
    """

    def __init__(self) -> None:
        self.asked = Event()
        self.signal_name: str | None = None
        """The signal that asked; None if something else did."""

        self.exit_code = 1
        """The exit code of a process whose shutdown takes too long."""

        self._stop_timeout_s: Callable[[], float] = lambda: 0.0
        self._signalled_at = 0.0
        self._running = False
        self._noticed = False
        self._step: _Step | None = None
        self._interrupting = False
        # The operating system's number: gevent's patched threads have numbers of their own.
        self._main_thread = _original("_thread", "get_ident")()

    def install(self) -> None:
        """Installs the signal handlers. Until `begin_run` each signal ends the process."""
        for name in SIGNALS:
            number = getattr(signal, name, None)
            # `nohup` makes the process ignore SIGHUP; that is kept.
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def begin_run(self, stop_timeout_s: Callable[[], float]) -> None:
        """From now on a signal asks the run to end instead of ending the process.

        Args:
            stop_timeout_s: Returns the stop timeout, which a worker learns from its master.
        """
        self._stop_timeout_s = stop_timeout_s
        self._running = True

    def wait(self) -> None:
        """Waits until something asks the run to end."""
        try:
            self.asked.wait()
        except KeyboardInterrupt:
            # The code of a user was interrupted; gevent raises that in the main greenlet.
            self.asked.set()
        self._noticed = True
        if self.signal_name in ("SIGTERM", "SIGHUP"):
            logger.info(f"Got {self.signal_name} signal")

    def carry_out(self, name: str, work: Callable[[], Any], within_s: float, *, after_any_signal: bool = False) -> bool:
        """Carries out one step of the shutdown.

        Args:
            name: Describes the step in the message if it takes too long.
            work: Called without arguments.
            within_s: Seconds after Ctrl-C, in addition to the stop timeout, at which it is interrupted.
            after_any_signal: The limit also holds after SIGTERM and SIGHUP. Without a signal there is no limit.

        Returns:
            Whether it finished; False if it was interrupted, which is logged.
        """
        try:
            self._step = _Step(name, within_s, after_any_signal)
            work()
        except Overdue:
            self._step = None
            waited_s = time.monotonic() - self._signalled_at
            logger.error(f"{name} did not end within {waited_s:.1f} s of {self.signal_name}: continuing without it")
            return False
        finally:
            self._step = None
        return True

    def seconds_left(self, within_s: float, otherwise: float) -> float:
        """The rest of `within_s` seconds after Ctrl-C; `otherwise` if there was no Ctrl-C."""
        if self.signal_name != "SIGINT":
            return otherwise
        return min(max(within_s - self._elapsed_s(), 0.0), otherwise)

    def _elapsed_s(self) -> float:
        waited_s = time.monotonic() - self._signalled_at
        return waited_s - self._stop_timeout_s() if self._noticed else waited_s

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if self._interrupting and number == signal.SIGINT:
            self._interrupting = False
            if not self._noticed:
                raise KeyboardInterrupt
            if self._step is not None:
                raise Overdue(1)
            return
        if not self._running:
            raise Interrupted(number)
        if self.signal_name is not None:
            _end_now(128 + number, f"Got {name} again: exiting at once\n")
        self.signal_name = name
        self._signalled_at = time.monotonic()
        self.asked.set()
        if name == "SIGINT" and sys.__stderr__:
            # Does not need the interpreter, so it also ends code that never releases it, and shows that code.
            with contextlib.suppress(OSError, ValueError):
                limit_s = OVER_AFTER_S + self._stop_timeout_s() + 0.1
                faulthandler.dump_traceback_later(limit_s, exit=True, file=sys.__stderr__)
        _in_thread(self._watch)

    def _watch(self, sleep: Callable[[float], Any]) -> None:
        while True:
            sleep(_LOOK_EVERY_S)
            step, elapsed_s = self._step, self._elapsed_s()
            if not self._noticed:
                if elapsed_s > OVER_AFTER_S:
                    _end_now(1, "The users did not stop in time: exiting without them\n")
                if elapsed_s > LOOP_STUCK_AFTER_S:
                    self._interrupt()
                continue
            is_limited = self.signal_name == "SIGINT" or (step is not None and step.after_any_signal)
            if is_limited and elapsed_s > OVER_AFTER_S:
                _end_now(self.exit_code, f"{step.name if step else 'Exiting'} took too long: exiting as it is\n")
            if is_limited and step is not None and elapsed_s > step.within_s:
                self._interrupt()

    def _interrupt(self) -> None:
        if hasattr(signal, "pthread_kill"):
            self._interrupting = True
            signal.pthread_kill(self._main_thread, signal.SIGINT)


def end_without_cleanup(code: int) -> None:
    """Exits although users are left that would keep the process running; only flushes what was printed."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


def _in_thread(function: Callable[[Callable[[float], Any]], None]) -> None:
    """Runs a function in an operating system thread, which continues while the event loop is blocked."""
    _original("_thread", "start_new_thread")(function, (_original("time", "sleep"),))


def _original(module: str, name: str) -> Callable[..., Any]:
    original: Callable[..., Any] = monkey.get_original(module, name)
    return original


def _end_now(code: int, message: str) -> None:
    # Not a buffered writer: the interrupted code may hold its lock. Non-blocking, because the reader of standard error
    # may have stopped reading.
    error_output = sys.__stderr__.fileno() if sys.__stderr__ else 2
    with contextlib.suppress(OSError):
        os.set_blocking(error_output, False)
        os.write(error_output, message.encode())
    with contextlib.suppress(OSError):
        # It may be a terminal that other processes write to as well.
        os.set_blocking(error_output, True)
    os._exit(code)
