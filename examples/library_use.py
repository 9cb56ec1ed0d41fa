"""A load test run from a Python program: `python library_use.py http://127.0.0.1:8080`."""

import sys

import gevent

from locust import FastHttpUser, constant, task
from locust.env import Environment
from locust.log import setup_logging
from locust.stats import stats_history, stats_printer


class Visitor(FastHttpUser):
    wait_time = constant(1)

    @task
    def home(self):
        self.client.get("/")


def run(host: str, users: int = 10, seconds: float = 10) -> int:
    """Runs the test; returns the number of failed requests."""
    setup_logging("INFO")
    environment = Environment(user_classes=[Visitor], host=host)
    runner = environment.create_local_runner()
    gevent.spawn(stats_printer(environment.stats))
    gevent.spawn(stats_history, runner)
    runner.start(users, spawn_rate=users)
    gevent.sleep(seconds)
    runner.quit()
    return environment.stats.total.num_failures


if __name__ == "__main__":
    sys.exit(1 if run(sys.argv[1]) else 0)
