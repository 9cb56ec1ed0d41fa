"""Thresholds on the command line: where they are read from, what is printed, the exit code, and `abort`."""

from __future__ import annotations

import pytest

FAILING = """from shop import *


class Flaky(Shopper):
    @task
    def browse(self):
        self.record("browse", ValueError("bad"))


Flaky.tasks = [Flaky.browse]
"""

HANGING = """from shop import *
import gevent


class Hanging(Shopper):
    @task
    def browse(self):
        self.record("browse", ValueError("bad"))
        gevent.sleep(600)


Hanging.tasks = [Hanging.browse]
"""

RUN = ("--headless", "-t", "1")


def write(shell, text: str = "from shop import *\n", declared: str = "") -> None:
    shell.write("locustfile.py", f"{text}\nfrom locust import thresholds\nthresholds.add({declared})\n")


def result_lines(err: str) -> list[str]:
    """The lines of the console's summary."""
    lines = err.splitlines()
    begin = next(number for number, line in enumerate(lines) if "= thresholds =" in line)
    return [line for line in lines[begin + 1 :] if line][:-1]


SOURCES = {
    "the command line": ("", {}, ("--threshold", "requests > 1", "--threshold", "max < 1s"), {}),
    "the locustfile": ("'requests > 1', 'max < 1s'", {}, (), {}),
    "pyproject.toml": ("", {"pyproject.toml": '[tool.locust]\nthreshold = ["requests > 1", "max < 1s"]\n'}, (), {}),
    "locust.conf": ("", {"locust.conf": "threshold = [requests > 1, max < 1s]\n"}, (), {}),
    "the environment": ("", {}, (), {"LOCUST_THRESHOLD": "[requests > 1, max < 1s]"}),
    "two places": ("'requests > 1'", {}, ("--threshold", "max < 1s"), {}),
}


@pytest.mark.parametrize("source", SOURCES)
def test_thresholds_are_read_from(source: str, shell) -> None:
    declared, files, arguments, variables = SOURCES[source]
    write(shell, declared=declared)
    for name, text in files.items():
        shell.write(name, text)
    done = shell.run(*RUN, *arguments, env=variables)
    assert done.code == 0, done.err
    lines = result_lines(done.err)
    assert lines[0].startswith("PASSED  requests > 1  ")
    assert lines[1].startswith("PASSED  max < 1s      ")
    assert " 2 passed in " in done.err


CODES = {
    "a threshold that does not hold": (99, FAILING, ("--threshold", "failures < 1%")),
    "its own code": (42, FAILING, ("--threshold", "failures < 1%", "--exit-code-on-threshold", "42")),
    "failures that a threshold allows": (0, FAILING, ("--threshold", "failures <= 100%")),
    "failures that no threshold is about": (1, FAILING, ("--threshold", "max < 1s")),
    "nothing measured": (99, "from shop import *\n", ("--threshold", "p95(GET /brows) < 1s")),
}


@pytest.mark.parametrize("case", CODES)
def test_exit_code_of(case: str, shell) -> None:
    code, text, arguments = CODES[case]
    write(shell, text)
    done = shell.run(*RUN, *arguments, "Flaky" if text == FAILING else "Shopper")
    assert done.code == code, done.err
    assert f"Shutting down (exit code {code})" in done.err


def test_malformed_threshold_is_refused_with_its_place(shell) -> None:
    write(shell)
    done = shell.run(*RUN, "--threshold", "p95(GET /cart < 1s")
    assert done.code == 2
    assert "argument --threshold: This parenthesis is not closed" in done.err
    assert "\n    p95(GET /cart < 1s\n       ^^^^^^^^^^^^^^^\n" in done.err


def test_malformed_threshold_of_the_locustfile_ends_the_command(shell) -> None:
    write(shell, declared="'failure < 1%'")
    done = shell.run(*RUN)
    assert done.code == 1
    assert "There is no metric 'failure'. Did you mean 'failures'?\n    failure < 1%\n    ^^^^^^^\n" in done.err
    assert "locustfile.py" in done.err


@pytest.mark.parametrize("nodes", [(), ("--processes", "2")], ids=["local", "distributed"])
def test_abort_ends_a_run_at_once_whatever_the_stop_timeout(shell, nodes: tuple[str, ...]) -> None:
    write(shell, HANGING)
    # The tasks and the stop timeout are longer than the test may take.
    done = shell.run(
        *("--headless", "-u", "4", "-r", "4", "-t", "10m", "-s", "10m"),
        *nodes,
        *("--threshold", "failures < 50% abort", "Hanging"),
    )
    assert done.code == 99, done.err
    assert "Ending the run, because of the threshold failures < 50% abort" in done.err
    assert result_lines(done.err)[0].startswith("FAILED  failures < 50% abort  100.00 %, first broken at ")


def test_master_judges_what_its_workers_report(shell) -> None:
    write(shell)
    done = shell.run(
        *("--headless", "-u", "4", "-r", "4", "-t", "1", "--processes", "2"),
        *("--threshold", "p99(GET bro*) < 1s", "--threshold", "max(~.*) < 1ms", "Shopper"),
    )
    assert done.code == 99, done.err
    passed, failed = result_lines(done.err)
    assert passed.startswith("PASSED  p99(GET bro*) < 1s  5.")
    assert failed.startswith("FAILED  max(~.*) < 1ms      5.")
