"""Users that come, send one GET and end; or that stay and send many. Prints how much CPU time that took.

python visits.py KIND COUNT URL

KIND is `arrival` (an open model), `reused` (the same, with users that are taken over), `idle` (arrivals that send
nothing), `spawned` (`runner.spawn_users` of one user at a time; works under stock Locust too) or `stays` (GETs of users
that stay).
"""

import json
import sys
import time

import gevent

from locust import FastHttpUser
from locust.env import Environment
from locust.exception import StopUser

KIND, COUNT, URL = sys.argv[1], int(sys.argv[2]), sys.argv[3]
RATE = 20_000
"""Arrivals per second: as many as a core is meant to begin."""

AT_ONCE = 40
"""Users that are spawned before others run."""


class Visitor(FastHttpUser):
    host = URL
    ended = 0

    def visit(self):
        if KIND != "idle":
            self.client.get("/")

    def visit_once(self):
        self.visit()
        raise StopUser

    def on_stop(self):
        Visitor.ended += 1

    tasks = [visit_once if KIND == "spawned" else visit]


def until_ended(count):
    while Visitor.ended < count:
        gevent.sleep(0.05)
    assert Visitor.ended == count


def arrive(count):
    """As many arrivals as asked for; the rate is 0 after them, so that the test goes on."""
    expected = Visitor.ended + count
    Visitor.arrival_rate = [(0, RATE), (count / RATE, RATE), (0, 0), (3600, 0)]
    Visitor.arrival_reuses_users = KIND == "reused"
    runner.start(1, 1)
    until_ended(expected)
    runner.stop()
    counts = runner.arrivals.counts["Visitor"]
    assert (counts.begun, counts.dropped) == (count, 0)
    return count


def spawn(count):
    """As many users, each in a call of its own."""
    expected = Visitor.ended + count
    for number in range(count):
        runner.spawn_users({"Visitor": 1})
        if number % AT_ONCE == 0:
            gevent.sleep(0.01)
    until_ended(expected)
    return count


def stay(count):
    """Twenty users that send at least as many requests."""
    runner.start(20, 20)
    while environment.stats.total.num_requests < count:
        gevent.sleep(0.05)
    runner.stop()
    return environment.stats.total.num_requests


visit = {"spawned": spawn, "stays": stay}.get(KIND, arrive)
environment = Environment(user_classes=[Visitor])
environment.stop_timeout = 5
runner = environment.create_local_runner()
visit(400)
requests = environment.stats.total.num_requests
environment.stats.clear_all()
cpu_s = time.process_time()
visits = visit(COUNT)
cpu_s = time.process_time() - cpu_s
requests += environment.stats.total.num_requests
assert environment.stats.total.num_failures == 0
print(json.dumps({"cpu_s": cpu_s, "visits": visits, "requests": requests}))
