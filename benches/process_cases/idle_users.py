"""Spawns idle users in this process and prints what one costs. Works under stock Locust too.

python idle_users.py CLASS COUNT        CLASS: HttpUser or FastHttpUser
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


class Idle(getattr(locust, sys.argv[1])):
    host = "http://127.0.0.1:9"
    wait_time = locust.constant(3600)

    @locust.task
    def nothing(self):
        pass


def ramp_up(users):
    """Starts users and waits until all of them wait; the few polls cost next to nothing."""
    runner.start(users, spawn_rate=users)
    while runner.user_count < users:
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
print(json.dumps({"memory_bytes": memory / count, "cpu_s": cpu_s / count}))
