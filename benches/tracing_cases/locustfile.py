"""GETs by the client that CLIENT names; the last line of output is the CPU time of the run, with its requests."""

import json
import os
import time

from locust import FastHttpUser, HttpUser, events, task

began = 0.0


class Getter({"http": HttpUser, "fast": FastHttpUser}[os.environ["CLIENT"]]):
    @task
    def get(self):
        self.client.get("/")


@events.test_start.add_listener
def start(**_):
    global began
    began = time.process_time()


@events.test_stop.add_listener
def stop(environment, **_):
    total = environment.stats.total
    spent = time.process_time() - began
    print(json.dumps({"cpu_s": spent, "requests": total.num_requests, "failures": total.num_failures}), flush=True)
