"""`locust` is `locust_rs`: the same modules, whichever name and order."""

from __future__ import annotations

import subprocess
import sys

import pytest


def check(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "import locust, locust_rs; assert locust is locust_rs",
        "import locust_rs, locust; assert locust is locust_rs",
        "import locust.user.users, locust_rs.user.users; assert locust.user.users is locust_rs.user.users",
        "import locust_rs.user.users as b, locust.user.users as a; assert a is b",
        "from locust.user.task import TaskSet; from locust.user import task; import locust; assert task is locust.task",
        "from locust_rs.user.task import TaskSet; from locust.user import task; assert task.__name__ == 'task'",
        "from locust.contrib import fasthttp as a; from locust_rs.contrib import fasthttp as b; assert a is b",
        "import locust.runners, locust_rs; assert locust.runners is locust_rs.runners",
        "import locust; assert locust.stats.RequestStats and locust.contrib.fasthttp.FastHttpUser",
        "import locust; assert locust.user.users.HttpUser is locust.HttpUser",
        "from locust import RestUser; from locust.contrib.rest import RestUser as b; assert RestUser is b",
        "from locust import HttpUser; from locust.user import HttpUser as b; assert HttpUser is b",
        "import locust.env as e; assert e.__spec__.name == 'locust_rs.env' and e.__name__ == 'locust_rs.env'",
    ],
)
def test_same_module(code: str) -> None:
    check(code)


def test_patching_through_either_name_is_seen_through_both() -> None:
    check(
        "import locust.runners, locust_rs.runners\n"
        "from unittest import mock\n"
        "before = locust.runners.HEARTBEAT_INTERVAL\n"
        "from locust_rs._tunables import runners as owner\n"
        "with mock.patch('locust.runners.HEARTBEAT_INTERVAL', new=0.1):\n"
        "    assert locust_rs.runners.HEARTBEAT_INTERVAL == 0.1 == owner.HEARTBEAT_INTERVAL\n"
        "assert locust.runners.HEARTBEAT_INTERVAL == before == owner.HEARTBEAT_INTERVAL\n"
        "locust.stats.CSV_STATS_INTERVAL_SEC = 5\n"
        "assert locust_rs._tunables.stats.CSV_STATS_INTERVAL_SEC == 5\n"
    )


def test_classes_can_be_pickled() -> None:
    check(
        "import pickle, locust\n"
        "from locust.exception import StopUser\n"
        "assert type(pickle.loads(pickle.dumps(StopUser('x')))) is StopUser\n"
        "assert pickle.loads(pickle.dumps(locust.HttpUser)) is locust.HttpUser\n"
    )


def test_resources_are_found() -> None:
    check("import importlib.resources as r; assert r.files('locust').joinpath('py.typed').is_file()")


def test_reloading_keeps_the_module() -> None:
    check(
        "import importlib, locust.util.timespan as t\n"
        "assert importlib.reload(t) is t and t.__spec__.name == 'locust_rs.util.timespan'\n"
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import locust.nope", "ModuleNotFoundError: No module named 'locust.nope'"),
        ("import locust; locust.nope", "AttributeError: module 'locust' has no attribute 'nope'"),
        ("from locust import nope", "ImportError: cannot import name 'nope'"),
    ],
)
def test_an_unknown_name_is_an_error(code: str, message: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert message in done.stderr


def test_a_module_can_be_run() -> None:
    done = subprocess.run([sys.executable, "-m", "locust.util.timespan"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "instead"), [("Locust", "User"), ("HttpLocust", "HttpUser"), ("FastHttpLocust", "FastHttpUser")]
)
def test_names_from_before_1_0_say_what_replaced_them(name: str, instead: str) -> None:
    origin = "locust.contrib.fasthttp" if name.startswith("Fast") else "locust"
    code = f"from {origin} import {name}\nclass Mine({name}): ..."
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert f"ImportError: The {name} class has been renamed to {instead} in version 1.0" in done.stderr
