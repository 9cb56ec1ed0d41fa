"""`--processes`: forks workers after the locustfile has been imported, and ensures that none outlives its parent.

All children read from one pipe whose other end only the parent holds. When the parent ends, for whatever reason, the
read returns: the child shuts down, and is killed if that takes longer than `GRACE_S`.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from typing import Any

import gevent
import gevent.os
from gevent import monkey

logger = logging.getLogger("locust.main")

GRACE_S = 1.5
"""How long a child may take to shut down after its parent has ended."""

QUIT_WITHIN_S = 5.0
"""How long the parent waits for children that were told to quit."""

_POLL_S = 0.1

# Options that only the parent follows, with the values that a child gets instead.
_PARENT_ONLY: dict[str, Any] = {
    "processes": None,
    "master": False,
    "headless": False,
    "autostart": False,
    "run_time": None,
    "csv_prefix": None,
    "stats_history_enabled": False,
    "html_file": None,
    "json": False,
    "json_file": None,
    "print_stats": False,
}


class Children:
    """The forked workers. Owned by the parent."""

    def __init__(self, pids: list[int], alive: int) -> None:
        self.exit_codes: dict[int, int | None] = dict.fromkeys(pids)
        """Exit code by process id; None while it runs."""

        # Held open to show that the parent is alive; never written to.
        self._alive = alive

    @property
    def running(self) -> list[int]:
        """Process ids of the children that run; checks each of them."""
        for pid, known in self.exit_codes.items():
            if known is None:
                self.exit_codes[pid] = _exit_code_of(pid)
        return [pid for pid, code in self.exit_codes.items() if code is None]

    @property
    def worst_exit_code(self) -> int:
        """The highest exit code of the children."""
        return max((code or 0 for code in self.exit_codes.values()), default=0)

    def wait(self) -> None:
        """Returns when all have ended."""
        while self.running:
            gevent.sleep(_POLL_S)

    def terminate(self, within_s: float = QUIT_WITHIN_S, ask: bool = True) -> None:
        """Ends all children: asks, waits, kills.

        Args:
            within_s: How long they may take before they are killed.
            ask: Send SIGTERM; False if the master has told them to quit.
        """
        if ask:
            self._send(signal.SIGTERM)
        deadline = time.monotonic() + within_s
        while self.running and time.monotonic() < deadline:
            gevent.sleep(_POLL_S / 2)
        if self.running:
            logger.warning(f"{len(self.running)} worker processes did not end in time: killing them")
            self._send(signal.SIGKILL)
            self.wait()

    def _send(self, number: signal.Signals) -> None:
        for pid in self.running:
            os.kill(pid, number)


def fork_workers(options: Namespace) -> Children | None:
    """Forks the number of workers that `--processes` asks for.

    Returns:
        In the parent, the children. In each child None, and `options` are those of a worker.

    Ends the process with code 1 and a message if that is not possible.
    """
    count = _number_of_processes(options.processes)
    gc.collect()
    # Keeps the memory so far shared between processes: a collection would touch, and so copy, every page.
    gc.freeze()
    until_parent_ends, alive = os.pipe()
    pids: list[int] = []
    for _ in range(count):
        pid = gevent.os.fork() if hasattr(gevent.os, "fork") else os.fork()
        if pid == 0:
            os.close(alive)
            _become_worker(options, until_parent_ends)
            return None
        pids.append(pid)
    os.close(until_parent_ends)
    return Children(pids, alive)


def _number_of_processes(asked: int) -> int:
    if not hasattr(os, "fork"):
        _refuse("--processes is not supported on Windows: start one `locust --worker` per core instead.")
    if asked < -1:
        _refuse(f"Invalid --processes count {asked}: give the number of workers, or -1 for one per core.")
    return os.cpu_count() or 1 if asked == -1 else asked


def _refuse(message: str) -> None:
    sys.stderr.write(message + "\n")
    sys.exit(1)


def _become_worker(options: Namespace, until_parent_ends: int) -> None:
    # Ctrl-C reaches every process of the terminal; the parent shuts the children down in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not options.worker:
        # The master is the parent, so the child connects to the address on which it listens.
        options.master_host = "127.0.0.1" if options.master_bind_host in ("*", "") else options.master_bind_host
        options.master_port = options.master_bind_port
        # The children share the master's key file.
        options.forked_by_master = True
    for name, value in _PARENT_ONLY.items():
        setattr(options, name, value)
    options.worker = True
    _end_with_parent(until_parent_ends)


def _end_with_parent(until_parent_ends: int) -> None:
    start: Callable[..., Any] = monkey.get_original("_thread", "start_new_thread")
    sleep: Callable[[float], Any] = monkey.get_original("time", "sleep")

    def watch() -> None:
        os.read(until_parent_ends, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        sleep(GRACE_S)
        os.kill(os.getpid(), signal.SIGKILL)

    start(watch, ())


def _exit_code_of(pid: int) -> int | None:
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) % 256 if ended else None
