"""A master that obeys JSON lines on stdin and answers on stdout; runs under locust-rs and under stock Locust.

Arguments: JSON with `host` (target), `port`, and any parsed options.
"""

import json
import logging
import sys
import time
from argparse import Namespace

import gevent
import users
from gevent.fileobject import FileObject

from locust.env import Environment

settings = json.loads(sys.argv[1])
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
options = Namespace(**settings.get("options", {}))
environment = Environment(
    user_classes=[users.Steady, users.Brisk, users.Single],
    host=settings["host"],
    parsed_options=options if settings.get("options") is not None else None,
    stop_timeout=settings.get("stop_timeout"),
)
runner = environment.create_master_runner("127.0.0.1", settings["port"])
fired = []
for name in ("test_start", "test_stopping", "test_stop", "spawning_complete"):
    getattr(environment.events, name).add_listener(lambda _name=name, **kwargs: fired.append(_name))
if "on_report" in settings:
    reports = []

    def on_report(**kwargs):
        """Runs the code in the settings at the first report with requests."""
        if not reports and kwargs["data"]["stats"]:
            reports.append(kwargs["client_id"])
            exec(settings["on_report"], {"runner": runner, "gevent": gevent})

    environment.events.worker_report.add_listener(on_report)
received = []
heard = {}


def on_heartbeat(client_id, timestamp, **kwargs):
    """Stores the time of the latest heartbeat of each worker, and the longest interval between two."""
    now = time.monotonic()
    latest, longest = heard.get(client_id, (now, 0.0))
    heard[client_id] = now, max(longest, now - latest)


environment.events.heartbeat_sent.add_listener(on_heartbeat)
runner.register_message("hello", lambda environment, msg, **kwargs: received.append([msg.node_id, msg.data]))


def state():
    return {
        "state": runner.state,
        "users": runner.user_count,
        "classes": dict(runner.reported_user_classes_count),
        "workers": {
            node.id: {
                "state": node.state,
                "users": node.user_count,
                "lagging": getattr(node, "lagging", False),
                "longest_silence_s": heard.get(node.id, (0.0, 0.0))[1],
                "index": runner.get_worker_index(node.id),
            }
            for node in runner.clients.values()
        },
        "requests": environment.stats.total.num_requests,
        "failures": environment.stats.total.num_failures,
        "entries": {name: entry.num_requests for (name, _), entry in environment.stats.entries.items()},
        "per_second": sum(environment.stats.total.num_reqs_per_sec.values()),
        "rps": environment.stats.total.total_rps,
        "current_rps": environment.stats.total.current_rps,
        "current_p95_ms": environment.stats.total.get_current_response_time_percentile(0.95),
        "exceptions": [[row["count"], row["msg"]] for row in runner.exceptions.values()],
        "received": received,
        "events": fired,
    }


def reply(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


reply({"port": runner.server.port})
for line in FileObject(sys.stdin.fileno(), "r", close=False):
    command = json.loads(line)
    if command["do"] == "start":
        gevent.spawn(runner.start, command["users"], command["rate"])
        gevent.sleep(0)
    elif command["do"] == "stop":
        runner.stop()
    elif command["do"] == "send":
        runner.send_message(command["type"], command["data"], command.get("to"))
    elif command["do"] == "quit":
        runner.quit()
        reply(state())
        break
    reply(state())
