"""A worker's and a master's side of a report; run with stock's interpreter and with ours.

`exchange.py pack` reads requests as JSON and writes the message of a worker in hexadecimal; `exchange.py merge` reads
such messages as JSON and writes the statistics of a master that received them.
"""

import json
import sys
import time
from types import SimpleNamespace

import msgpack

from locust.event import EventHook
from locust.stats import RequestStats, setup_distributed_stats_event_listeners, sort_stats

NOW = 1_700_000_000.0


def at(moment):
    time.time = lambda: moment


def pack(requests):
    at(NOW)
    stats = RequestStats()
    events = SimpleNamespace(report_to_master=EventHook(), worker_report=EventHook())
    setup_distributed_stats_event_listeners(events, stats)
    for position, (method, name, time_ms, length, error) in enumerate(requests):
        at(NOW + position / 10)
        stats.log_request(method, name, time_ms, length)
        if error is not None:
            stats.log_error(method, name, ValueError(error))
    at(NOW + 3)
    if hasattr(stats, "recorder"):
        [filler] = events.report_to_master._handlers
        return filler.pack("w", 2, {"Shopper": 2}).hex()
    data = {}
    events.report_to_master.fire(client_id="w", data=data)
    data["user_count"], data["user_classes_count"] = 2, {"Shopper": 2}
    return msgpack.dumps(("stats", data, "w")).hex()


def merge(frames):
    at(NOW)
    stats = RequestStats()
    events = SimpleNamespace(report_to_master=EventHook(), worker_report=EventHook())
    setup_distributed_stats_event_listeners(events, stats)
    for frame in map(bytes.fromhex, frames):
        at(NOW + 3)
        if hasattr(stats, "recorder"):
            from locust.stats.distributed import read_stats_message

            [merger] = events.worker_report._handlers
            merger.merge(read_stats_message(frame))
        else:
            _, data, client_id = msgpack.loads(frame, raw=False, strict_map_key=False)
            events.worker_report.fire(client_id=client_id, data=data)
    rows = [stats.total, *sort_stats(stats.entries)]
    return {"rows": [row.serialize() for row in rows], "errors": stats.serialize_errors()}


if __name__ == "__main__":
    work = {"pack": pack, "merge": merge}[sys.argv[1]]
    json.dump(work(json.load(sys.stdin)), sys.stdout)
