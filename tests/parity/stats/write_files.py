"""Writes the four CSV files of some requests, and their JSON to the standard output.

Run with stock's interpreter and with ours.

Arguments: the base path, and `full` or `short` for the history. Reads requests as JSON. The clock is fixed.
"""

import json
import sys
import time
from types import SimpleNamespace

import gevent

import locust.stats as stats_module

NOW = 1_700_000_000.0


def main():
    base, history = sys.argv[1:]
    stats = stats_module.RequestStats()
    time.time = lambda: NOW
    stats.clear_all()
    for position, (method, name, time_ms, length, error) in enumerate(json.load(sys.stdin)):
        time.time = lambda position=position: NOW + position / 5
        stats.log_request(method, name, time_ms, length)
        if error is not None:
            stats.log_error(method, name, error)
    exceptions = {1: {"count": 3, "msg": 'a "b", c', "traceback": "one\ntwo", "nodes": {"local"}}}
    runner = SimpleNamespace(stats=stats, user_count=4, exceptions=exceptions, state="running")
    environment = SimpleNamespace(stats=stats, runner=runner)
    stats_module.CSV_STATS_INTERVAL_SEC = 3600
    writer = stats_module.StatsCSVFileWriter(
        environment, stats_module.PERCENTILES_TO_REPORT, base, full_history=history == "full"
    )
    greenlet = gevent.spawn(writer)
    gevent.sleep(0)
    greenlet.kill()
    writer.close_files()
    stats_module.print_stats_json(stats)


main()
