"""Replays operations on `locust.stats` and prints every public number; run with stock's interpreter and with ours.

Reads JSON from standard input: a list of sequences, each a list of operations. Writes a list of observations.
"""

import csv
import io
import json
import sys
import time
from types import SimpleNamespace

import locust.stats as stats_module
from locust.exception import CatchResponseError

PROPERTIES = (
    *("fail_ratio", "avg_response_time", "median_response_time", "current_rps", "current_fail_per_sec"),
    *("total_rps", "total_fail_per_sec", "avg_content_length"),
)
ATTRIBUTES = (
    *("name", "method", "num_requests", "num_none_requests", "num_failures", "total_response_time"),
    *("min_response_time", "max_response_time", "total_content_length", "start_time", "last_request_timestamp"),
)
FRACTIONS = (0.0, 0.1, 0.25, 0.5, 0.66, 0.9, 0.95, 0.99, 0.999, 1.0)


class Replay:
    """A worker's and a master's statistics, with a clock that the operations set."""

    def __init__(self, native):
        self.now = 1_700_000_000.25
        time.time = lambda: self.now
        self.native = native
        self.worker = stats_module.RequestStats()
        self.master = stats_module.RequestStats()
        self.events = SimpleNamespace(report_to_master=Hook(), worker_report=Hook())
        stats_module.setup_distributed_stats_event_listeners(self.events, self.worker)
        self.master_events = SimpleNamespace(report_to_master=Hook(), worker_report=Hook())
        stats_module.setup_distributed_stats_event_listeners(self.master_events, self.master)
        self.seen = []

    def log(self, method, name, response_time, length):
        if self.native:
            self.worker.recorder.record(method, name, response_time, length, None, self.now)
        else:
            self.worker.log_request(method, name, response_time, length)

    def fail(self, method, name, response_time, length, kind, text):
        error = {"text": text, "value": ValueError(text), "catch": CatchResponseError(text)}[kind]
        if self.native:
            self.worker.recorder.record(method, name, response_time, length, error, self.now)
        else:
            self.worker.log_request(method, name, response_time, length)
            self.worker.log_error(method, name, error)

    def only_error(self, method, name, text):
        self.worker.log_error(method, name, text)

    def wait(self, seconds):
        self.now += seconds

    def reset(self):
        self.worker.reset_all()

    def clear(self):
        self.worker.clear_all()

    def set(self, method, name, attribute, value):
        setattr(self.worker.get(name, method), attribute, value)

    def count(self, method, name, bucket, more):
        self.worker.get(name, method).response_times[bucket] += more

    def report(self):
        data = {}
        self.events.report_to_master.fire(client_id="w", data=data)
        self.seen.append(copied({key: data[key] for key in ("stats", "stats_total", "errors")}))
        self.master_events.worker_report.fire(client_id="w", data=json.loads(json.dumps(data), object_hook=int_keys))

    def bucket(self, width):
        original = stats_module.bucket_response_time
        if width is None:
            stats_module.bucket_response_time = self.default_bucket
        else:
            self.default_bucket = getattr(self, "default_bucket", original)
            stats_module.bucket_response_time = lambda response_time: round(response_time / width) * width

    def observe(self):
        for stats in (self.worker, self.master):
            last = stats.last_request_timestamp
            if last is not None and self.now - last >= 12:
                # Current rates differ after a pause on purpose: ours are 0, stock's never change.
                stats.log_request("GET", "/", 1, 1)
            self.seen.append(observation(stats))


class Hook:
    """The least that the statistics need of an event."""

    def __init__(self):
        self.handlers = []

    def add_listener(self, handler):
        self.handlers.append(handler)

    def fire(self, **kwargs):
        for handler in self.handlers:
            handler(**kwargs)


def int_keys(mapping):
    return {int(key) if key.lstrip("-").isdigit() else key: value for key, value in mapping.items()}


def copied(values):
    """A copy of the present state: stock returns the dictionaries in which it keeps counting."""
    return json.loads(json.dumps(values))


def describe(row):
    seen = {name: getattr(row, name) for name in (*ATTRIBUTES, *PROPERTIES)}
    seen["response_times"] = list(row.response_times.items())
    for name in ("num_reqs_per_sec", "num_fail_per_sec"):
        # Ours are ordered by time, stock's by arrival.
        seen[name] = sorted(getattr(row, name).items())
    cache = row.response_times_cache
    seen["cache"] = None if cache is None else [[t, list(c[0].items()), c[1], c[2]] for t, c in cache.items()]
    seen["percentiles"] = [row.get_response_time_percentile(fraction) for fraction in FRACTIONS]
    seen["current"] = [row.get_current_response_time_percentile(fraction) for fraction in FRACTIONS]
    seen["dict"], seen["serialized"] = list(row.to_dict(True).items()), copied(row.serialize())
    seen["strings"] = [row.to_string(), row.to_string(current=False)]
    seen["line"] = row.percentile() if row.num_requests else None
    return seen


def observation(stats):
    runner = SimpleNamespace(stats=stats, user_count=7, exceptions={}, state="running")
    stats_module.update_stats_history(runner)
    environment = SimpleNamespace(stats=stats, runner=runner)
    writer, files = stats_module.StatsCSV(environment, stats_module.PERCENTILES_TO_REPORT), []
    for name in ("requests_csv", "failures_csv", "exceptions_csv"):
        out = io.StringIO(newline="")
        getattr(writer, name)(csv.writer(out))
        files.append(out.getvalue())
    return {
        "rows": [describe(row) for row in stats_module.sort_stats(stats.entries)],
        "total": describe(stats.total),
        "errors": [[key, row.to_dict(), row.to_name(), row.serialize()] for key, row in stats.errors.items()],
        "sums": [stats.num_requests, stats.num_none_requests, stats.num_failures, stats.last_request_timestamp],
        "console": [
            stats_module.get_stats_summary(stats),
            stats_module.get_stats_summary(stats, False),
            stats_module.get_percentile_stats_summary(stats),
            stats_module.get_error_report_summary(stats),
        ],
        "files": files,
        # Precise values stand beside the documented ones, under names of their own.
        "history": [item for item in stats.history[-1].items() if not item[0].startswith("precise_")],
    }


def main():
    native = sys.argv[1:] == ["--native"]
    observations = []
    for sequence in json.load(sys.stdin):
        replay = Replay(native)
        for name, *arguments in sequence:
            getattr(replay, name)(*arguments)
        replay.observe()
        observations.append(replay.seen)
    json.dump(observations, sys.stdout)


main()
