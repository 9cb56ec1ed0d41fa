"""Many simulated workers in one process, each with a connection of its own.

Arguments: port, number of the first worker, workers, endpoints, requests per endpoint and report, "ours" or "stock".
Answers each line on its standard input with what its workers have done (JSON); the line "look" also begins to count
anew which workers were acknowledged. Ends when all workers have quit, or when standard input ends.
"""

from __future__ import annotations

import json
import select
import sys
import time
from typing import Any

import zmq
from reports import Reports
from worker import Totals, Worker

SLICES_PER_S = 20
VISITS_PER_S = 2
"""How often a worker reads its messages."""

REPORT_INTERVAL_S = 3
REGISTER_AGAIN_S = 5


class Workers:
    """The workers of this process."""

    def __init__(self, port: int, first: int, count: int, reports: Reports, *, stock: bool) -> None:
        self._context = zmq.Context()
        self._context.set(zmq.MAX_SOCKETS, count + 10)
        self.totals = Totals()
        self._all: list[Worker] = []
        for number in range(first, first + count):
            node_id = f"simulated_{number:06}"
            self._all.append(Worker(self._context, port, node_id, reports, self.totals, stock=stock))
            self._all[-1].register()
        self._look_anew()

    def _look_anew(self) -> None:
        self.totals.silent = {worker.node_id for worker in self._all}

    def live(self) -> None:
        """Lets the workers do what is due, until they have quit."""
        began, tick = time.monotonic(), 0
        while not all(worker.has_quit for worker in self._all):
            self._do_slice(tick)
            tick += 1
            if not self._answer(max(0.0, began + tick / SLICES_PER_S - time.monotonic())):
                return

    def _do_slice(self, tick: int) -> None:
        for worker in self._due(tick, SLICES_PER_S // VISITS_PER_S):
            worker.obey()
        for worker in self._due(tick, SLICES_PER_S):
            worker.beat()
        for worker in self._due(tick, SLICES_PER_S * REPORT_INTERVAL_S):
            worker.report()
        for worker in self._due(tick, SLICES_PER_S * REGISTER_AGAIN_S):
            worker.register_again()

    def _due(self, tick: int, every: int) -> list[Worker]:
        """The workers that do now what each of them does once in so many slices."""
        return self._all[tick % every :: every]

    def _answer(self, within_s: float) -> bool:
        """Answers one line, if one comes in time. Returns False at the end of standard input."""
        if not select.select([sys.stdin], [], [], within_s)[0]:
            return True
        asked = sys.stdin.readline()
        if asked.strip() == "look":
            self._look_anew()
        if asked:
            print(json.dumps(self._facts()), flush=True)
        return bool(asked)

    def _facts(self) -> dict[str, Any]:
        totals = self.totals
        return {
            "requests": totals.requests,
            "reports": totals.reports,
            "orders": totals.orders,
            "dropped": totals.dropped,
            "acknowledged": len(self._all) - len(totals.silent),
            "users": sum(sum(worker.users.values()) for worker in self._all),
            "quit": sum(worker.has_quit for worker in self._all),
        }

    def close(self) -> None:
        """Ends all connections, and prints what was done."""
        print(json.dumps(self._facts()), flush=True)
        for worker in self._all:
            worker.close()
        self._context.term()


def main() -> None:
    """Runs the workers."""
    port, first, count, endpoints, requests = map(int, sys.argv[1:6])
    stock = sys.argv[6] == "stock"
    workers = Workers(port, first, count, Reports(endpoints, requests, stock=stock), stock=stock)
    try:
        workers.live()
    finally:
        workers.close()


if __name__ == "__main__":
    main()
