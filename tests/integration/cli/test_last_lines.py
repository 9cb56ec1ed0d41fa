"""What a script waits for in the log, and the line that tells why a process ends."""

from __future__ import annotations

import signal

import pytest

from polling import until


@pytest.mark.parametrize("event", ["test_start", "spawning_complete", "test_stop"])
def test_sys_exit_in_a_handler_ends_the_process_with_its_code(shell, event: str) -> None:
    shell.write(
        "exits.py",
        f"import sys\nfrom shop import *\n@events.{event}.add_listener\ndef _(**kwargs):\n    sys.exit(42)\n",
    )
    done = shell.run("-f", "exits.py", "--headless", "-t", "1s", "--only-summary")
    assert done.code == 42
    assert "sys.exit(42) called (use log level DEBUG for callstack)" in done.err
    assert "Traceback" not in done.err


IN_A_HANDLER = "@events.{}.add_listener\ndef _(*args, **kwargs):\n    sys.exit(42)\n"


@pytest.mark.parametrize(
    "text",
    [
        "sys.exit(42)",
        *(
            IN_A_HANDLER.format(event)
            for event in ("init_command_line_parser", "init", "test_start", "quitting", "quit")
        ),
        "class Leaving(User):\n    @task\n    def leave(self):\n        sys.exit(42)\n",
    ],
    ids=["import", "init_command_line_parser", "init", "test_start", "quitting", "quit", "task"],
)
def test_the_last_line_tells_where_sys_exit_was_called(shell, text: str) -> None:
    text = f"import sys\nfrom shop import *\n{text}"
    path = shell.write("exits.py", text)
    done = shell.run("-f", "exits.py", "--headless", "-t", "1s", "-u", "4", "-r", "4", "--only-summary")
    assert done.code == 42
    line = text[: text.index("sys.exit")].count("\n") + 1
    assert done.err.rstrip().splitlines()[-1].endswith(f"sys.exit(42) called at {path}:{line}")
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("call", "code", "last"),
    [("sys.exit('no target')", 1, "no target"), ("quit(3)", 3, "exits.py:2")],
    ids=["with a text", "the builtin"],
)
def test_other_ways_to_exit_are_told_as_well(shell, call: str, code: int, last: str) -> None:
    shell.write("exits.py", f"import sys\n{call}\n")
    done = shell.run("-f", "exits.py", "--headless", "-t", "1s")
    assert done.code == code
    assert done.err.rstrip().splitlines()[-1].endswith(last)
    assert "Traceback" not in done.err


@pytest.mark.parametrize("event", ["init", "init_command_line_parser"])
def test_a_failing_handler_of_the_beginning_is_the_last_line(shell, free_port: int, event: str) -> None:
    shell.write(
        "fails.py",
        f"from shop import *\n@events.{event}.add_listener\ndef _(*args, **kwargs):\n    raise RuntimeError('broke')\n",
    )
    done = shell.run("-f", "fails.py", "--web-port", str(free_port))
    assert done.code == 1
    assert "RuntimeError: broke" in done.err
    assert "A handler of init or init_command_line_parser failed" in done.err.rstrip().splitlines()[-1]


@pytest.mark.parametrize(
    ("number", "code", "last"),
    [(signal.SIGINT, 130, "Exiting due to CTRL+C interruption"), (signal.SIGTERM, 143, "Got SIGTERM signal")],
    ids=["SIGINT", "SIGTERM"],
)
@pytest.mark.parametrize("moment", ["import", "worker"])
def test_a_signal_before_the_run_is_the_last_line(
    shell, free_port: int, moment: str, number: int, code: int, last: str
) -> None:
    text = "import sys\nfrom shop import *\nprint('imported', file=sys.stderr, flush=True)\n"
    shell.write("waits.py", text + ("import time\ntime.sleep(600)\n" if moment == "import" else ""))
    args = ["--worker", "--master-port", str(free_port)] if moment == "worker" else []
    with shell.started("-f", "waits.py", *args) as running:
        running.wait_for("imported" if moment == "import" else "Starting Locust")
        done = running.end(number)
    assert done.code == code
    assert done.err.rstrip().splitlines()[-1].endswith(last)
    assert "Traceback" not in done.err


def test_a_parent_of_workers_says_that_they_have_ended(shell, free_port: int) -> None:
    args = ("--worker", "--processes", "2", "--master-port", str(free_port))
    with shell.started("-f", "shop.py", *args) as running:
        until(lambda: len(running.children()) == 2, "two children")
        done = running.end(signal.SIGTERM)
    assert done.code != 0
    # The latter if it has not begun to wait for them.
    lines = (f"All worker processes have ended: shutting down (exit code {done.code})", "Got SIGTERM signal")
    assert done.log[-1].endswith(lines), done.err


def test_autostart_without_a_run_time_says_so(shell, free_port: int) -> None:
    with shell.started("-f", "shop.py", "--autostart", "--web-port", str(free_port)) as running:
        running.wait_for("No run time limit set, use CTRL+C to interrupt")
        done = running.end(signal.SIGINT)
    assert "Shutting down (exit code" in done.err
