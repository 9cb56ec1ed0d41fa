"""Files and command lines of earlier eras, and that others see nothing of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shell

# What an ordinary file can see of the names of old, in words.
LOOK = """
import sys
from locust import TaskSet, User, events, task, web
import locust

class Probe(User):
    @task
    def look(self):
        pass

old_events = [n for n in ("request_success", "hatch_complete", "slave_report") if hasattr(events, n)]
print("seen:", old_events, hasattr(TaskSet, "locust"), hasattr(locust, "core"), "locust_rs.legacy" in sys.modules)
try:
    class Old(locust.HttpLocust):
        pass
except ImportError as error:
    print(error)
"""


def test_ordinary_file_sees_no_old_name(shell: Shell) -> None:
    shell.write("locustfile.py", LOOK.replace("locust.HttpLocust", 'getattr(locust, "HttpLocust")'))
    done = shell.run("--list")
    seen, refused, *_ = done.out.splitlines()
    assert seen == "seen: [] False False False"
    assert refused.startswith("The HttpLocust class has been renamed to HttpUser in version 1.0.")
    assert "OldFormWarning" not in done.err


def test_help_names_no_old_option(shell: Shell) -> None:
    out = shell.run("--help").out
    assert not [
        option for option in ("--no-web", "--clients", "--hatch-rate", "--num-request", "--slave") if option in out
    ]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--slave", "The --slave parameter has been renamed --worker"),
        ("--expect-slaves", "The --expect-slaves parameter has been renamed --expect-workers"),
    ],
)
def test_option_that_stock_locust_refuses_is_refused(shell: Shell, option: str, message: str) -> None:
    done = shell.run(option, "-f", "shop.py")
    assert (done.code, message in done.err) == (2, True)


def test_old_command_line_runs_a_file_of_today(shell: Shell) -> None:
    done = shell.run("-f", "shop.py", "--no-web", "-c", "3", "--hatch-rate=3", "-n", "5", "--only-summary")
    assert done.code == 0, done.err
    assert 'All users spawned: {"Shopper": 1, "Visitor": 2}' in done.err
    for option, today in {"--no-web": "--headless", "-c": "-u, --users", "--hatch-rate": "-r, --spawn-rate"}.items():
        assert f"OldFormWarning: {option}: today's form is {today}" in done.err


def test_option_of_a_locustfile_keeps_its_name(shell: Shell) -> None:
    shell.write(
        "own.py",
        "from shop import *\n@events.init_command_line_parser.add_listener\n"
        "def add(parser, **kwargs):\n    parser.add_argument('-c', '--clients-file', default='none')\n"
        "@events.init.add_listener\ndef show(environment, **kwargs):\n"
        "    print('file', environment.parsed_options.clients_file)\n",
    )
    done = shell.run("-f", "own.py", "--no-web", "-c", "clients.csv", "-t", "1")
    assert done.code == 0, done.err
    assert "file clients.csv" in done.out
    assert "-c: today's form" not in done.err
    assert "file other.csv" in shell.run("-f", "own.py", "--headless", "--clients", "other.csv", "-t", "1").out


FULL = """
import sys
from locust import Locust, TaskSet, task, events
from locust.events import EventHook
from locust.exception import StopLocust

class Inner(TaskSet):
    def on_start(self):
        print("inner", self.args, self.kwargs)
        self.interrupt()

def plain(l, a, b=0):
    print("plain", type(l).__name__, a, b)

class Behaviour(TaskSet):
    min_wait = max_wait = 10

    def on_start(self):
        self.schedule_task(self.method, args=[1], kwargs={"b": 2})
        self.schedule_task(plain, [3])
        self.schedule_task(Inner, args=(4,), kwargs={"c": 5})
        self.schedule_task(plain, (6,), {"b": 7}, first=True)

    def method(self, a, b):
        print("method", a, b, self.locust is self.parent, self.locust.made)

    @task
    def fail(self):
        self.locust.environment.events.request_success.fire("MADE", "ok", 12, 34)
        events.request_failure.fire(request_type="MADE", name="bad", response_time=1, exception="why")
        if len(seen) > 3:
            raise StopLocust()
        raise ValueError("task blew")

