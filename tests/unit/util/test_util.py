"""The functions that user code imports from `locust.util`."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from locust_rs import TaskSet, User, constant
from locust_rs.util import cache, date, deprecation, directory, exception_handler, load_locustfile
from locust_rs.util.rounding import proper_round
from locust_rs.util.timespan import parse_timespan
from locust_rs.util.url import is_url


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("20", 20),
        ("20s", 20),
        ("3m", 180),
        ("2h", 7200),
        ("1h20m", 4800),
        ("3h30m10s", 12610),
    ],
)
def test_timespan_is_read(text: str, seconds: int) -> None:
    assert parse_timespan(text) == seconds


@pytest.mark.parametrize("text", ["", "abc", "1d", "1.5", "20S", "1h 20m", "m", "1m1h", "10s5", "-5", " 20", "1h30"])
def test_other_timespans_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Invalid time span format"):
        parse_timespan(text)


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        (0.5, 0, 1.0),
        (1.5, 0, 2.0),
        (2.5, 0, 3.0),
        (-0.5, 0, -0.0),
        (-1.5, 0, -1.0),
        (2.675, 2, 2.68),
        (0.125, 2, 0.13),
        (1234.5, -1, 1230.0),
        (0.49999999999999994, 0, 0.0),
        (2, 0, 2.0),
        (1e300, 2, 1e300),
        (math.inf, 0, math.inf),
    ],
)
def test_halves_are_rounded_up(value: float, digits: int, rounded: float) -> None:
    assert proper_round(value, digits) == rounded


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59.99, "59 seconds"),
        (60, "1 minute"),
        (3661, "1 hour, 1 minute and 1 second"),
        (11107.5, "3 hours, 5 minutes and 7 seconds"),
        (172861, "2 days, 1 minute and 1 second"),
    ],
)
def test_duration_is_told_in_words(seconds: float, text: str) -> None:
    assert date.format_duration(1000, 1000 + seconds) == text


def test_utc_timestamp_cuts_fractions_off() -> None:
    assert date.format_utc_timestamp(1700000000.999) == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a", True),
        ("https://a.b/x", True),
        ("HTTP://a", True),
        ("ftp://a", False),
        ("a/b", False),
        ("http://", False),
        ("//a", False),
        ("http://[broken", False),
    ],
)
def test_urls_are_told_from_paths(url: str, expected: bool) -> None:
    assert is_url(url) is expected


def test_memoized_result_is_kept_until_cleared() -> None:
    calls = []

    @cache.memoize(timeout=1000)
    def slow() -> int:
        calls.append(1)
        return len(calls)

    assert (slow(), slow()) == (1, 1)
    slow.clear_cache()  # type: ignore[attr-defined]
    assert slow() == 2


def test_memoized_result_expires() -> None:
    calls = []

    @cache.memoize(timeout=0)
    def slow() -> int:
        calls.append(1)
        return len(calls)

    assert (slow(), slow()) == (1, 2)


def test_retry_gives_up_after_the_last_delay(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    attempts = []

    @exception_handler.retry(delays=(0, 0), exception=ValueError)
    def failing() -> None:
        attempts.append(1)
        raise ValueError(len(attempts))

    with pytest.raises(ValueError, match="3"):
        failing()
    assert "Retry failed after 2 times." in caplog.messages


def test_retry_passes_other_exceptions_at_once() -> None:
    attempts = []

    @exception_handler.retry(delays=(0, 0), exception=ValueError)
    def failing() -> None:
        attempts.append(1)
        raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert len(attempts) == 1


@pytest.mark.parametrize("name", ["Locust", "HttpLocust", "FastHttpLocust"])
def test_old_class_names_raise_when_subclassed(name: str) -> None:
    old_class = getattr(deprecation, f"Deprecated{name}Class")
    with pytest.raises(ImportError, match=f"The {name} class has been renamed"):
        type(old_class)("Mine", (old_class,), {})


def test_task_set_attribute_warns() -> None:
    class Tasks: ...

    with pytest.warns(DeprecationWarning, match=r"tasks = \[Tasks\]"):
        deprecation.check_for_deprecated_task_set_attribute({"task_set": Tasks})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        deprecation.check_for_deprecated_task_set_attribute({"task_set": None})


class Hurried(TaskSet):
    min_wait = 100


class Around(TaskSet):
    tasks = [Hurried]


@pytest.mark.parametrize(
    ("body", "ignored"),
    [
        ({"max_wait": 100}, "Old.max_wait"),
        ({"max_wait": 100, "wait_time": constant(1)}, "Old.max_wait"),
        ({"tasks": [Hurried]}, "Hurried.min_wait"),
        ({"tasks": {Around: 3}}, "Hurried.min_wait"),
        ({"tasks": [Hurried], "wait_time": constant(1)}, "Hurried.min_wait"),
    ],
    ids=["of a user", "of a user beside a wait time", "of a task set", "of an inner task set", "beside a wait time"],
)
def test_waits_that_have_no_effect_are_told(body: dict[str, Any], ignored: str) -> None:
    with pytest.warns(
        DeprecationWarning, match=rf"^{ignored} has no effect since version 1.0, because Old has"
    ) as told:
        type("Old", (User,), body)
    assert len(told) == 1
    assert told[0].filename == __file__


def test_waits_that_have_an_effect_are_not_told() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        type("Both", (User,), {"max_wait": 100, "wait_time": None, "tasks": [Around]})
        type("Base", (User,), {"abstract": True, "tasks": [Around]})


def test_old_attributes_are_told_about_a_locustfile(tmp_path: Path) -> None:
    locustfile = tmp_path / "old.py"
    locustfile.write_text(
        "from locust import TaskSet, User\nclass Hurried(TaskSet):\n    max_wait = 2000\n"
        "class Old(User):\n    task_set = TaskSet\n    min_wait = 1000\n    tasks = [Hurried]\n"
    )
    command = [sys.executable, "-m", "locust", "-f", str(locustfile), "--list"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "Usage of User.task_set is deprecated" in done.stderr
    assert "Old.min_wait has no effect" in done.stderr
    assert "Hurried.max_wait has no effect" in done.stderr


def test_files_are_found_below_a_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a.py", "_hidden.py", "deep/b.py", "deep/c.txt"):
        (tmp_path / name).touch()
    found = directory.get_abspaths_in(str(tmp_path), ".py")
    assert sorted(found) == [str(tmp_path / "a.py"), str(tmp_path / "deep/b.py")]
    assert len(directory.get_abspaths_in(str(tmp_path))) == 3


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


USERS = """
from locust import HttpUser, LoadTestShape, User, task

