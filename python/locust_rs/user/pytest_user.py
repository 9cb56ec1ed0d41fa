"""PytestUser: a User that calls a pytest-style test function over and over."""

from __future__ import annotations

import contextlib
import inspect
import io
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from socket import gaierror
from ssl import SSLError
from typing import TYPE_CHECKING, Any

from gevent import GreenletExit
from geventhttpclient.useragent import ConnectionError as FailedFastRequest
from requests import RequestException

from locust_rs.exception import (
    CatchResponseError,
    InterruptTaskSet,
    LocustError,
    RescheduleTask,
    RescheduleTaskImmediately,
    ResponseError,
    StopTest,
    StopUser,
)
from locust_rs.user.base import User
from locust_rs.user.lifecycle import LOCUST_STATE_RUNNING, LOCUST_STATE_STOPPING
from locust_rs.user.taskset import _let_others_run
from locust_rs.user.turnstile import turnstile_of

if TYPE_CHECKING:
    import pytest

logger = logging.getLogger("locust.user.users")

# These are in the statistics already, or only ask to start again.
_RESTARTING = (
    RequestException,
    FailedFastRequest,
    ConnectionError,
    TimeoutError,
    gaierror,
    SSLError,
    CatchResponseError,
    ResponseError,
    RescheduleTask,
    RescheduleTaskImmediately,
    InterruptTaskSet,
)


class PytestUser(User):
    """Runs test functions again and again; each user has fixtures of its own, which are created once.

    A request that fails restarts the test. Any other exception is reported like that of a task, and restarts the
    test as well.
    """

    abstract = True

    functions: list[pytest.Function]
    """The test functions that pytest collected; they run one after the other."""

    fixtures: list[dict[str, Any]]
    """The arguments of each function, in the order of `functions`."""

    def run(self) -> None:  # type: ignore[misc]  # final for locustfiles only
        """Runs the tests until the user is stopped."""
        self._state = LOCUST_STATE_RUNNING
        turnstile = turnstile_of(self)
        if turnstile.is_watched and not self._is_admitted(turnstile):
            return
        try:
            with ExitStack() as cleanups:
                self.on_start()
                values = _Fixtures(self, cleanups)
                self.fixtures = [values.arguments_of(function) for function in self.functions]
                tests = [_callable_of(function) for function in self.functions]
                while True:
                    for test, arguments in zip(tests, self.fixtures, strict=True):
                        if self._state == LOCUST_STATE_STOPPING:
                            raise StopUser()
                        if turnstile.is_watched:
                            with turnstile.iteration(self):
                                self._run_once(test, arguments)
                        else:
                            self._run_once(test, arguments)
                        _let_others_run(self)
        except (GreenletExit, StopUser, StopTest):
            self.on_stop()

    def _run_once(self, test: Callable[..., Any], arguments: dict[str, Any]) -> None:
        try:
            test(**arguments)
        except _RESTARTING:
            pass
        except (StopUser, StopTest):
            raise
        except Exception as error:
            self.environment.events.user_error.fire(user_instance=self, exception=error, tb=error.__traceback__)
            if not self.environment.catch_exceptions:
                raise
            logger.error("%s\n%s", error, traceback.format_exc())


def _callable_of(function: pytest.Function) -> Callable[..., Any]:
    """The test as a callable; a method gets an instance of its class for this user alone."""
    if function.cls is None:
        return function.obj  # type: ignore[no-any-return]
    return getattr(function.cls(), function.originalname)  # type: ignore[no-any-return]


