"""Users are made in slices: for a moment nobody else runs, and nothing looks for garbage among what is all new."""

from __future__ import annotations

import gc
import time

import gevent

SPAWN_SLICE_S = 0.01
"""How long users are made without letting anyone else run."""


class Slices:
    """A context in which many users are made; call `make_room` after each.

    New users are all alive. The cyclic garbage collector, which would walk them and everyone before them again
    and again, rests during a slice, and is itself again whenever others run.
    """

    def __enter__(self) -> Slices:
        self._begin()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._end()

    def make_room(self) -> None:
        """Lets others run if the slice is over."""
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
