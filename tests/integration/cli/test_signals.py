"""Signals: everything is written, at every moment, and user code cannot keep the process running."""

from __future__ import annotations

import contextlib
import csv
import json
import signal
import time

import pytest

OUTPUTS = ["--csv", "out", "--html", "report.html", "--json-file", "result"]
NO_RUN_TIME = "No run time limit set, use CTRL+C to interrupt"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_every_file_is_complete_after_a_signal(shell, name: str) -> None:
    arguments = ["-f", "shop.py", "--headless", "-u", "5", "-r", "50", "--only-summary", *OUTPUTS]
    with shell.started(*arguments) as running:
        running.wait_for("All users spawned")
        time.sleep(0.5)
        done = running.end(signal.Signals[name])
    assert done.code == 0
    assert ("Got SIGTERM signal" in done.err) == (name == "SIGTERM")
    assert "Traceback" not in done.err
    counted = sum(row["num_requests"] for row in json.loads((shell.folder / "result.json").read_text()))
    with (shell.folder / "out_stats.csv").open() as file:
        total = list(csv.DictReader(file))[-1]
    with (shell.folder / "out_stats_history.csv").open() as file:
        last = list(csv.DictReader(file))[-1]
    assert counted > 0
    assert int(total["Request Count"]) == int(last["Total Request Count"]) == counted
    assert "</html>" in (shell.folder / "report.html").read_text()
    assert list(shell.folder.glob(".*.csv.*")) == []


STUCK = """
from locust import User, task

class Stuck(User):
    @task
    def burn(self):
        print("burning", flush=True)
        while True:
            pass
"""


def test_ctrl_c_interrupts_code_that_never_gives_way(shell) -> None:
    shell.write("stuck.py", STUCK)
    with shell.started("-f", "stuck.py", "--headless", "--csv", "out") as running:
        running.wait_for(NO_RUN_TIME)
        time.sleep(0.5)
        started = time.monotonic()
        done = running.end(signal.SIGINT)
        took_s = time.monotonic() - started
    assert "Shutting down (exit code" in done.err
    assert took_s < 30
    assert (shell.folder / "out_stats.csv").exists()


STUBBORN = """
import gevent
from locust import User, task

class Stubborn(User):
    @task
    def stay(self):
        while True:
            try:
                gevent.sleep(1)
            except BaseException:
                pass
"""


def test_users_that_refuse_to_stop_are_left_behind(shell) -> None:
    shell.write("stubborn.py", STUBBORN)
    with shell.started("-f", "stubborn.py", "--headless", *OUTPUTS) as running:
        running.wait_for("All users spawned")
        done = running.end(signal.SIGTERM)
    assert done.code == 1
    assert "The users did not stop in time" in done.err
    assert (shell.folder / "out_stats.csv").exists()
    assert "</html>" in (shell.folder / "report.html").read_text()


SLOW_TO_STOP = """
import gevent
from locust import User, events, task

class Quick(User):
    @task
    def wait_a_bit(self):
        gevent.sleep(0.1)

@events.test_stopping.add_listener
def _(**kwargs):
    gevent.sleep(60)
"""


def test_second_signal_ends_at_once(shell) -> None:
    shell.write("slow.py", SLOW_TO_STOP)
    with shell.started("-f", "slow.py", "--headless", "--stop-timeout", "60") as running:
        running.wait_for("All users spawned")
        running.process.send_signal(signal.SIGTERM)
        running.wait_for("Got SIGTERM signal")
        done = running.end(signal.SIGTERM)
    assert done.code == 128 + signal.SIGTERM
    assert "Got SIGTERM again: exiting at once" in done.err


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_signal_while_the_locustfile_is_imported(shell, name: str, code: int) -> None:
    shell.write("slow.py", "import sys, time\nsys.stderr.write('importing\\n')\ntime.sleep(60)\n")
    with shell.started("-f", "slow.py") as running:
        running.wait_for("importing")
        done = running.end(signal.Signals[name])
    assert done.code == code
    assert "Traceback" not in done.err


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_signal_while_a_worker_looks_for_its_master(shell, free_port: int, name: str, code: int) -> None:
    with shell.started("-f", "shop.py", "--worker", "--master-port", str(free_port)) as running:
        running.wait_for("Starting Locust")
        time.sleep(0.3)
        done = running.end(signal.Signals[name])
    assert done.code == code
    assert "Traceback" not in done.err