class Maker(Locust):
    task_set = Behaviour

    def __init__(self):
        super().__init__()
        self.made = True

seen = []

def note(*args):
    seen.append(args)
    print(*args)

def on_success(request_type, name, response_time, response_length):
    note("success", request_type, name, response_time, response_length)

def on_failure(method, path, response_time, exception, **kw):
    note("failure", method, path, exception)

def on_error(locust_instance, exception, tb):
    note("error", type(locust_instance).__name__, exception)

events.request_success += on_success
events.request_failure += on_failure
events.locust_error += on_error
events.hatch_complete += lambda user_count: print("hatched", user_count)
events.locust_start_hatching += lambda: print("hatching")
events.quitting += lambda: print("quitting")
never = lambda **kw: print("never")
events.request_success += never
events.request_success -= never
events.quitting += never
events.quitting -= never

own = EventHook()
own += lambda a, b: print("own", a, b)
own.fire(1, b=2)
"""


def test_everything_of_that_time_works_and_warns_once(shell: Shell) -> None:
    shell.write("locustfile.py", FULL)
    done = shell.run("--no-web", "-c", "1", "-r", "1", "-t", "2", "--only-summary")
    lines = done.out.splitlines()
    assert (
        lines[:8]
        == [
            "own 1 2",
            "hatching",
            "plain Behaviour 6 7",
            "method 1 2 True True",
            "plain Behaviour 3 0",
            "inner (4,) {'c': 5}",
            "success MADE ok 12 34",
            "failure MADE bad why",
        ]
        or "hatched 1" in lines[:8]
    ), done.out + done.err
    assert {"hatched 1", "error Behaviour task blew"} <= set(lines)
    assert (lines[-1], "never" in lines) == ("quitting", False)
    warned = [line.split("OldFormWarning: ")[1] for line in done.err.splitlines() if "OldFormWarning: " in line]
    kinds = [text.split(": today's form is ")[0] for text in warned]
    assert sorted(kinds) == sorted(set(kinds))
    assert set(kinds) >= {
        "Locust",
        "task_set",
        "min_wait and max_wait in milliseconds",
        "TaskSet.locust",
        "schedule_task(task, args, kwargs)",
        "__init__(self)",
        "event += handler",
        "event -= handler",
        "event.fire with positional arguments",
        "events.request_success",
        "events.request_failure",
        "events.locust_error",
        "events.hatch_complete",
        "events.locust_start_hatching",
    }
    assert "Uncaught exception" not in done.err


def test_module_beside_the_locustfile_may_be_the_old_one(shell: Shell) -> None:
    shell.write("common/__init__.py", "from .users import Base\n")
    shell.write("common/users.py", "from locust.core import *\nclass Base(Locust):\n    pass\n")
    shell.write(
        "locustfile.py",
        "from common import Base\nfrom locust import TaskSet, task\n"
        "class Tasks(TaskSet):\n    @task\n    def t(self): ...\n"
        "class Mine(Base):\n    task_set = Tasks\n",
    )
    done = shell.run("--list")
    assert (done.code, done.out) == (0, "Available Users:\n    Mine\n"), done.err


def test_number_of_requests_ends_a_run(shell: Shell) -> None:
    shell.write("locustfile.py", "from shop import Shopper\nclass One(Shopper):\n    weight = 1\n")
    done = shell.run("--no-web", "-n", "7", "--csv", "seven", "One")
    assert done.code == 0, done.err
    aggregated = (shell.folder / "seven_stats.csv").read_text().splitlines()[-1]
    assert aggregated.split(",")[:3] == ["", "Aggregated", "7"]


def test_warnings_can_be_errors(shell: Shell) -> None:
    shell.write("locustfile.py", "from locust import Locust, TaskSet\nclass A(Locust):\n    task_set = TaskSet\n")
    shell.command = [sys.executable, "-W", "error::DeprecationWarning", "-m", "locust"]
    done = shell.run("--list")
    assert (done.code, "Locust: today's form is User" in done.err) == (1, True)
