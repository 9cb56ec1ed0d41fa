"""Many workers in one process that only talk: registration, heartbeats, and a report each every 3 seconds.

Arguments: port, workers, endpoints, seconds. Reports are packed once and sent again and again, so that this
process costs little beside the master that is measured.
"""

import contextlib
import sys
import time

import msgpack
import zmq

port, workers, endpoints, seconds = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
REQUESTS_PER_ENDPOINT = 20
INTERVAL_S = 3.0


def entry(name, requests, now):
    times = {10 * (1 + n): requests // 10 for n in range(10)}
    return {
        "name": name,
        "method": "GET" if name != "Aggregated" else "",
        "last_request_timestamp": now,
        "start_time": now - 3,
        "num_requests": requests,
        "num_none_requests": 0,
        "num_failures": 0,
        "total_response_time": requests * 55.0,
        "max_response_time": 100.0,
        "min_response_time": 10.0,
        "total_content_length": requests * 100,
        "response_times": times,
        "num_reqs_per_sec": {int(now) - second: requests // 2 for second in range(2)},
        "num_fail_per_sec": {},
    }


def report(node_id, now):
    data = {
        "stats": [entry(f"/endpoint/{number}", REQUESTS_PER_ENDPOINT, now) for number in range(endpoints)],
        "stats_total": entry("Aggregated", REQUESTS_PER_ENDPOINT * endpoints, now),
        "errors": {},
        "user_classes_count": {"Anyone": 10},
        "user_count": 10,
    }
    return msgpack.packb(["stats", data, node_id])


context = zmq.Context()
context.set(zmq.MAX_SOCKETS, workers + 10)
sockets = []
for number in range(workers):
    node_id = f"swarm_{number:06}"
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.IDENTITY, node_id.encode())
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.SNDHWM, 20)
    socket.setsockopt(zmq.RCVHWM, 20)
    socket.connect(f"tcp://127.0.0.1:{port}")
    socket.send(msgpack.packb(["client_ready", "2.47.0", node_id]))
    sockets.append((node_id, socket))
# All ids are equally long, so one packed report serves for all: the id is its end.
template = report(sockets[0][0], time.time())[: -len(sockets[0][0])]
heartbeat = ["heartbeat", {"state": "running", "current_cpu_usage": 50.0, "current_memory_usage": 50_000_000}]
ends = time.monotonic() + seconds
tick = 0
STEPS = 30
while time.monotonic() < ends:
    started = time.monotonic()
    if tick % STEPS == 0:
        template = report(sockets[0][0], time.time())[: -len(sockets[0][0])]
    for number, (node_id, socket) in enumerate(sockets):
        if number % (STEPS // 3) == tick % (STEPS // 3):
            with contextlib.suppress(zmq.Again):
                socket.send(msgpack.packb([*heartbeat, node_id]), zmq.NOBLOCK)
            while socket.poll(0):
                socket.recv()
        if number % STEPS == tick % STEPS:
            with contextlib.suppress(zmq.Again):
                socket.send(template + node_id.encode(), zmq.NOBLOCK)
    tick += 1
    time.sleep(max(0.0, INTERVAL_S / STEPS - (time.monotonic() - started)))