def test_signal_while_an_init_handler_waits(shell) -> None:
    shell.write(
        "waits.py",
        "import sys, time\nfrom shop import *\n@events.init.add_listener\ndef _(**kw):\n"
        "    sys.stderr.write('preparing\\n')\n    time.sleep(60)\n",
    )
    with shell.started("-f", "waits.py", "--headless") as running:
        running.wait_for("preparing")
        done = running.end(signal.SIGTERM)
    assert done.code == 143


HANGING = {
    "waits": "gevent.sleep(600)",
    "burns the CPU": "burn()",
    "blocks in a system call": "os.read(os.pipe()[0], 1)",
}


def test_handlers_that_hang_keep_neither_the_files_nor_the_process(shell) -> None:
    cases = [("test_stopping", "waits"), ("test_stop", "burns the CPU"), ("quitting", "burns the CPU")]
    cases += [("quitting", "waits"), ("quit", "blocks in a system call")]
    with contextlib.ExitStack() as stack:
        running = []
        for event, how in cases:
            own = shell.inside(f"{event} {how}")
            own.write(
                "hangs.py",
                "import os, gevent\nfrom shop import *\ndef burn():\n    while True: pass\n"
                f"@events.{event}.add_listener\ndef _(**kw):\n    {HANGING[how]}\n",
            )
            arguments = ["-f", "hangs.py", "--headless", "-u", "5", "-r", "50", *OUTPUTS]
            running.append((own, stack.enter_context(own.started(*arguments))))
        for _, one in running:
            one.wait_for("All users spawned")
            one.process.send_signal(signal.SIGINT)
        for own, one in running:
            done = one.end()
            assert "of SIGINT: continuing without it" in done.err
            assert json.loads((own.folder / "result.json").read_text())
            assert (own.folder / "out_stats.csv").exists()
            assert "</html>" in (own.folder / "report.html").read_text()
            assert done.code == 1


def test_an_output_that_is_not_read_does_not_keep_the_process_running(shell) -> None:
    shell.write(
        "wide.py",
        "from locust import User, task\nclass Wide(User):\n    @task\n    def go(self):\n"
        "        for number in range(2000):\n"
        "            self.environment.events.request.fire(request_type='GET', name=f'/{number}' + 'x' * 60,\n"
        "                response_time=1, response_length=1, exception=None, context={})\n"
        "        self.wait_time = lambda: 1\n    wait_time = lambda self: 1\n",
    )
    # The standard output is a pipe here, which is only read at the end.
    with shell.started("-f", "wide.py", "--headless", "--json", "--html", "report.html", unread=True) as running:
        running.wait_for("All users spawned")
        time.sleep(1)
        running.process.send_signal(signal.SIGINT)
        running.process.wait(60)
    assert running.process.returncode == 1
    assert "</html>" in (shell.folder / "report.html").read_text()


@pytest.mark.parametrize("hang", ["test_stop", "quitting"])
def test_forked_workers_that_hang_end_with_their_master(shell, free_port: int, hang: str) -> None:
    shell.write(
        "hangs.py",
        "import gevent\nfrom locust.runners import WorkerRunner\nfrom shop import *\n"
        f"@events.{hang}.add_listener\ndef _(environment, **kw):\n"
        "    if isinstance(environment.runner, WorkerRunner):\n        gevent.sleep(600)\n",
    )
    arguments = ["-f", "hangs.py", "--headless", "-u", "4", "-r", "50", "--processes", "2", *OUTPUTS]
    with shell.started(*arguments, "--master-bind-port", str(free_port)) as running:
        running.wait_for("All users spawned")
        time.sleep(0.5)
        done = running.end(signal.SIGINT)
        assert not running.children()
    assert "worker processes did not end in time: killing them" in done.err
    assert json.loads((shell.folder / "result.json").read_text())
