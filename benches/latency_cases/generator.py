"""Runs paced users in this process and prints what they measured as one JSON line. Works under stock Locust too.

    python generator.py HOST USERS TASKS_PER_SECOND_OF_A_USER SECONDS WORK_US

A rate of 0 means users without wait time. After each response a task computes for WORK_US microseconds.
"""

import json
import random
import sys
import time

import gevent

from locust import FastHttpUser, constant, constant_throughput, task
from locust.env import Environment
from locust.log import setup_logging

host, users, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
work_s = int(sys.argv[5]) / 1e6


class Paced(FastHttpUser):
    wait_time = constant_throughput(rate) if rate else constant(0)

    def on_start(self):
        if rate:  # not all at the same moment, again and again
            gevent.sleep(random.random() / rate)

    @task
    def get(self):
        self.client.get("/")
        if work_s:
            end = time.perf_counter() + work_s
            while time.perf_counter() < end:
                pass


Paced.host = host
setup_logging("WARNING")
environment = Environment(user_classes=[Paced])
runner = environment.create_local_runner()
samples_ms = []
failures = []


def keep(response_time, exception, **_):
    samples_ms.append(response_time)
    if exception:
        failures.append(repr(exception))


environment.events.request.add_listener(keep)
runner.start(users, spawn_rate=users, wait=True)
gevent.sleep(1)
counted_before_s = time.process_time(), time.perf_counter(), len(samples_ms)
gevent.sleep(seconds)
cpu_s = time.process_time() - counted_before_s[0]
wall_s = time.perf_counter() - counted_before_s[1]
window = sorted(samples_ms[counted_before_s[2] :])
environment.stop_timeout = 2
runner.stop()
print(
    json.dumps(
        {
            "requests": len(samples_ms),
            "recorded": environment.stats.total.num_requests,
            "failures": failures[:3],
            "cpu_share": cpu_s / wall_s,
            "rate": len(window) / wall_s,
            "median_ms": window[len(window) // 2],
            "p99_ms": window[int(len(window) * 0.99)],
        }
    )
)
