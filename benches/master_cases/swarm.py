"""Many workers in one process that only send messages: registration, heartbeats, and a report every 3 seconds.

Arguments: port, workers, endpoints, seconds. All workers send the same packed report for 3 seconds, so that this
process costs little compared with the master that is measured.
"""

import contextlib
import random
import sys
import time

import msgpack
import zmq

from locust.stats import RequestStats
from locust_rs.stats.distributed import ReportFiller

port, workers, endpoints, seconds = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
REQUESTS_PER_ENDPOINT = 20
INTERVAL_S = 3.0

rng = random.Random(1)
names = [f"/endpoint/{number}" for number in range(endpoints)]
times_ms = [[rng.lognormvariate(3.5, 0.8) for _ in range(REQUESTS_PER_ENDPOINT)] for _ in names]


def report(node_id):
    """A worker's message, packed by locust-rs. Stock masters ignore the keys that only locust-rs uses."""
    stats = RequestStats()
    for name, endpoint_times_ms in zip(names, times_ms, strict=True):
        for time_ms in endpoint_times_ms:
            stats.log_request("GET", name, time_ms, 100)
    return ReportFiller(stats).pack(node_id, 10, {"Anyone": 10})


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
# All ids have the same length and are at the end, so one packed report serves all workers.
template = report(sockets[0][0])[: -len(sockets[0][0])]
heartbeat = ["heartbeat", {"state": "running", "current_cpu_usage": 50.0, "current_memory_usage": 50_000_000}]
began = time.monotonic()
ends = began + seconds
tick = 0
STEPS = 30
while time.monotonic() < ends:
    if tick % STEPS == 0:
        template = report(sockets[0][0])[: -len(sockets[0][0])]
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
    time.sleep(max(0.0, began + tick * INTERVAL_S / STEPS - time.monotonic()))