class _Fixtures:
    """One user's fixtures: `session` and `fastsession`, and those that the tests' own files define."""

    def __init__(self, user: PytestUser, cleanups: ExitStack) -> None:
        self._user = user
        self._cleanups = cleanups
        self._values: dict[str, Any] = {}

    def arguments_of(self, function: pytest.Function) -> dict[str, Any]:
        return {name: self._value(name, function) for name in _parameters(function.obj)}

    def _value(self, name: str, function: pytest.Function) -> Any:
        if name not in self._values:
            make = {"session": self._session, "fastsession": self._fastsession}.get(name)
            self._values[name] = make() if make else self._made_by_fixture(name, function)
        return self._values[name]

    def _session(self) -> Any:
        from locust_rs.clients import HttpSession

        user = self._user
        session = HttpSession(
            base_url=user.host or user.environment.host or "",
            request_event=user.environment.events.request,
            user=user,
        )
        session.trust_env = False
        self._cleanups.callback(session.close)
        return session

    def _fastsession(self) -> Any:
        from locust_rs.http.fast.session import FastHttpSession

        user = self._user
        return FastHttpSession(
            base_url=user.host or user.environment.host,
            request_event=user.environment.events.request,
            user=user,
        )

    def _made_by_fixture(self, name: str, function: pytest.Function) -> Any:
        fixture = _fixture_function(name, function)
        arguments = {needed: self._value(needed, function) for needed in _parameters(fixture)}
        if inspect.isgeneratorfunction(fixture):
            steps = fixture(**arguments)
            value = next(steps)
            # Resumes the fixture as pytest does; it does not see the exception that ends the user.
            self._cleanups.callback(next, steps, None)
            return value
        return fixture(**arguments)


def _parameters(function: Callable[..., Any]) -> list[str]:
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if name != "self" and parameter.default is parameter.empty
    ]


def _fixture_function(name: str, function: pytest.Function) -> Callable[..., Any]:
    definitions = function._fixtureinfo.name2fixturedefs.get(name)
    if not definitions or name == "request" or definitions[-1].func.__module__.startswith("_pytest."):
        raise ValueError(f"Could not find fixture for parameter {name!r} in {function.name}")
    return definitions[-1].func


def user_classes_of_tests(path: str) -> dict[str, type[User]]:
    """Creates a User class for each test function that pytest finds in a file.

    Args:
        path: A Python file.

    Returns:
        The classes by name of the test; `Class_test` if two tests have the same name.

    Raises:
        ValueError: A test has a parameter that is not a fixture.
        LocustError: pytest could not collect the file; the message contains its output.
    """
    functions = _collected(path)
    names = [function.originalname for function in functions]
    classes: dict[str, type[User]] = {}
    for function in functions:
        _check_fixtures(function)
        name: str = function.originalname
        if names.count(name) > 1 and function.cls is not None:
            name = f"{function.cls.__name__}_{name}"
        classes[name] = type(name, (PytestUser,), {"functions": [function]})
    return classes


def _check_fixtures(function: pytest.Function) -> None:
    to_check = list(_parameters(function.obj))
    while to_check:
        name = to_check.pop()
        if name not in ("session", "fastsession"):
            to_check += _parameters(_fixture_function(name, function))


def _collected(path: str) -> list[pytest.Function]:
    import pytest

    class Collector:
        functions: list[pytest.Function]
        errors: list[str]

        def __init__(self) -> None:
            self.functions, self.errors = [], []

        def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
            self.functions = [item for item in items if isinstance(item, pytest.Function)]

        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            if report.failed:
                self.errors.append(report.longreprtext)

    collector = Collector()
    # This is not a test run, so without cache folder and terminal. `-c` keeps the options of a project away.
    arguments = ["--collect-only", "-p", "no:cacheprovider", "-p", "no:terminal", "-c", _NO_FILE]
    # Files of the same name in two folders are two modules; each finds its neighbours.
    arguments += ["--import-mode", "importlib"]
    folder = os.path.dirname(os.path.abspath(path))
    if folder not in sys.path:
        sys.path.insert(0, folder)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), _no_further_options():
        status = pytest.main([*arguments, "--rootdir", ".", path], plugins=[collector])
    if collector.errors or status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        reasons = "\n".join(collector.errors) or said.getvalue()
        raise LocustError(f"pytest could not collect the tests of {path}: {reasons}")
    return collector.functions


@contextlib.contextmanager
def _no_further_options() -> Iterator[None]:
    """Hides the pytest options of the environment, which are meant for test runs, such as those about reruns."""
    options = os.environ.pop("PYTEST_ADDOPTS", None)
    try:
        yield
    finally:
        if options is not None:
            os.environ["PYTEST_ADDOPTS"] = options


_NO_FILE = "/dev/null"
