"""What `locust-rs upgrade` makes of old forms, and what it leaves to a person."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from locust_rs.upgrade.rewriting import upgraded

TESTS = Path(__file__).parents[2]

CASES = {
    "user with times": (
        """
        from locust import HttpLocust, TaskSet  # the client

        class Tasks(TaskSet): ...

        class Visitor(HttpLocust):
            # what it does
            task_set = Tasks
            # not too fast
            min_wait = 500  # ms
            # not too slow
            max_wait = 1500
            host = "http://shop"
        """,
        """
        from locust import HttpUser, TaskSet, between  # the client

        class Tasks(TaskSet): ...

        class Visitor(HttpUser):
            # what it does
            tasks = [Tasks]
            # not too fast
            # not too slow
            wait_time = between(0.5, 1.5)  # ms
            host = "http://shop"
        """,
    ),
    "equal times": (
        "from locust import Locust\nclass A(Locust):\n    tasks = [f]\n    max_wait=0\n    min_wait=0\n",
        "from locust import User, constant\nclass A(User):\n    tasks = [f]\n    wait_time=constant(0)\n",
    ),
    "one time of two": (
        "from locust import Locust\nclass A(Locust):\n    tasks = [f]\n    max_wait = 5000\n",
        "from locust import User, between\nclass A(User):\n    tasks = [f]\n    wait_time = between(1, 5)\n",
    ),
    "computed times": (
        "from locust import Locust\nclass A(Locust):\n    tasks = [f]\n    min_wait = 60 * S\n    max_wait = LONG\n",
        "from locust import User, between\nclass A(User):\n    tasks = [f]\n"
        "    wait_time = between((60 * S) / 1000, LONG / 1000)\n",
    ),
    "times of a user of today": (
        "from locust import HttpUser\nclass A(HttpUser):\n    min_wait = 1000\n    max_wait = 2000\n    task_set = B\n",
        "from locust import HttpUser, between\nclass A(HttpUser):\n    wait_time = between(1, 2)\n    tasks = [B]\n",
    ),
    "function that waits": (
        "from locust import Locust\nclass A(Locust):\n    tasks = [f]\n    wait_function = lambda self: g() * 1000\n",
        "from locust import User\nclass A(User):\n    tasks = [f]\n    wait_time = lambda self: (g() * 1000) / 1000\n",
    ),
    "defaults of then": (
        """
        from locust import Locust

        class Base(Locust):
            "Has a client."

            def on_start(self):
                self.client = Client()

        class Often(Base):
            weight = 30
            tasks = [f]

        class Seldom(Base):
            pass
        """,
        """
        from locust import User, constant

        class Base(User):
            "Has a client."
            wait_time = constant(1)
            weight = 10
            abstract = True

            def on_start(self):
                self.client = Client()

        class Often(Base):
            weight = 30
            tasks = [f]

        class Seldom(Base):
            abstract = True
        """,
    ),
    "task set in a class": (
        "import locust\n\nclass A(locust.HttpLocust):\n    min_wait = max_wait = 0\n    wait_time = f\n\n"
        "    class task_set(locust.TaskSet):\n        pass\n",
        "import locust\nfrom locust import task\n\nclass A(locust.HttpUser):\n    min_wait = max_wait = 0\n"
        "    wait_time = f\n\n    @task\n    class task_set(locust.TaskSet):\n        pass\n",
    ),
    "user without environment": (
        "from locust import Locust\nclass A(Locust):\n    tasks = [f]\n    wait_time = g\n"
        "    def __init__(self):\n        Locust.__init__(self)\n",
        "from locust import User\nclass A(User):\n    tasks = [f]\n    wait_time = g\n"
        "    def __init__(self, environment):\n        User.__init__(self, environment)\n",
    ),
    "modules of then": (
        "from locust.core import HttpLocust, TaskSet, InterruptTaskSet\nfrom locust import events\n"
        "from locust.exception import StopLocust\nfrom locust.events import EventHook\nraise StopLocust()\n",
        "from locust import HttpUser, TaskSet, events\nfrom locust.exception import InterruptTaskSet\n"
        "from locust.exception import StopUser\nfrom locust.event import EventHook\nraise StopUser()\n",
    ),
    "import in brackets": (
        "from locust import (\n    Locust,\n    task,\n)\n\nclass A(Locust):\n    @task\n    def t(self): ...\n",
        "from locust import (\n    User,\n    task,\n    constant,\n)\n\n"
        "class A(User):\n    wait_time = constant(1)\n\n    @task\n    def t(self): ...\n",
    ),
    "import under another name": (
        "from locust import HttpLocust as Visitor\nclass A(Visitor):\n    task_set = B\n    wait_time = f\n",
        "from locust import HttpUser as Visitor\nclass A(Visitor):\n    tasks = [B]\n    wait_time = f\n",
    ),
    "user of a task": (
        "def t(l):\n    l.locust.client.get('/')\n    self.locust\nlocust.locust\n",
        "def t(l):\n    l.user.client.get('/')\n    self.locust\nlocust.locust\n",
    ),
    "tasks with arguments": (
        """
        def plain(l, a): ...
        class T(TaskSet):
            def t(self):
                self.schedule_task(self.m, args=[1, "a"], kwargs={"b": 2})
                self.schedule_task(plain, [x], first=True)
                self.schedule_task(self.m, kwargs=options)
                self.schedule_task(self.m, True)
        """,
        """
        def plain(l, a): ...
        class T(TaskSet):
            def t(self):
                self.schedule_task(lambda task_set: self.m(1, "a", b=2))
                self.schedule_task(lambda task_set, args=[x]: plain(task_set, *args), first=True)
                self.schedule_task(lambda task_set, kwargs=options: self.m(**kwargs))
                self.schedule_task(self.m, True)
        """,
    ),
    "listeners": (
        """
        from locust import events

        def good(method, path, response_time, response_length):
            '''Notes it.'''
            print(f"{path}: {response_time}", x.path, f(path=path))

        @events.request_failure.add_listener
        def bad(request_type, name, response_time, exception, *, more=1, **kw): log(name)

        def both(request_type, name, response_time, **kwargs):
            pass

        events.request_success += good
        events.request_success += both
        events.request_failure += both
        events.request_success -= good
        """,
        """
        from locust import events

        def good(request_type, name, response_time, response_length, exception=None, **kwargs):
            '''Notes it.'''
            if exception:
                return
            print(f"{name}: {response_time}", x.path, f(path=name))

        @events.request.add_listener
        def bad(request_type, name, response_time, exception, *, more=1, **kw): log(name)

        def both(request_type, name, response_time, **kwargs):
            pass

        events.request.add_listener(good)
        events.request.add_listener(both)
        events.request.remove_listener(good)
        """,
    ),
    "methods as listeners": (
        """
        class Sink:
            def __init__(self):
                events.request_success += self.note
                locust.events.hatch_complete += self.begin
                events.locust_error.add_listener(self.err)

            def note(self, request_type, **kwargs):
                self.send(request_type)

            def begin(self, user_count): ...

            def err(self, locust_instance, exception, tb):
                print(locust_instance.client)
        """,
        """
        class Sink:
            def __init__(self):
                events.request.add_listener(self.note)
                locust.events.spawning_complete.add_listener(self.begin)
                events.user_error.add_listener(self.err)

            def note(self, request_type, exception=None, **kwargs):
                if exception:
                    return
                self.send(request_type)

            def begin(self, user_count, **kwargs): ...

            def err(self, user_instance, exception, tb, **kwargs):
                print(user_instance.client)
        """,
    ),
    "events that are fired": (
        """
        environment.events.request_success.fire("A", "/", 1, 2)
        events.request_failure.fire(
            request_type="GET",
            name="/",
            response_time=1,
            exception=e,
        )
        events.request_failure.fire(**meta)
        """,
        """
        environment.events.request.fire(request_type="A", name="/", response_time=1, response_length=2, exception=None)
        events.request.fire(
            request_type="GET",
            name="/",
            response_time=1,
            exception=e,
            response_length=0,
        )
        events.request.fire(**meta)
        """,
    ),
    "routes": (
        '''
        from locust import web, task

        # for the dashboard
        @web.app.route("/a")
        @cached
        def a():
            """
            The first letter.
            """
            return "a"
        ''',
        '''
        from locust import task, events

        # for the dashboard
        @events.init.add_listener
        def add_a(web_ui, **kwargs):
            if web_ui:
                @web_ui.app.route("/a")
                @cached
                def a():
                    """
                    The first letter.
                    """
                    return "a"
        ''',
    ),
    "names of 1.x": (
        "from locust.runners import SlaveLocustRunner\nrunner.start(5, hatch_rate=2)\nprint(runner.hatch_rate)\n"
        "isinstance(runner, SlaveLocustRunner)\n",
        "from locust.runners import WorkerRunner\nrunner.start(5, spawn_rate=2)\nprint(runner.spawn_rate)\n"
        "isinstance(runner, WorkerRunner)\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES.keys())
def test_old_form_becomes_todays(before: str, after: str) -> None:
    result = upgraded(dedent(before).lstrip("\n").encode())
    assert result.after == dedent(after).lstrip("\n")
    ast.parse(result.after)
    again = upgraded(result.content)
    assert not again.changes


ORDINARY = """\
from locust import HttpUser, between, events, task, TaskSet

