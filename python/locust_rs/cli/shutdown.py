"""The one way down: whatever ends a run sets `Stop.asked`, and the main greenlet then takes everything down.

Signals are noticed in three steps. The first one asks. If the event loop does not even notice, because some
user's code never gives way, that code is interrupted with KeyboardInterrupt. If that does not help either, the
process ends as it is. A second signal ends it at once.

What follows a signal has a limit: the stopping of the users always, handlers and files after Ctrl-C, where
someone sits and waits. A step that is over its limit is interrupted, and the next one begins.
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
"""So long may the event loop take to notice a signal."""

# Seconds after the signal, beside the stop timeout, at which a step is interrupted.
USERS_WITHIN_S = 3.8
HANDLERS_WITHIN_S = 4.2
FILES_WITHIN_S = 4.5
OVER_AFTER_S = 4.8
"""Then the process ends as it is."""

_LOOK_EVERY_S = 0.1

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Overdue(SystemExit):
    """A step of the way down is over its limit. A SystemExit, which gevent passes on and does not print."""


@dataclass(frozen=True)
class _Step:
    name: str
    within_s: float
    after_any_signal: bool


class Stop:
    """What asks a run to end. Owned by the main greenlet; signal handlers and any greenlet may ask."""

    def __init__(self) -> None:
        self.asked = Event()
        self.signal_name: str | None = None
        """The signal that asked, if it was one."""

        self.exit_code = 1
        """What the process ends with when the way down takes too long."""

        self._stop_timeout_s = 0.0
        self._signalled_at = 0.0
        self._running = False
        self._noticed = False
        self._step: _Step | None = None
        self._interrupting = False
        # Of the system: gevent's patched threads have numbers of their own.
        self._main_thread = _original("_thread", "get_ident")()

    def install(self) -> None:
        """Takes the signals over. Until `begin_run` each of them ends the process."""
        for name in SIGNALS:
            number = getattr(signal, name, None)
            # `nohup` has SIGHUP ignored; that stays.
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def begin_run(self, stop_timeout_s: float) -> None:
        """From now on a signal asks the run to end instead of ending the process."""
        self._stop_timeout_s = stop_timeout_s
        self._running = True

    def wait(self) -> None:
        """Returns when something has asked."""
        try:
            self.asked.wait()
        except KeyboardInterrupt:
            # A user's code was interrupted; gevent hands that to the main greenlet.
            self.asked.set()
        self._noticed = True
        if self.signal_name in ("SIGTERM", "SIGHUP"):
            logger.info(f"Got {self.signal_name} signal")

    def carry_out(self, name: str, work: Callable[[], Any], within_s: float, *, after_any_signal: bool = False) -> bool:
        """Does one step of the way down.

        Args:
            name: What does it, for the message when it takes too long.
            work: Called without arguments.
            within_s: Seconds after Ctrl-C, beside the stop timeout, at which it is interrupted.
            after_any_signal: The limit holds after SIGTERM and SIGHUP as well. Without a signal there is none.

        Returns:
            Whether it came to its end; False: it was interrupted, and a message says so.
        """
        try:
            self._step = _Step(name, within_s, after_any_signal)
            work()
        except Overdue:
            self._step = None
            waited_s = time.monotonic() - self._signalled_at
            logger.error(f"{name} did not end within {waited_s:.1f} s of {self.signal_name}: going on without")
            return False
        finally:
            self._step = None
        return True

    def seconds_left(self, within_s: float, otherwise: float) -> float:
        """What is left of `within_s` seconds after Ctrl-C; `otherwise` if there was none."""
        if self.signal_name != "SIGINT":
            return otherwise
        return min(max(within_s - self._elapsed_s(), 0.0), otherwise)

    def _elapsed_s(self) -> float:
        waited_s = time.monotonic() - self._signalled_at
        return waited_s - self._stop_timeout_s if self._noticed else waited_s

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
            # Not KeyboardInterrupt, which gevent would print.
            raise SystemExit(128 + number)
        if self.signal_name is not None:
            _end_now(128 + number, f"Got {name} again: exiting at once\n")
        self.signal_name = name
        self._signalled_at = time.monotonic()
        self.asked.set()
        if name == "SIGINT" and sys.__stderr__:
            # Needs no Python, so it also ends code that never lets go of the interpreter; shows what it was.
            with contextlib.suppress(OSError, ValueError):
                limit_s = OVER_AFTER_S + self._stop_timeout_s + 0.1
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
    """Ends the process where users are left that would keep it: what was printed is there, nothing else is done."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


def _in_thread(function: Callable[[Callable[[float], Any]], None]) -> None:
    """Runs a function in a thread of the system, which goes on while the event loop stands still."""
    _original("_thread", "start_new_thread")(function, (_original("time", "sleep"),))


def _original(module: str, name: str) -> Callable[..., Any]:
    original: Callable[..., Any] = monkey.get_original(module, name)
    return original


def _end_now(code: int, message: str) -> None:
    # No buffered writer: the code that was interrupted may hold its lock. Nor may a reader of the standard error
    # that has stopped reading keep the process.
    error_output = sys.__stderr__.fileno() if sys.__stderr__ else 2
    with contextlib.suppress(OSError):
        os.set_blocking(error_output, False)
        os.write(error_output, message.encode())
    with contextlib.suppress(OSError):
        # It may be a terminal, which others write to as well.
        os.set_blocking(error_output, True)
    os._exit(code)
