"""The cases of the benches of the statistics; run under locust-rs and under stock Locust.

`cases.py prove` prints the results of all cases, so that both can be compared; `cases.py time CASE` prints the CPU
seconds of one operation. The last line of output is JSON.
"""

import csv
import io
import json
import random
import sys
import time
from types import SimpleNamespace

import msgpack

import locust.stats as stats_module
from locust.event import EventHook
from locust.stats import RequestStats, StatsCSV, setup_distributed_stats_event_listeners

NOW = 1_700_000_000.0
OURS = hasattr(RequestStats, "recorder")
CONTEXT: dict = {}


def requests(endpoints, each, seed):
    """(name, response time in ms, length) of every request, with times distributed as in a real service."""
    rng = random.Random(seed)
    return [
        (f"/endpoint/{number}", rng.lognormvariate(3.5, 0.8), rng.randrange(100, 5_000))
        for _ in range(each)
        for number in range(endpoints)
    ]


def filled(endpoints, each, seed=1):
    stats = RequestStats()
    original = time.time
    for position, (name, time_ms, length) in enumerate(requests(endpoints, each, seed)):
        time.time = lambda position=position: NOW + 3 * position / (endpoints * each)
        stats.log_request("GET", name, time_ms, length)
    time.time = original
    return stats


def listening(stats):
    """The request event with the statistics as its listener, as set up by a runner."""
    hook = EventHook()
    if OURS:
        hook.add_listener(stats.recorder)
    else:

        def on_request(request_type, name, response_time, response_length, exception=None, **_):
            stats.log_request(request_type, name, response_time, response_length)
            if exception:
                stats.log_error(request_type, name, exception)

        hook.add_listener(on_request)
    return hook


def report_events(stats):
    events = SimpleNamespace(report_to_master=EventHook(), worker_report=EventHook())
    setup_distributed_stats_event_listeners(events, stats)
    return events


def packed(stats, events):
    """A worker's message, packed as a worker does it."""
    if OURS:
        [filler] = events.report_to_master._handlers
        return filler.pack("worker", 10, {"User": 10})
    data = {}
    events.report_to_master.fire(client_id="worker", data=data)
    data["user_count"], data["user_classes_count"] = 10, {"User": 10}
    return msgpack.dumps(("stats", data, "worker"))


def merged(events, frame):
    """Merges a message as a master does it."""
    if OURS:
        from locust.stats.distributed import read_stats_message

        [merger] = events.worker_report._handlers
        merger.merge(read_stats_message(frame))
    else:
        _, data, client_id = msgpack.loads(frame, raw=False, strict_map_key=False)
        events.worker_report.fire(client_id=client_id, data=data)


def listen(events):
    """Adds a listener in Python to both events, as the documentation shows."""
    events.report_to_master.add_listener(lambda client_id, data: data.setdefault("own", 1))
    events.worker_report.add_listener(lambda client_id, data: data.get("own"))


def packed_beside_a_listener(stats, events):
    """A worker's message while somebody else listens, put together as a worker does it."""
    data = {}
    events.report_to_master.fire(client_id="worker", data=data)
    data["user_count"], data["user_classes_count"] = 10, {"User": 10}
    return msgpack.packb(("stats", data, "worker"))


def merged_beside_a_listener(events, frame):
    """Merges a message while somebody else listens, as a master does it."""
    if OURS:
        from locust.stats.distributed import message_as_dict, read_stats_message

        data = message_as_dict(frame)
        events.worker_report._handlers[0].expect(data, read_stats_message(frame))
        events.worker_report.fire(client_id="worker", data=data)
    else:
        merged(events, frame)


def csv_text(stats):
    environment = SimpleNamespace(stats=stats, runner=None)
    report = StatsCSV(environment, stats_module.PERCENTILES_TO_REPORT)
    if OURS:
        return report.requests_csv_text()
    out = io.StringIO(newline="")
    report.requests_csv(csv.writer(out))
    return out.getvalue()


def cpu_per_call(call, calls):
    started = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - started) / calls


def time_fire():
    hook = listening(RequestStats())

    def fire():
        hook.fire(
            request_type="GET", name="/endpoint/1", response_time=34.5, response_length=1_234, exception=None,
            context=CONTEXT, response=None, start_time=NOW, url="http://127.0.0.1/endpoint/1",
        )  # fmt: skip

    fire()
    return cpu_per_call(fire, 100_000)


def time_percentile():
    row = filled(1, 20_000).get("/endpoint/0", "GET")
    return cpu_per_call(lambda: row.get_response_time_percentile(0.5), 50_000)


def time_pack(each, pack=packed):
    """A report of 500 endpoints with `each` requests."""
    stats = RequestStats()
    events = report_events(stats)
    if pack is not packed:
        listen(events)
    spent = 0.0
    for seed in range(12):
        for name, time_ms, length in requests(500, each, seed):
            stats.log_request("GET", name, time_ms, length)
        spent += cpu_per_call(lambda: pack(stats, events), 1)
    return spent / 12


def time_merge(each, merge=merged):
    """Merges such a report on the master."""
    worker = filled(500, each)
    frame = packed(worker, report_events(worker))
    events = report_events(RequestStats())
    if merge is not merged:
        listen(events)
    merge(events, frame)
    return cpu_per_call(lambda: merge(events, frame), 20)


def time_csv():
    stats = filled(1_000, 20)
    return cpu_per_call(lambda: csv_text(stats), 10)


def json_text(stats):
    rows = [row for row in stats.entries.values() if row.num_requests or row.num_failures]
    if OURS:
        from locust_rs.stats.json_report import statistics_as_json

        return statistics_as_json(stats)
    return json.dumps([row.serialize() for row in rows], indent=4)


def time_json():
    stats = filled(1_000, 20)
    return cpu_per_call(lambda: json_text(stats), 5)


def prove():
    """The results of all cases, at a fixed time and without the keys that only locust-rs has."""
    stats = filled(50, 20)
    hook_stats = RequestStats()
    listening(hook_stats).fire(
        request_type="GET", name="/", response_time=34.5, response_length=1_234, exception=None, context={}
    )
    worker = filled(50, 20)
    frame = packed(worker, report_events(worker))
    _, report, _ = msgpack.loads(frame, raw=False, strict_map_key=False)
    report.pop("locust_rs", None)
    master = RequestStats()
    merged(report_events(master), frame)
    row = stats.get("/endpoint/0", "GET")
    kept = ("num_requests", "response_times", "total_response_time", "total_content_length")
    seen = [
        {key: value for key, value in hook_stats.total.serialize().items() if key in kept},
        [row.get_response_time_percentile(step / 20) for step in range(21)],
        [{key: value for key, value in entry.items() if key != "start_time"} for entry in report["stats"]],
        [{key: entry.serialize()[key] for key in kept} for entry in master.entries.values()],
        [{**row, "start_time": 0} for row in json.loads(json_text(stats))],
        [line.split(",")[:9] + line.split(",")[11:] for line in csv_text(stats).splitlines()],
    ]
    return json.dumps(seen)


CASES = {
    "fire": time_fire,
    "percentile": time_percentile,
    "pack": lambda: time_pack(20),
    "merge": lambda: time_merge(20),
    "pack_listened": lambda: time_pack(20, packed_beside_a_listener),
    "merge_listened": lambda: time_merge(20, merged_beside_a_listener),
    "pack_busy": lambda: time_pack(200),
    "merge_busy": lambda: time_merge(200),
    "csv": time_csv,
    "json": time_json,
}

if __name__ == "__main__":
    print(json.dumps(prove()) if sys.argv[1] == "prove" else json.dumps(CASES[sys.argv[2]]()))