class Locust:
    min_wait = 3
    def setup(self): ...

class Visitor(HttpUser):
    wait_time = between(1, 2)

    @task
    def t(self):
        self.client.get("/", name="x")
        self.environment.events.request.fire(request_type="A", name="b", response_time=1, response_length=0)

@events.request.add_listener
def on_request(exception, **kwargs): ...

@events.init_command_line_parser.add_listener
def add_options(parser): ...

total = 0
total += 1
web.app.route("/")
gun.fire("bang")
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_file_of_today_stays_as_it_is(newline: str) -> None:
    content = ORDINARY.replace("\n", newline).encode()
    result = upgraded(content)
    assert (result.content, result.leftovers) == (content, [])


EXAMPLES = [*(TESTS / "compat/spec_examples").glob("*.py"), *(TESTS.parent / "examples").glob("*.py")]
FRAGMENTS = {"api_measure"}
"""A `with` without a body is not Python yet."""


@pytest.mark.parametrize("path", [one for one in EXAMPLES if one.stem not in FRAGMENTS], ids=lambda path: path.stem)
def test_documented_example_of_today_stays_as_it_is(path: Path) -> None:
    result = upgraded(path.read_bytes())
    assert (result.diff(path.name), result.leftovers) == ([], [])


def test_encoding_and_line_ends_stay() -> None:
    content = "# coding: latin-1\r\nfrom locust import HttpLocust\r\nx = 'é'\r\n".encode("latin-1")
    expected = "# coding: latin-1\r\nfrom locust import HttpUser\r\nx = 'é'\r\n"
    assert upgraded(content).content == expected.encode("latin-1")


