"""The HTTP engine under gevent: one per hub, made on first use and again after a fork.

`client.make_client` makes a client; `errors` holds what its requests raise; `hub` ties the native engine to gevent's
loop; `recording` tells where requests may be recorded natively. `docs/engine.md` explains which requests it serves.
"""

from __future__ import annotations

import os

from locust_rs import _core

__all__ = ["enabled"]

_OFF = ("off", "0", "false", "no")


def enabled() -> bool:
    """Whether requests may use the engine: the platform supports it, and LOCUST_HTTP_ENGINE does not say `off`."""
    return _core.http_engine_available() and os.getenv("LOCUST_HTTP_ENGINE", "").strip().lower() not in _OFF
