"""Greenlets that call the engine in a closed loop, without users, tasks or sessions: the engine's own cost.

    python benches/engine_cases/bare.py URL GREENLETS SECONDS KIND

Prints JSON: requests and CPU seconds, without those of the preparation. KIND: get, post, object (creates a subclass of
the response, as sessions do) or recorded (counts in the statistics too).
"""

import json
import sys
import time

import gevent

from locust_rs import _core  # its import patches the standard library
from locust_rs.http.engine.client import make_client


class _Response(_core.HttpResponse):
    """A Python subclass of the native response, as sessions return it."""


def main() -> None:
    """Runs the load and prints its cost."""
    url, greenlets, seconds, kind = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    headers = [("User-Agent", "bench"), ("Accept-Encoding", "gzip, deflate, br")]
    clients = [
        make_client(base_url=url, headers=headers, response_class=_core.HttpResponse if kind == "get" else _Response)
        for _ in range(greenlets)
    ]
    if kind == "recorded":
        from locust_rs.stats import RequestStats

        recorder = RequestStats().recorder
        for client in clients:
            client.record_to({"_handlers": [recorder]}, recorder)
    counts = [0] * greenlets
    running = True

    def get(index: int) -> None:
        client = clients[index]
        while running:
            assert client.get("/").status_code == 200
            counts[index] += 1

    def post(index: int) -> None:
        client = clients[index]
        while running:
            answer = client.send("POST", "/json", body=b'{"a": 1}', extra=b"Content-Type: application/json\r\n")
            assert answer.status_code in (200, 405)
            counts[index] += 1

    workers = [gevent.spawn(post if kind == "post" else get, index) for index in range(greenlets)]
    gevent.sleep(0.3)
    before_cpu, before = time.process_time(), sum(counts)
    gevent.sleep(seconds)
    cpu, requests = time.process_time() - before_cpu, sum(counts) - before
    running = False
    gevent.joinall(workers, raise_error=True)
    print(json.dumps({"requests": requests, "cpu_s": cpu}))


if __name__ == "__main__":
    main()
