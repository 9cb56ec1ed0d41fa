"""Signals: everything is written, at every moment, and user code cannot keep the process running."""

from __future__ import annotations

import csv
import json
import signal
import socket
from pathlib import Path

import pytest

from polling import GENEROUS_S, until

OUTPUTS = ["--csv", "out", "--html", "report.html", "--json-file", "result"]
UNHURRIED = "from locust_rs.cli import shutdown\nshutdown.FILES_WITHIN_S, shutdown.OVER_AFTER_S = 9, 12\n"
"""For a locustfile: after something that hangs there are seconds left to write files, on a busy machine too."""

NO_RUN_TIME = "No run time limit set, use CTRL+C to interrupt"


def requests_in(stats_csv: Path) -> int:
    """Requests of all rows, 0 before the file is there."""
    if not stats_csv.exists():
        return 0
    with stats_csv.open() as file:
        rows = list(csv.DictReader(file))
    return int(rows[-1]["Request Count"]) if rows else 0


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_every_file_is_complete_after_a_signal(shell, name: str) -> None:
    arguments = ["-f", "shop.py", "--headless", "-u", "5", "-r", "50", "--only-summary", *OUTPUTS]
    with shell.started(*arguments) as running:
        running.wait_for("All users spawned")
        until(lambda: requests_in(shell.folder / "out_stats.csv") > 0, "requests in the CSV file")
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
import os
from locust import User, task

class Stuck(User):
    @task
    def burn(self):
        os.write(2, b"burning ")
        while True:
            pass
"""


def test_ctrl_c_interrupts_code_that_never_gives_way(shell) -> None:
    shell.write("stuck.py", STUCK)
    with shell.started("-f", "stuck.py", "--headless", "--csv", "out") as running:
        running.wait_for("burning")
        done = running.end(signal.SIGINT)
    assert "Shutting down (exit code" in done.err
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


@pytest.mark.races_with_the_machine("a busy machine may use up the seconds that each step of the way down has")
def test_users_that_refuse_to_stop_are_left_behind(shell) -> None:
    shell.write("stubborn.py", UNHURRIED + STUBBORN)
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
    with (
        socket.create_server(("127.0.0.1", free_port)) as silent,
        shell.started("-f", "shop.py", "--worker", "--master-port", str(free_port)) as running,
    ):
        silent.settimeout(GENEROUS_S)
        connection, _ = silent.accept()
        with connection:
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


@pytest.mark.races_with_the_machine("a busy machine may use up the seconds that each step of the way down has")
@pytest.mark.parametrize(
    ("event", "how"),
    [
        ("test_stopping", "waits"),
        ("test_stop", "burns the CPU"),
        ("quitting", "burns the CPU"),
        ("quitting", "waits"),
        ("quit", "blocks in a system call"),
    ],
)
def test_handlers_that_hang_keep_neither_the_files_nor_the_process(shell, event: str, how: str) -> None:
    shell.write(
        "hangs.py",
        f"{UNHURRIED}import os, gevent\nfrom shop import *\ndef burn():\n    while True: pass\n"
        f"@events.{event}.add_listener\ndef _(**kw):\n    {HANGING[how]}\n",
    )
    with shell.started("-f", "hangs.py", "--headless", "-u", "5", "-r", "50", *OUTPUTS) as running:
        running.wait_for("All users spawned")
        done = running.end(signal.SIGINT)
    assert "of SIGINT: continuing without" in done.err
    assert json.loads((shell.folder / "result.json").read_text())
    assert (shell.folder / "out_stats.csv").exists()
    assert "</html>" in (shell.folder / "report.html").read_text()
    assert done.code == 1


@pytest.mark.races_with_the_machine("a busy machine may use up the seconds that each step of the way down has")
def test_an_output_that_is_not_read_does_not_keep_the_process_running(shell) -> None:
    shell.write(
        "wide.py",
        "import os\nfrom locust import User, task\nclass Wide(User):\n    @task\n    def go(self):\n"
        "        for number in range(2000):\n"
        "            self.environment.events.request.fire(request_type='GET', name=f'/{number}' + 'x' * 60,\n"
        "                response_time=1, response_length=1, exception=None, context={})\n"
        "        os.write(2, b'recorded ')\n"
        "        self.wait_time = lambda: 1\n    wait_time = lambda self: 1\n",
    )
    # The standard output is a pipe here, which is only read at the end.
    with shell.started("-f", "wide.py", "--headless", "--json", "--html", "report.html", unread=True) as running:
        running.wait_for("recorded")
        running.process.send_signal(signal.SIGINT)
        running.process.wait(60)
    assert running.process.returncode == 1
    assert "</html>" in (shell.folder / "report.html").read_text()


@pytest.mark.races_with_the_machine("a busy machine may use up the seconds that each step of the way down has")
@pytest.mark.parametrize("hang", ["test_stop", "quitting"])
def test_forked_workers_that_hang_end_with_their_master(shell, free_port: int, hang: str) -> None:
    shell.write(
        "hangs.py",
        f"{UNHURRIED}import gevent\nfrom locust.runners import WorkerRunner\nfrom shop import *\n"
        f"@events.{hang}.add_listener\ndef _(environment, **kw):\n"
        "    if isinstance(environment.runner, WorkerRunner):\n        gevent.sleep(600)\n",
    )
    arguments = ["-f", "hangs.py", "--headless", "-u", "4", "-r", "50", "--processes", "2", *OUTPUTS]
    with shell.started(*arguments, "--master-bind-port", str(free_port)) as running:
        running.wait_for("All users spawned")
        done = running.end(signal.SIGINT)
        assert not running.children()
    assert "worker processes did not end in time: killing them" in done.err
    assert json.loads((shell.folder / "result.json").read_text())
