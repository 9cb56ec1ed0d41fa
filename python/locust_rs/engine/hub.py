"""One native engine per gevent hub, driven by that hub's loop.

The engine's poller is a descriptor that becomes readable when a socket is; one `io` watcher calls
`HttpEngine.dispatch`, which switches to the greenlets whose requests are finished. One timer follows the
nearest deadline. Nothing exists before the first request, and a forked child makes its own.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import gevent

from locust_rs import _core

_READ = 1  # libev's and libuv's flag for "readable"


class HubEngine:
    """The watchers of one engine. Lives as long as its hub; all calls happen in the hub's thread.

    The io watcher counts for the loop only while a greenlet waits for a response: an idle engine must not
    keep `gevent.wait()` from returning, and a waiting one must not look like a deadlock.
    """

    def __init__(self, hub: Any) -> None:
        self.hub = hub
        self.pid = os.getpid()
        self.core = _core.HttpEngine(hub, self._hold, self._arm)
        loop = hub.loop
        self._ready = loop.io(self.core.fileno(), _READ, ref=False)
        self._deadline = loop.timer(0.0, ref=False)
        self._ready.start(self.core.dispatch)

    def _hold(self, waiting: bool) -> None:
        self._ready.ref = waiting

    def _arm(self, seconds: float) -> None:
        self._deadline.stop()
        self._deadline.close()
        # The loop's own clock stands still while a callback runs: `update` starts the timer from now.
        self._deadline = self.hub.loop.timer(max(seconds, 0.001), ref=False)
        self._deadline.start(self.core.expire, update=True)

    def close(self) -> None:
        """Closes every connection and stops watching."""
        self._ready.stop()
        self._ready.close()
        self._deadline.stop()
        self._deadline.close()
        self.core.close()


class _Local(threading.local):
    """The engine of this thread. Real threads (gevent's pool) have hubs, and so engines, of their own."""

    engine: HubEngine | None = None


_local = _Local()


def current_engine() -> _core.HttpEngine:
    """The engine of the current hub; made if there is none yet, or only one from before a fork."""
    hub = gevent.get_hub()
    engine = _local.engine
    if engine is None or engine.hub is not hub or engine.pid != os.getpid():
        engine = _local.engine = HubEngine(hub)
    return engine.core


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_core.http_after_fork)