LEFT = {
    "handler from elsewhere": (
        "from lib import f\nevents.request_success += f\n",
        2,
        "events.request_success is events.request",
    ),
    "lambda as handler": ("events.request_failure += lambda **kw: 0\n", 1, "events.request_failure is events.request"),
    "positions of an unknown event": ("hook = EventHook()\nhook.fire(1)\n", 2, "fire takes keyword arguments alone"),
    "task set with arguments": ("class T(TaskSet): ...\nself.schedule_task(T, args=[1])\n", 2, "hands on no arguments"),
    "function that waits": (
        "from locust import Locust\nclass A(Locust):\n    tasks = [f]\n    wait_function = f\n",
        4,
        "wait_time",
    ),
    "half of a TaskSet's times": ("from locust import TaskSet\nclass A(TaskSet):\n    min_wait = 1\n", 3, "between"),
    "life time": ("from locust import HttpUser\nclass A(HttpUser):\n    stop_timeout = 9\n", 3, "--run-time"),
    "setup": ("from locust import HttpUser\nclass A(HttpUser):\n    def setup(self): ...\n", 3, "events.test_start"),
    "global runner": ("from locust import runners\n\n\nrunners.locust_runner.quit()\n", 4, "environment.runner"),
    "route of a class": (
        "from locust import web\nclass A:\n    @web.app.route('/')\n    def f(self): ...\n",
        3,
        "web_ui.app",
    ),
    "order of tasks": ("from locust import TaskSequence, seq_task\n", 1, "SequentialTaskSet"),
    "option": ("import sys\nif '--slave' in sys.argv: ...\n", 2, "the option --slave is --worker"),
    "event as a module's name": ("from locust.events import request_success\n", 1, "attributes of the object events"),
    "behind lines that come and go": (
        "from locust import HttpLocust, web\n@web.app.route('/')\ndef f(): ...\n"
        "class A(HttpLocust):\n    task_set = T\n    min_wait = 1\n    max_wait = 2\nrunners.locust_runner\n",
        8,
        "environment.runner",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), LEFT.values(), ids=LEFT.keys())
def test_line_that_needs_a_person_is_listed(text: str, line: int, message: str) -> None:
    result = upgraded(text.encode())
    assert any(result.line_before(one.line) == line and message in one.message for one in result.leftovers), (
        result.leftovers
    )
