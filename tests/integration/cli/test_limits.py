"""Runs that end by themselves: after so many iterations, or some time after the ramp; and runs that are paused."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import urllib.parse
import urllib.request

import pytest

from polling import comes_to_rest, until

DISTRIBUTED = ["--processes", "2"]


def counted(shell) -> int:
    return sum(row["num_requests"] for row in json.loads((shell.folder / "result.json").read_text()))


@pytest.mark.parametrize("nodes", [[], DISTRIBUTED], ids=["local", "distributed"])
def test_a_run_ends_after_its_iterations(shell, nodes, free_port: int) -> None:
    load = ["--headless", "-u", "5", "-r", "100", "-i", "47", "--only-summary", "--json-file", "result"]
    done = shell.run("-f", "shop.py", *load, *nodes, "--master-bind-port", str(free_port))
    assert done.code == 0, done.err
    assert counted(shell) == 47
    assert "All 47 iterations have ended, shutting down" in done.err


def test_a_failed_iteration_counts_and_decides_the_exit_code(shell) -> None:
    bad = "class Bad(Shopper):\n    wait_time = constant(0)\n    @task\n    def t(self): raise ValueError('no')\n"
    shell.write("bad.py", f"from shop import *\n{bad}")
    done = shell.run("-f", "bad.py", "--headless", "-u", "1", "-i", "30", "--only-summary", "Bad")
    assert done.code == 1, done.err
    assert "All 30 iterations have ended" in done.err


def test_the_run_time_ends_a_run_whose_iterations_take_longer(shell) -> None:
    done = shell.run("-f", "shop.py", "--headless", "-u", "1", "-i", "1000000", "-t", "1", "--only-summary")
    assert "--run-time limit reached" in done.err
    assert done.code == 0, done.err


def test_autoquit_follows_the_last_iteration(shell, free_port: int) -> None:
    load = ["--autostart", "--autoquit", "0", "-u", "2", "-i", "9", "--web-port", str(free_port)]
    done = shell.run("-f", "shop.py", *load, "--json-file", "result")
    assert done.code == 0, done.err
    assert "All 9 iterations have ended, stopping test" in done.err
    assert counted(shell) == 9


@pytest.mark.parametrize("nodes", [[], DISTRIBUTED], ids=["local", "distributed"])
def test_the_run_time_can_be_counted_from_the_end_of_the_ramp(shell, nodes, free_port: int) -> None:
    load = ["--headless", "-u", "4", "-r", "2", "-t", "1", "--time-from-ramp-end", "--only-summary"]
    done = shell.run("-f", "shop.py", *load, *nodes, "--master-bind-port", str(free_port))
    assert done.code == 0, done.err
    # Without the option the run would end with two users.
    assert re.search(r"All users spawned: .*\(4 total users\)[^§]*--run-time limit reached", done.err)


def test_an_option_of_the_locustfile_with_the_same_name_takes_precedence(shell) -> None:
    shell.write(
        "own.py",
        "from shop import *\n"
        "@events.init_command_line_parser.add_listener\n"
        "def _(parser):\n"
        "    parser.add_argument_group('Mine').add_argument('-i', '--iterations', type=str, default='none')\n"
        "@events.test_start.add_listener\n"
        "def _(environment, **_): print('own value:', environment.parsed_options.iterations)\n",
    )
    done = shell.run("-f", "own.py", "--headless", "-u", "1", "-t", "1", "-i", "a few", "--only-summary")
    assert done.code == 0, done.err
    assert "own value: a few" in done.out


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_limit_that_is_none_is_refused(shell, value: str) -> None:
    done = shell.run("-f", "shop.py", "--headless", "-i", value)
    assert done.code == 2
    assert "-i/--iterations" in done.err


class Page:
    """The API of a run's web UI."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def post(self, path: str, **form: str) -> dict:
        with urllib.request.urlopen(self._url + path, urllib.parse.urlencode(form).encode()) as answer:
            return json.load(answer)

    def updates(self) -> dict:
        with urllib.request.urlopen(f"{self._url}/stats/updates") as answer:
            return json.load(answer)

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(self.updates())
        return False

    def requests(self) -> int:
        return self.updates()["totals"]["num_requests"]


@pytest.mark.parametrize("is_distributed", [False, True], ids=["local", "distributed"])
def test_a_run_is_started_with_limits_paused_and_resumed_by_the_api(shell, is_distributed: bool) -> None:
    port, master_port = free_ports(2)
    page = Page(port)
    nodes = [*DISTRIBUTED, "--master-bind-port", str(master_port)] if is_distributed else []
    with shell.started("-f", "shop.py", "--web-host", "127.0.0.1", "--web-port", str(port), *nodes) as run:
        run.wait_for("2 workers connected" if is_distributed else "Starting web interface")
        until(page.answers)
        assert page.post("/pause")["success"] is False
        answer = page.post("/swarm", user_count="4", spawn_rate="100", iterations="600")
        assert answer["success"], answer
        until(lambda: page.requests() > 0)
        assert page.post("/pause") == {"success": True, "message": "Test paused"}
        assert page.updates()["paused"] is True
        # The last iterations end and the last reports come in, and then nothing.
        assert 0 < comes_to_rest(page.requests, still_s=3.5) < 600
        assert page.updates()["state"] == "running"
        assert page.post("/resume")["success"]
        assert page.post("/swarm", user_count="40", spawn_rate="100")["success"]
        until(lambda: page.updates()["state"] == "stopped")
        assert page.requests() == 600
        assert page.updates()["paused"] is False


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
