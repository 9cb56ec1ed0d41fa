"""Users made of pytest-style tests, and the plugin in pytest itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.pywsgi import WSGIServer

from locust_rs.env import Environment
from locust_rs.exception import LocustError
from locust_rs.user.pytest_user import PytestUser, user_classes_of_tests

TESTS = """
import pytest

steps = []

@pytest.fixture
def greeting(session):
    steps.append(f"set up with {session.base_url}")
    yield "hello"
    steps.append("torn down")

def test_plain(session):
    steps.append(session.get("/plain").text)

def test_fixture(greeting, fastsession):
    steps.append(f"{greeting} {fastsession.get('/fast').text}")

class TestGroup:
    def test_method(self, session):
        steps.append(type(self).__name__)
        session.get("/method").raise_for_status()

def test_fails(session):
    steps.append("fails")
    assert session is None, "this is no good"

def test_request_fails(session):
    steps.append("tried")
    session.get("/missing").raise_for_status()
    steps.append("not reached")

def helper(session):
    steps.append("no test")
"""


@pytest.fixture
def host() -> Iterator[str]:
    def answer(environ: Any, start_response: Any) -> list[bytes]:
        missing = environ["PATH_INFO"] == "/missing"
        start_response("404 Not Found" if missing else "200 OK", [])
        return [environ["PATH_INFO"].encode()]

    server = WSGIServer(("127.0.0.1", 0), answer, log=None)
    server.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.stop(timeout=0.1)


@pytest.fixture
def classes(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "test_shop.py"
    path.write_text(TESTS)
    return user_classes_of_tests(str(path))


def test_each_test_is_a_user_class(classes: dict[str, Any]) -> None:
    assert list(classes) == ["test_plain", "test_fixture", "test_method", "test_fails", "test_request_fails"]
    assert all(issubclass(cls, PytestUser) and not cls.abstract for cls in classes.values())
    assert PytestUser.abstract is True


@pytest.mark.parametrize(
    ("name", "first_steps"),
    [
        ("test_plain", ["/plain", "/plain"]),
        ("test_fixture", ["set up with {host}", "hello /fast", "hello /fast"]),
        ("test_method", ["TestGroup", "TestGroup"]),
        ("test_fails", ["fails", "fails"]),
        ("test_request_fails", ["tried", "tried"]),
    ],
)
def test_a_test_runs_over_and_over(
    classes: dict[str, Any],
    start: Callable[..., Any],
    until: Any,
    host: str,
    name: str,
    first_steps: list[str],
) -> None:
    environment = Environment(host=host)
    errors: list[str] = []
    environment.events.user_error.add_listener(lambda exception, **kwargs: errors.append(str(exception)))
    user = start(classes[name], environment=environment)
    steps = sys.modules[user.functions[0].module.__name__].steps
    until(lambda: len(steps) > 3)
    user.stop()
    user.greenlet.join(timeout=20)
    assert user.greenlet.dead
    assert steps[: len(first_steps)] == [step.format(host=host) for step in first_steps]
    assert steps[-1] == ("torn down" if name == "test_fixture" else first_steps[-1])
    assert bool(errors) is (name == "test_fails")
    assert all(error.startswith("this is no good") for error in errors)
    gevent.sleep(0)


def test_an_unknown_fixture_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "test_bad.py"
    path.write_text("def test_x(session, nope): ...\n")
    with pytest.raises(ValueError, match="Could not find fixture for parameter 'nope' in test_x"):
        user_classes_of_tests(str(path))


def test_a_file_that_cannot_be_imported_is_an_error_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "test_bad.py"
    path.write_text("import there_is_no_such_module\n")
    with pytest.raises(LocustError, match=r"(?s)could not collect the tests of .*there_is_no_such_module"):
        user_classes_of_tests(str(path))


def test_options_of_the_environment_are_for_test_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "test_x.py"
    path.write_text("def test_x(session): ...\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    assert list(user_classes_of_tests(str(path))) == ["test_x"]
    assert os.environ["PYTEST_ADDOPTS"] == "--no-such-option"


def test_a_file_without_tests_has_no_users(tmp_path: Path) -> None:
    path = tmp_path / "plain.py"
    path.write_text("x = 1\n")
    assert user_classes_of_tests(str(path)) == {}


def test_pytest_runs_the_same_file(tmp_path: Path, host: str) -> None:
    (tmp_path / "test_shop.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--host", host, "-p", "no:cacheprovider", "test_shop.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert "2 failed, 3 passed" in done.stdout, done.stdout + done.stderr
    assert "AssertionError: this is no good" in done.stdout
    assert "404 Client Error" in done.stdout
