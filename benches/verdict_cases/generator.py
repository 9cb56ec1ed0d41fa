"""Runs users that compute in this process and prints what the generator says of itself as one JSON line.

    python generator.py HOST CLIENT SHARE WORK_MS SECONDS

CLIENT is `fast`, `http` or `own`. SHARE is the part of a core that the tasks' computing is to take: users wait
between tasks so long that it does; at 1 they don't wait at all.
"""

import http.client
import json
import random
import sys
import time
from urllib.parse import urlsplit

import gevent

from locust import FastHttpUser, HttpUser, User, constant, constant_throughput, task
from locust.env import Environment
from locust.log import setup_logging

host, client, share, work_ms, seconds = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:6])
# Few where little is to do: a client's first request makes its connection and is like no other.
USERS = 20 if share >= 0.5 else 4
OTHER_COST_MS = 0.1 if client == "fast" else 0.3
rate_per_user = 0.0 if share >= 1 else share * 1000 / (work_ms + OTHER_COST_MS) / USERS


class Computing(User):
    abstract = True
    wait_time = constant_throughput(rate_per_user) if rate_per_user else constant(0)

    def on_start(self):
        if rate_per_user:
            gevent.sleep(random.random() / rate_per_user)

    @task
    def one(self):
        self.send()
        end = time.perf_counter() + work_ms / 1000
        while time.perf_counter() < end:
            pass


class Fast(Computing, FastHttpUser):
    def send(self):
        self.client.get("/")


class Http(Computing, HttpUser):
    def send(self):
        self.client.get("/")


class Own(Computing):
    """A client as people write them: the standard library's, and the time taken around it."""

    def on_start(self):
        self.connection = http.client.HTTPConnection(urlsplit(self.host).netloc)
        super().on_start()

    def send(self):
        begun = time.perf_counter()
        self.connection.request("GET", "/")
        body = self.connection.getresponse().read()
        self.environment.events.request.fire(
            request_type="GET",
            name="/",
            response_time=(time.perf_counter() - begun) * 1000,
            response_length=len(body),
            exception=None,
            context={},
        )


user_class = {"fast": Fast, "http": Http, "own": Own}[client]
user_class.host = host
setup_logging("ERROR")
environment = Environment(user_classes=[user_class])
runner = environment.create_local_runner()
runner.start(USERS, spawn_rate=USERS, wait=True)
cpu_before_s, began_s = time.process_time(), time.perf_counter()
gevent.sleep(seconds)
cpu_share = (time.process_time() - cpu_before_s) / (time.perf_counter() - began_s)
environment.stop_timeout = 5
runner.stop()
gevent.sleep(1.1)
total, health = environment.stats.total, runner.health
print(
    json.dumps(
        {
            "requests": total.num_requests,
            "failures": total.num_failures,
            "mean_ms": total.total_response_time / max(1, total.num_requests),
            "said": health.inflation,
            "marked": health.inflated,
            "cpu_share": cpu_share,
        }
    )
)
