"""The one way down: whatever ends a run sets `Stop.asked`, and the main greenlet then takes everything down.

Signals are noticed in three steps. The first one asks. If the event loop does not even notice, because some
user's code never gives way, that code is interrupted with KeyboardInterrupt. If that does not help either, or
stopping takes too long, the process ends as it is. A second signal ends it at once.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from gevent import monkey
from gevent.event import Event

logger = logging.getLogger("locust.main")

LOOP_STUCK_AFTER_S = 1.5
"""So long may the event loop take to notice a signal."""

STOPPED_WITHIN_S = 4.5
"""So long may stopping the users take, beside the stop timeout."""

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Stop:
    """What asks a run to end. Owned by the main greenlet; signal handlers and any greenlet may ask."""

    def __init__(self) -> None:
        self.asked = Event()
        self.signal_name: str | None = None
        """The signal that asked, if it was one."""

        self.stop_timeout_s = 0.0
        self._running = False
        self._noticed = False
        self._stopped = False
        self._interrupt_code = False
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
        self.stop_timeout_s = stop_timeout_s
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

    def users_have_stopped(self) -> None:
        """What is left, writing files, may take its time."""
        self._stopped = True

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if self._interrupt_code and not self._noticed:
            self._interrupt_code = False
            raise KeyboardInterrupt
        if not self._running:
            # Not KeyboardInterrupt, which gevent would print.
            raise SystemExit(128 + number)
        if self.signal_name is not None:
            _end_now(128 + number, f"Got {name} again: exiting at once\n")
        self.signal_name = name
        self.asked.set()
        _in_thread(self._watch)

    def _watch(self, sleep: Callable[[float], Any]) -> None:
        sleep(LOOP_STUCK_AFTER_S)
        if not self._noticed and hasattr(signal, "pthread_kill"):
            self._interrupt_code = True
            signal.pthread_kill(self._main_thread, signal.SIGINT)
        sleep(STOPPED_WITHIN_S - LOOP_STUCK_AFTER_S)
        if self._noticed:
            sleep(self.stop_timeout_s)
        if not self._stopped:
            _end_now(1, "The users did not stop in time: exiting without them\n")


def _in_thread(function: Callable[[Callable[[float], Any]], None]) -> None:
    """Runs a function in a thread of the system, which goes on while the event loop stands still."""
    _original("_thread", "start_new_thread")(function, (_original("time", "sleep"),))


def _original(module: str, name: str) -> Callable[..., Any]:
    original: Callable[..., Any] = monkey.get_original(module, name)
    return original


def _end_now(code: int, message: str) -> None:
    # No buffered writer: the code that was interrupted may hold its lock.
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, message.encode())
    os._exit(code)
