"""`--processes`: a whole test on forked workers, and none of them outlives its parent."""

from __future__ import annotations

import json
import os
import signal

import pytest

from locust_rs.cli import processes
from polling import until


def ports(port: int) -> list[str]:
    return ["--master-bind-host", "127.0.0.1", "--master-bind-port", str(port)]


def test_forked_workers_run_the_test(shell, free_port: int) -> None:
    load = ["--headless", "-u", "4", "-r", "100", "-t", "2", "--processes", "2", "--json", "--only-summary"]
    done = shell.run("-f", "shop.py", *load, "--skip-log-setup", *ports(free_port))
    assert done.code == 0, done.err
    assert sum(row["num_requests"] for row in json.loads(done.out)) > 10


def test_all_spawned_on_two_workers(shell, free_port: int) -> None:
    load = ["--headless", "-u", "4", "-r", "100", "-t", "1", "--processes", "2", "--only-summary"]
    done = shell.run("-f", "shop.py", *load, *ports(free_port))
    assert "Sending spawn jobs of 4 users at 100.00 spawn rate to 2 ready workers" in done.err
    assert 'All users spawned: {"Shopper": 1, "Visitor": 3} (4 total users)' in done.err
    assert done.err.count("Starting Locust") == 1
    assert done.code == 0


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL", "SIGABRT"])
@pytest.mark.parametrize("mode", ["master", "worker"])
def test_no_child_outlives_its_parent(shell, free_port: int, name: str, mode: str) -> None:
    load = ["--worker"] if mode == "worker" else ["--headless"]
    where = ["--master-port", str(free_port)] if mode == "worker" else ports(free_port)
    with shell.started("-f", "shop.py", "--processes", "3", *load, *where) as running:
        running.wait_for("Starting Locust" if mode == "worker" else "All users spawned")
        until(lambda: len(running.children()) == 3, "three children")
        running.end(signal.Signals[name])
        until(lambda: running.children() == [], "the end of all children")


def test_child_whose_code_never_gives_way_ends_too(shell, free_port: int) -> None:
    shell.write(
        "stuck.py",
        "from locust import User, task\nclass Stuck(User):\n    @task\n    def burn(self):\n        while True: pass\n",
    )
    with shell.started("-f", "stuck.py", "--processes", "2", "--headless", "-u", "2", *ports(free_port)) as running:
        running.wait_for("Sending spawn jobs")
        until(lambda: len(running.children()) == 2, "two children")
        running.end(signal.SIGKILL)
        until(lambda: running.children() == [], "the end of all children")


def test_a_worker_speaks_of_itself_and_begins_with_init(shell, free_port: int) -> None:
    shell.write(
        "raising.py",
        "from shop import *\n"
        "@events.init.add_listener\ndef _(environment, **kw): later(environment)\n"
        "def later(environment):\n"
        "    @environment.events.quitting.add_listener\n"
        "    def _(**kw): print('quitting', flush=True)\n"
        "early = []\n"
        "@events.report_to_master.add_listener\ndef _(**kw): early or early.append(print('report', flush=True))\n"
        "@events.init.add_listener\ndef _(**kw): print('init', flush=True)\n"
        "class T(Shopper):\n    @task\n    def t(self): raise ValueError('on a worker')\n",
    )
    worker = ["-f", "raising.py", "--worker", "--master-port", str(free_port), "T"]
    with shell.started(*worker) as running:
        master = shell.run("-f", "raising.py", "--master", "--headless", "-t", "2", *ports(free_port), "T")
        ended = running.end()
    assert (master.code, ended.code) == (1, 0), master.err
    assert "on a worker" in ended.err
    assert ended.out.split() == ["init", "report", "quitting"]


def test_workers_alone_end_with_their_masters_test(shell, free_port: int) -> None:
    workers = ["-f", "shop.py", "--worker", "--processes", "2", "--master-port", str(free_port)]
    with shell.started(*workers) as running:
        load = ["--headless", "-u", "2", "-t", "1", "--expect-workers", "2", "--only-summary"]
        done = shell.run("-f", "shop.py", "--master", *load, *ports(free_port))
        assert done.code == 0, done.err
        assert running.end().code == 0


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_workers_without_a_master_end_with_the_code_of_their_parents_signal(
    shell, free_port: int, name: str, code: int
) -> None:
    shell.write("impatient.py", "from shop import *\nfrom locust import runners\nrunners.CONNECT_TIMEOUT = 0.2\n")
    where = ["--worker", "--processes", "2", "--master-port", str(free_port)]
    with shell.started("-f", "impatient.py", *where) as running:
        running.wait_for("Failed to connect to master", times=4)
        ended = running.end(signal.Signals[name])
    assert ended.code == code


@pytest.mark.parametrize(
    ("count", "options", "told"),
    [("2", ["--master"], "--master cannot be combined with --processes"), ("-3", [], "Invalid --processes count -3")],
    ids=["a master", "less than -1"],
)
def test_what_is_not_possible_is_refused(shell, count: str, options: list[str], told: str) -> None:
    done = shell.run("-f", "shop.py", "--headless", "--processes", count, *options)
    assert done.code == 1
    assert done.err.rstrip().splitlines()[-1].startswith(told)


def test_minus_one_means_one_per_core() -> None:
    assert processes._number_of_processes(-1) == os.cpu_count()
    assert processes._number_of_processes(3) == 3
