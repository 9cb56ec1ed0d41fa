"""A worker; runs under locust-rs and under stock Locust.

Arguments: JSON with `port`, `options`, and `tunables`, constants of `locust.runners` to overwrite.
"""

import ctypes
import json
import logging
import signal
import sys
import time
from argparse import Namespace

import gevent
import users

import locust.runners
from locust import events
from locust.env import Environment

settings = json.loads(sys.argv[1])
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
for name, value in settings.get("tunables", {}).items():
    setattr(locust.runners, name, value)
environment = Environment(
    user_classes=[users.Steady, users.Brisk, users.Single],
    events=events,
    parsed_options=Namespace(**settings["options"]) if settings.get("options") else None,
)
runner = environment.create_worker_runner("127.0.0.1", settings["port"])


def on_hello(environment, msg, **kwargs):
    environment.runner.send_message("hello", {"echo": msg.data, "index": environment.runner.worker_index})


def on_burn(environment, msg, **kwargs):
    end = time.monotonic() + msg.data
    while time.monotonic() < end:
        sum(range(1000))


def on_hold(environment, msg, **kwargs):
    """Holds the interpreter's lock, like a C function that computes, so that no Python thread runs."""
    ctypes.PyDLL(None).sleep(msg.data)


runner.register_message("hello", on_hello)
runner.register_message("burn", on_burn)
runner.register_message("hold", on_hold)


def leave(*args):
    # Stock workers only quit.
    gevent.spawn(getattr(runner, "leave", runner.quit))


gevent.signal_handler(signal.SIGTERM, leave)
print(runner.client_id, flush=True)
runner.greenlet.join()
environment.events.quitting.fire(environment=environment, reverse=True)
gevent.sleep(0.1)
runner.client.close(linger=1000)
