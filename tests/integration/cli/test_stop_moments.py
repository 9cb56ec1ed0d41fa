"""Ctrl-C at moments when other code is busy: it ends everything all the same."""

from __future__ import annotations

import shutil
import signal
import subprocess

import psutil
import pytest

from polling import until

from .conftest import LOCUST, Shell

HANGS_IN_C = """
import os, re
from locust import User, task

class Stuck(User):
    @task
    def match(self):
        os.write(2, b"matching ")
        re.match("(a+)+$", "a" * 60 + "b")
"""


@pytest.mark.races_with_the_machine("a busy machine may use up the seconds that each step of the way down has")
def test_c_code_that_keeps_the_interpreter_does_not_keep_the_process(shell) -> None:
    shell.write("stuck.py", HANGS_IN_C)
    with shell.started("-f", "stuck.py", "--headless") as running:
        running.wait_for("matching")
        done = running.end(signal.SIGINT)
    assert done.code == 1
    assert "in match" in done.err  # where it was


def test_ctrl_c_while_users_are_started(shell) -> None:
    arguments = ["-f", "shop.py", "--headless", "-u", "1000", "-r", "10", "--csv", "out"]
    with shell.started(*arguments) as running:
        running.wait_for("Ramping to 1000 users")
        until((shell.folder / "out_stats.csv").exists, "a file, so that users have been started")
        done = running.end(signal.SIGINT)
    assert done.code == 0
    assert "Traceback" not in done.err
    assert "All users spawned" not in done.err
    assert (shell.folder / "out_stats.csv").exists()


def test_ctrl_c_while_a_master_waits_for_workers(shell, free_port: int) -> None:
    arguments = ["--master", "--expect-workers", "2", "--master-bind-port", str(free_port)]
    with shell.started("-f", "shop.py", "--headless", *arguments) as running:
        running.wait_for("/INFO/root: Waiting for workers to be ready, 0 of 2 connected")
        done = running.end(signal.SIGINT)
    assert "Traceback" not in done.err
    assert "Shutting down (exit code" in done.err


@pytest.mark.races_with_the_machine("a busy machine may use up the seconds that each step of the way down has")
@pytest.mark.parametrize("where", ["MasterRunner", "WorkerRunner"])
def test_a_handler_that_hangs_on_one_node_keeps_neither(shell, free_port: int, where: str) -> None:
    shell.write(
        "hangs.py",
        f"import gevent\nfrom locust.runners import {where}\nfrom shop import *\n"
        "@events.quitting.add_listener\ndef _(environment, **kw):\n"
        f"    if isinstance(environment.runner, {where}):\n        gevent.sleep(600)\n",
    )
    master = ["--master", "--headless", "-u", "4", "-r", "50", "--expect-workers", "1"]
    files = ["--json-file", "result"]
    with (
        shell.started("-f", "hangs.py", *master, *files, "--master-bind-port", str(free_port)) as running,
        shell.inside("worker").started("-f", "../hangs.py", "--worker", "--master-port", str(free_port)) as worker,
    ):
        running.wait_for("All users spawned")
        for one in (running, worker):
            one.process.send_signal(signal.SIGINT)
        codes = [one.end().code for one in (running, worker)]
    assert codes == ([1, 0] if where == "MasterRunner" else [0, 1])
    assert (shell.folder / "result.json").exists()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_it_ends_its_children_as_the_first_process_of_a_container(shell, free_port: int, name: str) -> None:
    """There a signal that nobody has asked for does nothing."""
    namespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if shutil.which("unshare") is None or subprocess.run([*namespace, "true"], check=False).returncode:
        pytest.skip("needs a process namespace of its own")
    contained = Shell(shell.folder, [*namespace, *LOCUST])
    load = ["-f", "shop.py", "--headless", "-u", "4", "-r", "50", "--json-file", "result"]
    with contained.started(*load, "--processes", "2", "--master-bind-port", str(free_port)) as running:
        running.wait_for("All users spawned")
        (first,) = psutil.Process(running.process.pid).children()
        assert len(running.children()) == 3
        first.send_signal(signal.Signals[name])
        done = running.end()
        assert not running.children()
    assert done.code == 0
    assert (shell.folder / "result.json").exists()
