"""CPU seconds of one step of a ramp on a master; runs under locust-rs and under stock Locust.

Arguments: workers, classes, users per step, steps, "up" or "down". A step is a decision of the dispatcher and the spawn
messages that follow from it; there is no receiver, so ZeroMQ drops them. Prints a digest of the users that every worker
was told to run before and after.
"""

import hashlib
import json
import logging
import sys
import time
from argparse import Namespace

from locust import User
from locust.dispatch import UsersDispatcher
from locust.env import Environment
from locust.runners import WorkerNode

workers, classes, users_per_step, steps = map(int, sys.argv[1:5])
direction = sys.argv[5]
logging.disable()


class WithoutPauses(UsersDispatcher):
    """Takes its steps without waiting in between."""

    def new_dispatch(self, *args, **kwargs):
        super().new_dispatch(*args, **kwargs)
        self._wait_between_dispatch = 0


user_classes = [type(f"User{n:03}", (User,), {"weight": 1 + n % 5, "abstract": False}) for n in range(classes)]
options = Namespace(enable_rebalancing=False, tags=None, exclude_tags=None, expect_workers=1, custom=list("abcdef"))
environment = Environment(user_classes=user_classes, parsed_options=options, dispatcher_class=WithoutPauses)
runner = environment.create_master_runner("127.0.0.1", 0)
for number in range(workers):
    node = WorkerNode(f"host{number % 20}_{number:05}", heartbeat_liveness=10_000)
    runner.clients[node.id] = node


def told():
    return sorted(runner._users_dispatcher._users_on_workers.items())


few, many = users_per_step, users_per_step * (steps + 1)
start, target = (few, many) if direction == "up" else (many, few)
runner.start(start, start)
before = told()
started = time.process_time()
runner.start(target, users_per_step)
cpu_s = time.process_time() - started
digest = hashlib.sha256(json.dumps([before, told()], sort_keys=True).encode()).hexdigest()
print(json.dumps({"cpu_s": cpu_s / steps, "digest": digest}))
