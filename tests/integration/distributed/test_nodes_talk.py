"""What nodes exchange besides counts: custom messages, arguments, logs, exceptions, settings of User classes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LOCUSTFILE = """
import json
import logging

import gevent

import locust.runners
from locust import LoadTestShape, User, constant, events, task
from locust.runners import MasterRunner, WorkerRunner

# Sooner, and for any load.
locust.runners.WORKER_LOG_REPORT_INTERVAL = 1
locust.runners.CPU_WARNING_THRESHOLD = -1
seen = {"answers": [], "sums": [], "steps": []}


@events.init_command_line_parser.add_listener
def _(parser):
    parser.add_argument("--greeting", default="none")
    parser.add_argument("--numbers", nargs="*", type=int, default=[])


def slow(environment, msg, **kwargs):
    gevent.sleep(1)
    environment.runner.send_message("answer", ["slow", msg.data, environment.runner.worker_index])


def quick(environment, msg, **kwargs):
    environment.runner.send_message("answer", ["quick", msg.data, environment.runner.worker_index])


@events.init.add_listener
def _(environment, **kwargs):
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        runner.register_message("slow", slow, concurrent=True)
        runner.register_message("quick", quick)
    if isinstance(runner, MasterRunner):
        runner.register_message("answer", lambda msg, **kwargs: seen["answers"].append(msg.data))


@events.test_start.add_listener
def _(environment, **kwargs):
    if isinstance(environment.runner, MasterRunner):
        runner = environment.runner
        runner.send_message("update_user_class", {"user_class_name": "Anyone", "mark": "changed"})
        one = sorted(runner.clients, key=runner.get_worker_index)[0]
        for number in range(3):
            runner.send_message("slow", {"number": number}, client_id=one)
        runner.send_message("quick", "all")


class Steps(LoadTestShape):
    def tick(self):
        users = self.get_current_user_count()
        if not seen["steps"] or seen["steps"][-1] != users:
            seen["steps"].append(users)
        if self.get_run_time() < 2:
            return 2, 20
        return (4, 20) if self.get_run_time() < 5 else None


class Anyone(User):
    wait_time = constant(0.2)
    mark = "as declared"

    def on_start(self):
        logging.getLogger("shop").info("a user starts")
        options = self.environment.parsed_options
        self.fire(f"{options.greeting} {sum(options.numbers)}")

    @task
    def work(self):
        self.fire(self.mark)

    @task
    def fail(self):
        raise ValueError("out of stock")

    def fire(self, name):
        self.environment.events.request.fire(
            request_type="X", name=name, response_time=1, response_length=0, exception=None, context={}
        )


@events.quitting.add_listener
def _(environment, **kwargs):
    if isinstance(environment.runner, MasterRunner):
        seen["names"] = sorted({name for name, _ in environment.stats.entries})
        seen["exceptions"] = [[row["msg"], row["count"] > 1] for row in environment.runner.exceptions.values()]
        seen["logs"] = [any("a user starts" in line for line in lines) for lines in environment.worker_logs.values()]
        print("SEEN " + json.dumps(seen))
"""


@pytest.mark.stock
def test_what_nodes_tell_each_other_arrives(tmp_path, free_port, stock_python):
    (tmp_path / "locustfile.py").write_text(LOCUSTFILE)
    master = [sys.executable, "-m", "locust", "--master", "--master-bind-port", str(free_port), "--headless"]
    master += ["--expect-workers", "2", "--only-summary", "--greeting", "hello", "--numbers", "20", "22"]
    worker = ["-m", "locust", "--worker", "--master-port", str(free_port)]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "cwd": tmp_path}
    commands = [master, [sys.executable, *worker], [str(stock_python), *worker]]
    started = [subprocess.Popen(command, **pipe) for command in commands]
    try:
        outputs = [process.communicate(timeout=90)[0] for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
    said = outputs[0]
    seen = json.loads(said.partition("SEEN ")[2].partition("\n")[0] or "null")
    assert seen, said
    # Messages to concurrent listeners are handled together after a second, on one worker; the other went to all.
    assert sorted(data["number"] for how, data, _ in seen["answers"] if how == "slow") == [0, 1, 2]
    assert {index for how, _, index in seen["answers"] if how == "slow"} == {0}
    assert sorted(index for how, _, index in seen["answers"] if how == "quick") == [0, 1]
    assert "changed" in seen["names"]
    assert "hello 42" in seen["names"]
    assert all(row == ["out of stock", True] for row in seen["exceptions"])
    assert seen["exceptions"]
    assert seen["logs"] == [True, True]
    assert [users for users in seen["steps"] if users in (2, 4)] == [2, 4]
    assert said.count("exceeded cpu threshold (will only log this once per worker)") == 2
    assert started[0].returncode == 1, "an exception in a task makes it 1"
