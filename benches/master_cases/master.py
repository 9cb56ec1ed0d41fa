"""A master that receives reports; runs under locust-rs and under stock Locust.

Argument: a free port for the web UI. Prints the port for workers, and on SIGUSR1 its CPU seconds, workers and counted
requests. (Even a master that is too busy for anything else handles a signal.)
"""

import json
import logging
import resource
import signal
import sys

import gevent

from locust import User
from locust.env import Environment

logging.disable()
environment = Environment(user_classes=[type("Anyone", (User,), {"abstract": False})])
runner = environment.create_master_runner("127.0.0.1", 0)
environment.create_web_ui("127.0.0.1", int(sys.argv[1]))


def tell(*args):
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "workers": len(runner.clients),
        "requests": environment.stats.total.num_requests,
    }
    print(json.dumps(figures), flush=True)


signal.signal(signal.SIGUSR1, tell)
print(runner.server.port, flush=True)
while True:
    gevent.sleep(1)
