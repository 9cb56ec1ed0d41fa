"""Runs that the command keeps, and what it says when it cannot."""

from __future__ import annotations

import json
import signal
import sys

import pytest

from polling import until

RUN = ("-f", "shop.py", "--headless", "-t", "1", "Shopper")
WITH_SECRETS = """from shop import *


@events.init_command_line_parser.add_listener
def add(parser):
    parser.add_argument("--pin", is_secret=True)
    parser.add_argument("--colour")
"""
LIMITED = (
    "import resource, sys, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)); sys.argv[0] = 'locust'; "
)
LIMITED += "runpy.run_module('locust', run_name='__main__')"


KEEPS = {"LOCUST_NO_HISTORY": "false"}


def tools(shell, *arguments: str):
    """Runs `locust-rs` there."""
    call = "from locust_rs.cli.commands import main; main()"
    return type(shell)(shell.folder, [sys.executable, "-c", call]).run(*arguments)


def listed(shell, *arguments: str) -> list[dict]:
    done = tools(shell, "runs", *arguments, "list", "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_run_is_kept_in_the_home_and_not_in_the_working_directory(shell) -> None:
    done = shell.run(*RUN, "--profile", "smoke", "--host", "https://me:pass@shop.example", env=KEEPS)
    assert done.code == 0, done.err
    assert "history" not in done.err
    (run,) = listed(shell)
    assert (run["state"], run["passed"], run["profile"]) == ("finished", True, "smoke")
    assert run["host"] == "https://shop.example"
    assert "pass@" not in json.dumps(run)
    assert run["result"]["total"]["requests"] > 0
    assert list(run["about"]["locustfiles"]) == ["shop.py"]
    assert {path.name for path in shell.folder.iterdir()} <= {"shop.py", ".local", "__pycache__"}
    assert (shell.folder / ".local/share/locust-rs/runs.sqlite").exists()
    shown = tools(shell, "runs", "show", "last").out
    assert "GET browse" in shown
    assert "passed" in tools(shell, "runs", "list").out


def test_secret_arguments_are_not_kept(shell) -> None:
    shell.write("secret.py", WITH_SECRETS)
    assert shell.run("-f", "secret.py", *RUN[2:], "--pin", "4711x", "--colour", "teal", env=KEEPS).code == 0
    (run,) = listed(shell)
    assert run["about"]["parameters"]["colour"] == "teal"
    assert "4711x" not in json.dumps(run)
    assert tools(shell, "runs", "export", "last", "run.json").code == 0
    exported = (shell.folder / "run.json").read_text()
    assert {"name": "colour", "value": "teal"} in json.loads(exported)["parts"]["page"]["parameters"]
    assert "4711x" not in exported


def test_no_run_is_kept_with_no_history(shell) -> None:
    assert shell.run(*RUN, "--no-history", env=KEEPS).code == 0
    assert not (shell.folder / ".local").exists()
    assert "no run was kept there yet" in tools(shell, "runs", "list").err


def test_master_keeps_the_run_and_its_workers_do_not(shell, free_port: int) -> None:
    done = shell.run(*RUN, "--processes", "2", "--master-bind-port", str(free_port), "--history", "kept", env=KEEPS)
    assert done.code == 0, done.err
    (run,) = listed(shell, "--history", "kept")
    assert run["result"]["run"]["workers"] == 2
    assert run["result"]["total"]["requests"] > 0


def a_file_in_the_way(shell) -> None:
    shell.write("kept", "a file")


def a_damaged_file(shell) -> None:
    shell.write("kept/runs.sqlite", "no database" * 100)


BAD = {
    "a folder that cannot be made": (a_file_in_the_way, "cannot be used"),
    "a damaged file": (a_damaged_file, "is damaged"),
}


@pytest.mark.parametrize("case", BAD)
def test_run_goes_on_without_a_history_because_of(case: str, shell) -> None:
    prepare, problem = BAD[case]
    prepare(shell)
    done = shell.run(*RUN, "--history", "kept", env={"TMPDIR": str(shell.folder), **KEEPS})
    assert done.code == 0, done.err
    assert sum(problem in line for line in done.log) == 1
    assert "Traceback" not in done.err
    taken_in_later(shell, done)


def taken_in_later(shell, done) -> None:
    """Follows what the log says about the file that was written instead."""
    (told,) = [line for line in done.log if "locust-rs runs import" in line]
    path = told.partition("It is in ")[2].partition(" instead;")[0]
    imported = tools(shell, "runs", "--history", "mended", "import", path)
    assert imported.code == 0, imported.err
    (run,) = listed(shell, "--history", "mended")
    assert run["result"]["total"]["requests"] > 0


def test_full_disk_loses_no_run(shell) -> None:
    limited = type(shell)(shell.folder, [sys.executable, "-c", LIMITED])
    done = limited.run(*RUN, "--history", "kept", env=KEEPS)
    assert done.code == 0, done.err
    assert any("cannot be used" in line and "Make room" in line for line in done.log), done.err
    taken_in_later(shell, done)


def test_killed_run_has_no_result(shell) -> None:
    with shell.started(*RUN[:-1], "-t", "5m", "Shopper", "--history", "kept", env=KEEPS) as running:
        until(lambda: (shell.folder / "kept/runs.sqlite").exists() and listed(shell, "--history", "kept"))
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(30)
    assert "no result" in tools(shell, "runs", "--history", "kept", "list").out
    done = tools(shell, "compare", "1", "1", "--history", "kept")
    assert done.code == 1
    assert "was killed before its end" in done.err
