"""Finds the calls that block the event loop: a thread looks at the Python stack while the loop does not respond.

All users share one thread. A user that sleeps outside gevent, computes, or waits in a C library delays all others, and
makes their response times too long.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import gevent
from gevent.monkey import get_original

HELD_S = 0.1
"""One call must block the loop for longer than this to be named."""

LOOK_EVERY_S = 0.02
"""How often the thread checks while the loop does not respond; a quarter as often otherwise."""

MOST_CALLS = 20
"""Places that are kept."""

_sleep = get_original("time", "sleep")
_start_thread = get_original("_thread", "start_new_thread")

_OURS = (os.path.dirname(os.path.dirname(__file__)), os.path.dirname(gevent.__file__))
_STANDARD_LIBRARY = sysconfig.get_path("stdlib")


@dataclass
class BlockingCall:
    """A place in the code that blocked the event loop.

    Attributes:
        where: `file:line in function`, of user code if there is any.
        longest_s: The longest time for which it blocked the loop.
        count: How often it did.
    """

    where: str
    longest_s: float
    count: int


@dataclass
class _Held:
    """A stay of one greenlet that is being watched."""

    root: FrameType
    since: float
    where: str


class BlockingCalls:
    """The calls of a run that blocked the event loop. The thread lives while `watched` does; `reset` begins a run."""

    def __init__(self) -> None:
        self.calls: dict[str, BlockingCall] = {}
        self.threads = 0
        """Threads that look: one while `watched`, and it ends soon afterwards."""
        self._told: set[str] = set()
        self._alive_at = time.monotonic()
        self._watched = 0

    @property
    def worst(self) -> BlockingCall | None:
        """The call that blocked the loop longest."""
        return max(self.calls.values(), key=lambda call: call.longest_s, default=None)

    def reset(self) -> None:
        """Forgets all calls."""
        self.calls = {}
        self._told = set()

    def take_new(self) -> list[BlockingCall]:
        """The calls that were found since this was called last."""
        new = [call for where, call in list(self.calls.items()) if where not in self._told]
        self._told.update(call.where for call in new)
        return new

    def loop_is_alive(self) -> None:
        """Called by the event loop several times in `HELD_S`."""
        self._alive_at = time.monotonic()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watches the current thread until the block ends."""
        self._watched += 1
        number = self._watched
        self.loop_is_alive()
        self.threads += 1
        _start_thread(self._look_for_ever, (get_original("threading", "get_ident")(), number))
        try:
            yield
        finally:
            self._watched += 1

    def _look_for_ever(self, thread_id: int, number: int) -> None:
        try:
            self._look_until_told(thread_id, number)
        finally:
            self.threads -= 1

    def _look_until_told(self, thread_id: int, number: int) -> None:
        held: _Held | None = None
        looked_at, cpu_s = time.monotonic(), time.process_time()
        while self._watched == number:
            _sleep(LOOK_EVERY_S if held else LOOK_EVERY_S * 4)
            # A thread that wakes up this late could not get the interpreter: one call has held it all the time.
            # If the process did not compute meanwhile, it waited for the machine instead.
            computed_s = time.process_time() - cpu_s
            deaf_s = min(time.monotonic() - looked_at - LOOK_EVERY_S * 4, computed_s)
            looked_at, cpu_s = time.monotonic(), time.process_time()
            if looked_at - self._alive_at < HELD_S / 2 and deaf_s < HELD_S:
                held = None
                continue
            frame = sys._current_frames().get(thread_id)
            held = self._look(frame, held, looked_at, deaf_s)
            del frame

    def _look(self, frame: FrameType | None, held: _Held | None, now: float, deaf_s: float) -> _Held | None:
        """Compares the thread's present place with the previous one, and stores a call that lasts too long."""
        if frame is None:
            return None
        root = _root(frame)
        if held is None or held.root is not root:
            held = _Held(root, now - max(deaf_s, 0.0), _place(frame))
        if held.where and now - held.since >= HELD_S:
            self._note(held.where, now - held.since)
        return held

    def _note(self, where: str, held_s: float) -> None:
        call = self.calls.get(where)
        if call is None:
            if len(self.calls) < MOST_CALLS:
                self.calls[where] = BlockingCall(where, held_s, 1)
            return
        if held_s < call.longest_s:
            call.count += 1
        call.longest_s = max(call.longest_s, held_s)


def _root(frame: FrameType) -> FrameType:
    """The greenlet's first frame."""
    while frame.f_back is not None:
        frame = frame.f_back
    return frame


def _place(frame: FrameType) -> str:
    """The innermost place outside the standard library and this package; empty if there is none."""
    at: FrameType | None = frame
    while at is not None and not _is_the_users(at.f_code.co_filename):
        at = at.f_back
    if at is None:
        return ""
    return f"{os.path.relpath(at.f_code.co_filename)}:{at.f_lineno} in {at.f_code.co_name}"


def _is_the_users(path: str) -> bool:
    return not path.startswith(_OURS) and (not path.startswith(_STANDARD_LIBRARY) or "site-packages" in path)
