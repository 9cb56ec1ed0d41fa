"""Creates users in slices of time, in which no other greenlet runs and the garbage collector rests."""

from __future__ import annotations

import gc
import time

import gevent

SPAWN_SLICE_S = 0.01
"""How long users are created before other greenlets may run."""


class Slices:
    """A context in which many users are created; call `make_room` after each.

    New users are all alive, so the cyclic garbage collector would walk them again and again for nothing. It is
    disabled during a slice, and restored whenever other greenlets run.
    """

    def __enter__(self) -> Slices:
        self._begin()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._end()

    def make_room(self) -> None:
        """Lets other greenlets run if the slice is over."""
        if time.perf_counter() > self._ends:
            self._end()
            gevent.sleep(0)
            self._begin()

    def _begin(self) -> None:
        self._collects = gc.isenabled()
        gc.disable()
        self._ends = time.perf_counter() + SPAWN_SLICE_S

    def _end(self) -> None:
        if self._collects:
            gc.enable()
            self._collects = False