class Mine(User):
    @task
    def work(self): ...

class Base(User):
    abstract = True

class Shape(LoadTestShape):
    def tick(self): ...

class ShapeBase(LoadTestShape):
    abstract = True
    def tick(self): ...
"""


def test_locustfile_yields_its_concrete_classes(tmp_path: Path) -> None:
    users, shapes = load_locustfile.load_locustfile(write(tmp_path / "mine.py", USERS))
    assert list(users) == ["Mine"]
    assert [type(shape).__name__ for shape in shapes] == ["Shape"]


def test_locustfile_imports_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path / "neighbour_of_mine.py", "HOST = 'http://a'")
    before = list(sys.path)
    path = write(tmp_path / "mine.py", "import neighbour_of_mine" + USERS)
    assert list(load_locustfile.load_locustfile(path)[0]) == ["Mine"]
    assert sys.path == before


def test_a_locustfile_that_is_a_link_imports_the_neighbours_of_the_link(tmp_path: Path) -> None:
    path = tmp_path / "mounted.py"
    target = write(tmp_path / "..data/mounted.py", "import neighbour_of_the_link" + USERS)
    write(tmp_path / "neighbour_of_the_link.py", "")
    path.symlink_to(target)
    assert list(load_locustfile.load_locustfile(str(path))[0]) == ["Mine"]


def test_locustfile_may_be_called_as_a_module_of_the_standard_library(tmp_path: Path) -> None:
    import random

    load_locustfile.load_locustfile(write(tmp_path / "random.py", USERS))
    assert sys.modules["random"] is random


def test_locustfile_of_a_package_may_import_relatively(tmp_path: Path) -> None:
    write(tmp_path / "shop_tests/__init__.py", "")
    write(tmp_path / "shop_tests/common.py", "HOST = 'http://a'")
    path = write(tmp_path / "shop_tests/users.py", "from .common import HOST" + USERS)
    assert list(load_locustfile.load_locustfile(path)[0]) == ["Mine"]


def test_package_folder_is_a_locustfile(tmp_path: Path) -> None:
    write(tmp_path / "other_tests/part.py", USERS)
    write(tmp_path / "other_tests/__init__.py", "from .part import Mine")
    assert list(load_locustfile.load_locustfile(str(tmp_path / "other_tests"))[0]) == ["Mine"]


def test_failing_locustfile_leaves_no_module_behind(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        load_locustfile.load_locustfile(write(tmp_path / "half_loaded.py", "1 / 0"))
    assert "half_loaded" not in sys.modules
