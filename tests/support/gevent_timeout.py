"""Lets pytest-timeout end a test whose greenlets wait or compute for ever.

Left alone, it raises where the alarm finds the process: in the hub, which prints the exception and waits on, or in
whatever greenlet computes, which dies of it while the test passes. Here the exception is thrown into the greenlet
that runs the test.
"""

from __future__ import annotations

import signal
from typing import Any

import gevent
import pytest
from gevent.util import print_run_info

AGAIN_AFTER_S = 60
"""When the clean-up of a test that was ended hangs as well."""


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: Any, settings: Any) -> bool | None:
    """Sets the alarm of a test; leaves it to pytest-timeout where there are no alarms."""
    if settings.method != "signal":
        return None
    test = gevent.getcurrent()

    def end_the_test(_signal: int, _frame: Any) -> None:
        __tracebackhide__ = True
        print_run_info()
        error = pytest.fail.Exception(f"Timeout (>{settings.timeout} s)")
        if gevent.getcurrent() is test:
            raise error
        test.throw(error)

    def cancel() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)

    item.cancel_timeout = cancel
    signal.signal(signal.SIGALRM, end_the_test)
    signal.setitimer(signal.ITIMER_REAL, settings.timeout, AGAIN_AFTER_S)
    return True
