"""run_single_user, in processes of their own as users run it, and PrintListener."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from locust_rs.debug import PrintListener
from locust_rs.env import Environment

SCENARIO = """
from locust import HttpUser, User, events, run_single_user, task
from locust.exception import StopUser

@events.init.add_listener
def on_init(environment, runner, web_ui, **kwargs):
    print("init", runner, web_ui, environment.parsed_options.num_users)

@events.test_start.add_listener
def on_test_start(environment, **kwargs):
    print("test_start")

@events.test_stop.add_listener
@events.quitting.add_listener
def never(**kwargs):
    print("never")

class MyUser(User):
    def on_start(self):
        print("on_start", self.environment.single_user_instance is self, self.environment.runner)

    def on_stop(self):
        print("on_stop")

    @task
    def fails(self):
        fire = self.environment.events.request.fire
        fire(request_type="GET", name="/a", response_time=12.6, response_length=5, exception=None, context={"u": 1})
        fire(request_type="GET", name="/b", response_time=None, response_length=0,
             exception=ValueError("no"), context=None)
        self.environment.runner  # no runner: a debugger needs none
        if hasattr(self, "failed"):
            raise StopUser
        self.failed = True
        raise KeyError("shown in the log")

run_single_user(MyUser)
run_single_user(MyUser, include_length=True, include_context=True, loglevel=None)
"""


def test_a_user_runs_several_times_in_one_process(tmp_path: Path) -> None:
    script = tmp_path / "debugging.py"
    script.write_text(SCENARIO)
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, timeout=120, cwd=tmp_path
    )
    name = " " * 48
    requests = f"GET\t/a{name}\t13     \t         \t\nGET\t/b{name}\t-1     \tValueError('no')\t\n"
    longer = f"GET\t/a{name}\t13     \t5\t         \t{{'u': 1}}\t\nGET\t/b{name}\t-1     \t0\tValueError('no')\t\t\n"
    header = f"\ntype\tname{' ' * 46}\tresp_ms"
    assert done.stdout == (
        f"{header}\texception\t\t\n"
        "init None None None\ntest_start\non_start True None\n"
        f"{requests}{requests}on_stop\n"
        f"{header}\tlength\texception\tcontext\t\t\n"
        "test_start\non_start True None\n"
        f"{longer}{longer}on_stop\n"
    )
    assert len(re.findall(r"/ERROR/locust.user.task: 'shown in the log'\nTraceback", done.stderr)) == 2
    assert "INFO" not in done.stderr


SETTINGS = """
from locust import HttpUser, events, run_single_user, task
from locust.exception import StopUser

@events.init_command_line_parser.add_listener
def add(parser):
    parser.add_argument("--mine", default="none")

class Shopper(HttpUser):
    @task
    def shop(self):
        environment = self.environment
        print(self.host, Shopper.host, environment.host, environment.parsed_options.mine, environment.locustfile)
        raise StopUser

run_single_user(Shopper)
"""


@pytest.mark.parametrize(
    ("arguments", "variables", "config", "mine"),
    [
        (["--host", "http://a", "--mine", "here"], {}, "", "here"),
        ([], {"LOCUST_HOST": "http://a"}, "", "none"),
        ([], {}, "host = http://a\nmine = there\n", "there"),
        (["--host", "http://a"], {"LOCUST_HOST": "http://b"}, "host = http://c\n", "none"),
    ],
    ids=["command line", "environment", "configuration file", "precedence"],
)
def test_a_single_user_has_the_settings_of_the_process(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], config: str, mine: str
) -> None:
    (tmp_path / "single.py").write_text(SETTINGS)
    (tmp_path / "locust.conf").write_text(config)
    done = subprocess.run(
        [sys.executable, "single.py", *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=tmp_path,
        env={**os.environ, **variables},
    )
    assert done.stdout.splitlines()[-1] == f"http://a http://a http://a {mine} single.py"


@pytest.mark.parametrize(
    ("flag", "header", "row"),
    [
        ("include_length", "\tlength\texception\t\t\n", "\t7\t         \t\n"),
        ("include_context", "\texception\tcontext\t\t\n", "\t         \t{'a': 1}\t\n"),
        ("include_payload", "\texception\t\tpayload\t\n", "\t         \tb'sent'\t\n"),
    ],
)
def test_flags(capsys: pytest.CaptureFixture[str], flag: str, header: str, row: str) -> None:
    environment = Environment()
    PrintListener(environment, **{flag: True})
    printed = capsys.readouterr().out
    assert printed == f"\ntype\tname{' ' * 46}\tresp_ms{header}"

    class Request:
        body = b"sent"

    class Response:
        request = Request()

    environment.events.request.fire(
        request_type="GET",
        name="/",
        response_time=1.2,
        response_length=7,
        exception=None,
        context={"a": 1},
        response=Response(),
    )
    assert capsys.readouterr().out == f"GET\t/{' ' * 49}\t1      {row}"


def test_the_time_is_that_of_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    environment = Environment()
    PrintListener(environment, include_time=True)
    fields: dict[str, Any] = {
        "request_type": "GET",
        "name": "/",
        "response_time": 1,
        "response_length": 0,
        "exception": None,
        "context": {},
    }
    environment.events.request.fire(start_time=1700000000.5, **fields)
    environment.events.request.fire(**fields)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith(f"{'time':24}\ttype\t")
    assert lines[2].startswith("2023-11-14 22:13:20.500000+00:00\tGET\t")
    assert lines[3].count("\t") == lines[2].count("\t")


def test_the_cause_of_a_wrapped_error_is_shown(capsys: pytest.CaptureFixture[str], free_port: int) -> None:
    from locust_rs.clients import HttpSession

    environment = Environment()
    PrintListener(environment)
    session = HttpSession(f"http://127.0.0.1:{free_port}", environment.events.request, None)
    session.get("/")
    assert "ConnectionRefusedError(111, 'Connection refused')" in capsys.readouterr().out
