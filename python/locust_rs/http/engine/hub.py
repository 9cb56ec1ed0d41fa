"""One native engine per gevent hub, driven by that hub's loop.

The engine's poller is a descriptor that becomes readable when a socket is; one `io` watcher calls
`HttpEngine.dispatch`, which switches to the greenlets whose requests are finished. One timer follows the
nearest deadline. Nothing exists before the first request, and a forked child makes its own.
"""

from __future__ import annotations

import os
from typing import Any

import gevent
from gevent.monkey import get_original

from locust_rs import _core

_READ = 1  # libev's and libuv's flag for "readable"


# Deadlines are seconds; connections that come and go must not make the timer fire all the time.
_FINEST_TIMER_SEC = 0.01


class HubEngine:
    """The watchers of one engine. Lives as long as its hub; all calls happen in the hub's thread.

    The io watcher counts for the loop only while a greenlet waits for a response: an idle engine must not
    keep `gevent.wait()` from returning, and a waiting one must not look like a deadlock.
    """

    def __init__(self, hub: Any) -> None:
        self.hub = hub
        self.core = _core.HttpEngine(hub, self._hold, self._arm, self._soon)
        loop = hub.loop
        self._ready = loop.io(self.core.fileno(), _READ, ref=False)
        self._deadline = loop.timer(0.0, ref=False)
        self._next_round = loop.timer(0.0)
        self._ready.start(self.core.dispatch)
        self._stopped = False

    def _hold(self, waiting: bool) -> None:
        if not self._stopped:
            self._ready.ref = waiting

    def _arm(self, seconds: float) -> None:
        if self._stopped:
            return
        self._deadline.stop()
        self._deadline.close()
        # The loop's own clock stands still while a callback runs: `update` starts the timer from now.
        self._deadline = self.hub.loop.timer(max(seconds, _FINEST_TIMER_SEC), ref=False)
        self._deadline.start(self.core.expire, update=True)

    def _soon(self) -> None:
        if self._stopped:
            self.hub.loop.run_callback(self.core.dispatch)
        else:
            # A callback of the loop would come before its timers, which waiting users depend on, time and again.
            self._next_round.start(self.core.dispatch)

    def stop_watching(self) -> None:
        """Takes the engine out of the loop."""
        self._stopped = True
        for watcher in (self._ready, self._deadline, self._next_round):
            watcher.stop()
            watcher.close()

    def close(self) -> None:
        """Closes every connection; requests on their way fail."""
        self.stop_watching()
        self.core.close()


# Of the thread, not of the greenlet as the patched class would have it. Threads of gevent's pool have hubs,
# and so engines, of their own.
_local = get_original("threading", "local")()


def hub_engine() -> HubEngine:
    """The engine of the current hub with its watchers; made if there is none yet."""
    hub = gevent.get_hub()
    engine: HubEngine | None = getattr(_local, "engine", None)
    if engine is None or engine.hub is not hub:
        if engine is not None:
            engine.close()
        engine = _local.engine = HubEngine(hub)
    return engine


def current_engine() -> _core.HttpEngine:
    """The native engine of the current hub."""
    return hub_engine().core


def waiting_greenlets() -> set[Any]:
    """The greenlets of the current hub that wait in the engine for a response."""
    engine: HubEngine | None = getattr(_local, "engine", None)
    if engine is None or engine.hub is not gevent.get_hub():
        return set()
    return set(engine.core.waiting_greenlets())


def _after_fork() -> None:
    """Leaves the parent's engine to the parent: its poller is shared, and polling here would steal events."""
    _core.http_after_fork()
    engine: HubEngine | None = getattr(_local, "engine", None)
    if engine is not None:
        del _local.engine
        # Not yet: until gevent has given the child a loop of its own, libuv would stop the parent's watchers.
        engine.hub.loop.run_callback(engine.stop_watching)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
