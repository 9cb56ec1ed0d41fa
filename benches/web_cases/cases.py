"""The cases of the bench of the web UI; run under locust-rs and under stock Locust.

`cases.py prove` prints the answers that both must give; `cases.py time CASE` prints the CPU seconds of one request. The
last line of output is JSON.
"""

import json
import random
import sys
import time

import locust.web as web_module
from locust import User, constant, task
from locust.env import Environment

ENDPOINTS = 1_000
NOW = 1_700_000_000.0

OURS = "locust_rs" in sys.modules
real_time = time.time


class Idle(User):
    wait_time = constant(1)

    @task
    def nothing(self):
        pass


def make():
    """A web UI with a thousand endpoints, and the time that its statistics see."""
    web_module.DEFAULT_CACHE_TIME = 0  # every request makes its answer
    environment = Environment(user_classes=[Idle], locustfile="locustfile.py", host="http://target.example")
    environment.create_local_runner()
    ui = environment.create_web_ui("127.0.0.1", 0, delayed_start=True)
    rng = random.Random(1)
    stats = environment.stats
    position = 0
    time.time = lambda: NOW + 9 * position / (ENDPOINTS * 40)
    stats.clear_all()
    for _ in range(40):
        for number in range(ENDPOINTS):
            stats.log_request("GET", f"/endpoint/{number}", rng.lognormvariate(3.5, 0.8), rng.randrange(100, 5_000))
            position += 1
    for number in range(20):
        stats.log_error("GET", f"/endpoint/{number}", "HTTPError('503 Server Error')")
    return ui, environment


def prove():
    ui, _ = make()
    client = ui.app.test_client()
    report = json.loads(client.get("/stats/requests").data)
    rows = client.get("/stats/requests/csv").get_data(as_text=True).splitlines()
    page = client.get("/stats/report").get_data(as_text=True)
    return {
        "stats": [{key: rounded(value) for key, value in sorted(row.items())} for row in report["stats"]],
        "errors": [{key: rounded(value) for key, value in sorted(error.items())} for error in report["errors"]],
        "csv": [[rounded(cell) for cell in row.split(",")] for row in rows],
        "endpoints_in_report": sum(f'"/endpoint/{number}"' in page for number in range(ENDPOINTS)),
    }


def rounded(value):
    try:
        return round(float(value), 6)
    except (TypeError, ValueError):
        return value


def rest(environment):
    """Longer than any answer is cached, which is at least twice as long as making it took."""
    time.sleep(0.05)


def cpu_of(path, repeats, before=rest):
    ui, environment = make()
    client = ui.app.test_client()
    path = path(client) if callable(path) else path
    client.get(path)
    spent = 0.0
    for _ in range(repeats):
        before(environment)
        started = time.process_time()
        answer = client.get(path)
        answer.get_data()
        spent += time.process_time() - started
        assert answer.status_code == 200, answer.status
    return spent / repeats


def touch_all(environment):
    """A second later every endpoint has one more request."""
    for number in range(ENDPOINTS):
        environment.stats.log_request("GET", f"/endpoint/{number}", 50.0, 100)


def busy_poll():
    from locust_rs._tunables import web as tunables

    tunables.UPDATES_CACHE_TIME = -1
    return cpu_of(lambda client: f"/stats/updates?since={client.get('/stats/updates').json['cursor']}", 20, touch_all)


def quiet_poll():
    """Moves the time to long after the last request, when nothing changes any more."""
    from locust_rs._tunables import web as tunables

    tunables.UPDATES_CACHE_TIME = -1

    def cursor_at_rest(client):
        at = time.time()
        time.time = lambda: at + 60
        client.get("/stats/updates")
        return f"/stats/updates?since={client.get('/stats/updates').json['cursor']}"

    return cpu_of(cursor_at_rest, 50)


CASES = {
    "requests": lambda: cpu_of("/stats/requests", 20),
    "csv": lambda: cpu_of("/stats/requests/csv", 10),
    "report": lambda: cpu_of("/stats/report", 5),
    "busy_poll": busy_poll,
    "quiet_poll": quiet_poll,
    "metrics": lambda: cpu_of("/metrics", 20, touch_all),
}

if __name__ == "__main__":
    result = prove() if sys.argv[1] == "prove" else CASES[sys.argv[2]]()
    print(json.dumps(result), flush=True)
    # Exits without the cleanup of greenlets that were never started.
    import os

    os._exit(0)
