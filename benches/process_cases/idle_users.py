"""Spawns idle users in this process and prints the cost of one. Works under stock Locust too.

python idle_users.py CLASS COUNT [URL]

CLASS is HttpUser or FastHttpUser. With a URL each user requests it once before it waits.
"""

import gc
import json
import sys
import time
from pathlib import Path

import gevent

import locust
from locust.env import Environment

PAGE_BYTES = 4096


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


URL = sys.argv[3] if len(sys.argv) > 3 else None


class Idle(getattr(locust, sys.argv[1])):
    host = URL or "http://127.0.0.1:9"
    wait_time = locust.constant(3600)

    def on_start(self):
        if URL:
            self.client.get("/")

    @locust.task
    def nothing(self):
        pass


def ramp_up(users):
    """Starts users and waits until all of them wait; the few polls cost almost nothing."""
    runner.start(users, spawn_rate=users)
    while runner.user_count < users or environment.stats.total.num_requests < (users if URL else 0):
        gevent.sleep(0.05)
    gevent.sleep(1)


count = int(sys.argv[2])
environment = Environment(user_classes=[Idle])
runner = environment.create_local_runner()
ramp_up(10)
gc.collect()
memory, cpu_s = resident_bytes(), time.process_time()
ramp_up(10 + count)
cpu_s = time.process_time() - cpu_s
gc.collect()
memory = resident_bytes() - memory
total = environment.stats.total
assert (total.num_requests, total.num_failures) == ((10 + count if URL else 0), 0)
print(json.dumps({"memory_bytes": memory / count, "cpu_s": cpu_s / count}))
