"""The User classes of the nodes; runs under locust-rs and under stock Locust."""

import os
import time

from locust import FastHttpUser, constant, task

# Tells the target which node sent the request.
NODE = {"X-Node": str(os.getpid())}

# How long a task continues after its request, in seconds.
PAUSE_S = float(os.environ.get("PAUSE_S", "0"))


class Steady(FastHttpUser):
    wait_time = constant(0.02)
    weight = 3

    @task
    def slow(self):
        self.client.get("/slow", headers=NODE)
        time.sleep(PAUSE_S)


class Brisk(FastHttpUser):
    wait_time = constant(0.05)
    weight = 1

    @task
    def fast(self):
        self.client.get("/fast", headers=NODE)


class Single(FastHttpUser):
    wait_time = constant(0.1)
    fixed_count = 1

    @task
    def single(self):
        self.client.get("/single", headers=NODE)
