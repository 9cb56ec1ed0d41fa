"""A master that receives reports and says what that cost; runs under our own and under stock Locust.

Arguments: workers to wait for, seconds to measure. Prints its port, later CPU seconds, the requests it has counted
and how long `GET /stats/requests` took.
"""

import json
import logging
import resource
import sys
import time
import urllib.request

import gevent
from locust import User
from locust.env import Environment

workers, seconds = int(sys.argv[1]), float(sys.argv[2])
logging.disable()
environment = Environment(user_classes=[type("Anyone", (User,), {"abstract": False})])
runner = environment.create_master_runner("127.0.0.1", 0)
print(runner.server.port, flush=True)


def cpu_s():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


deadline = time.monotonic() + 120
while len(runner.clients) < workers and time.monotonic() < deadline:
    gevent.sleep(0.05)
connected = len(runner.clients)
gevent.sleep(4)
requests, started, spent = environment.stats.total.num_requests, time.monotonic(), cpu_s()
gevent.sleep(seconds)
spent, elapsed = cpu_s() - spent, time.monotonic() - started
print(
    json.dumps(
        {
            "workers": connected,
            "cpu_per_s": spent / elapsed,
            "requests_per_s": (environment.stats.total.num_requests - requests) / elapsed,
            "alive": sum(node.state != "missing" for node in runner.clients.values()),
        }
    ),
    flush=True,
)
