"""Scenarios that run in the same way here and under stock Locust; prints what happened as JSON.

Run by both interpreters with one argument, the name of a scene. Only public names of Locust are used.
"""

import contextlib
import io
import json
import logging
import random
import re
import sys

import gevent
import gevent.pool

from locust import (
    MarkovTaskSet,
    SequentialTaskSet,
    TaskSet,
    User,
    between,
    constant_pacing,
    poisson,
    tag,
    task,
    transition,
    transitions,
)
from locust.env import Environment
from locust.exception import (
    InterruptTaskSet,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)
from locust.user.inspectuser import get_ratio, print_task_ratio, print_task_ratio_json
from locust.user.task import DefaultTaskSet, filter_tasks_by_tags

logging.disable(logging.CRITICAL)
environment = Environment()


def names(tasks):
    return [t.__name__ for t in tasks]


class Base(User):
    @task(2)
    def one(self): ...

    @task
    def two(self): ...

    tasks = {len: 2, abs: 1}


class Left(Base):
    @task
    def left(self): ...


class Right(Base):
    tasks = [(max, 2), min]

    @task(3)
    def one(self): ...


class Diamond(Left, Right):
    @task
    class Nested(TaskSet):
        @task(4)
        def inner(self): ...

        @task
        class Deeper(SequentialTaskSet):
            @task(2)
            def first(self): ...

            tasks = [sum]

            @task
            def last(self): ...

    @task(0)
    def never(self): ...


def task_lists():
    return {
        cls.__name__: names(cls.tasks) for cls in (Base, Left, Right, Diamond, Diamond.Nested, Diamond.Nested.Deeper)
    }


def seeded_picks():
    random.seed(11)
    picked = {}
    for cls in (Base, Left, Right, Diamond):
        tasks = DefaultTaskSet(cls(environment))
        picked[cls.__name__] = names(tasks.get_next_task() for _ in range(300))
    nested = Diamond.Nested(Diamond(environment))
    picked["nested"] = names(nested.get_next_task() for _ in range(300))
    ordered = Diamond.Nested.Deeper(nested)
    picked["ordered"] = names(ordered.get_next_task() for _ in range(10))
    return picked


def seeded_waits():
    random.seed(13)
    user = Base(environment)
    return [wait(user) for wait in (between(1, 5), between(0.5, 0.6), poisson(3)) for _ in range(50)]


def pacing():
    waits = []

    class Paced(User):
        wait_time = constant_pacing(0.05)
        rounds = 0

        @task
        def work(self):
            self.rounds += 1
            gevent.sleep((0.01, 0.08, 0.02)[self.rounds % 3])
            if self.rounds > 6:
                raise StopUser
            waits.append(self._cp_last_wait_time > 0)

    run(Paced)
    return waits[1:]


class Chain(MarkovTaskSet):
    @transitions({"browse": 3, "search": 2, "pay": 1})
    def browse(self): ...

    @transition("browse", 2)
    @transition("search")
    def search(self): ...

    @transitions([("browse", 2), "search"])
    def pay(self): ...


def markov():
    random.seed(17)
    chain = Chain(Base(environment))
    return names(chain.get_next_task() for _ in range(300))


def run(cls, env=None):
    user = cls(env or environment)
    greenlet = user.start(gevent.pool.Group())
    with contextlib.redirect_stderr(io.StringIO()):
        greenlet.join(timeout=20)
    return type(greenlet.exception).__name__ if greenlet.dead else "still running"


FLOW = ["on_start", "plain", "error", "resched", "immediate", "nested leave", "nested back", "nested error", "end"]


def flow_of(steps, catch_exceptions=True):
    """Records, in order, what happens when a user carries out these steps."""
    trace = []
    todo = list(steps)
    env = Environment(catch_exceptions=catch_exceptions)
    env.events.user_error.add_listener(
        lambda user_instance, exception, tb, **kwargs: trace.append(
            f"user_error {type(user_instance).__name__} {exception!r} {tb is not None}"
        )
    )

    def act(where, self):
        step = todo.pop(0) if todo else "stop"
        trace.append(f"{where} {step} {self.user._state if isinstance(self, TaskSet) else self._state}")
        raising = {
            "error": ValueError("broken"),
            "resched": RescheduleTask(),
            "immediate": RescheduleTaskImmediately(),
            "interrupt": InterruptTaskSet(),
            "interrupt and wait": InterruptTaskSet(reschedule=False),
            "stop": StopUser(),
            "stop test": StopTest(),
            "exit": gevent.GreenletExit(),
        }
        if step in raising:
            raise raising[step]

    class Nested(TaskSet):
        def on_start(self):
            act("Nested.on_start", self)

        def on_stop(self):
            trace.append("Nested.on_stop")

        @task
        def inner(self):
            act("Nested.inner", self)

    class Flow(User):
        def on_start(self):
            act("on_start", self)

        def on_stop(self):
            trace.append("on_stop")

        def wait_time(self):
            trace.append("wait")
            return 0.0001

    def plain(user):
        act("task", user)

    class Steps(SequentialTaskSet):
        tasks = [plain, Nested]

        def on_stop(self):
            trace.append("Steps.on_stop")

    Flow.tasks = [plain, plain] if "flat" in steps else [Steps, Steps]
    if "flat" in todo:
        todo.remove("flat")
    trace.append(run(Flow, env))
    return trace


FLOWS = {
    "flat": ["flat", "start", "go", "error", "resched", "immediate", "go", "stop"],
    "flat interrupt": ["flat", "start", "go", "interrupt", "go"],
    "flat interrupt and wait": ["flat", "start", "go", "interrupt and wait", "go"],
    "fails at start": ["flat", "error"],
    "stops at start": ["flat", "stop"],
    "reschedules at start": ["flat", "resched"],
    "exits": ["flat", "start", "exit"],
    "stops the test": ["flat", "start", "stop test"],
    "nested": ["start", "go", "in", "a", "b", "interrupt", "go", "in", "interrupt and wait", "go", "in", "stop"],
    "nested errors": ["start", "error", "in", "error", "resched", "immediate", "a", "interrupt", "go", "error", "go"],
    "nested interrupt at start": ["start", "go", "interrupt", "go", "interrupt and wait", "go", "in", "stop"],
    "nested resched at start": ["start", "go", "resched", "go", "immediate", "go", "stop"],
    "nested exit": ["start", "go", "in", "exit"],
    "outer interrupt": ["start", "interrupt", "go", "interrupt and wait", "go", "in", "stop"],
    "nested stop test": ["start", "go", "in", "stop test"],
}


def flows():
    return {name: flow_of(steps) for name, steps in FLOWS.items()}


def raised():
    return {name: flow_of(FLOWS[name], catch_exceptions=False) for name in ("flat", "nested errors")}


def filtering():
    results = []
    for tags, exclude in [
        ({"a"}, None),
        ({"b"}, None),
        ({"a", "c"}, {"b"}),
        (None, {"a"}),
        (None, {"c"}),
        ({"nope"}, None),
    ]:

        class Tagged(User):
            @tag("a")
            @task(2)
            def a(self): ...

            @tag("b", "a")
            @task
            def ab(self): ...

            @task
            def untagged(self): ...

            @tag("c")
            @task
            class Nested(TaskSet):
                @task
                def c(self): ...

                @tag("b")
                @task
                def cb(self): ...

        filter_tasks_by_tags(Tagged, tags, exclude)
        results.append([names(Tagged.tasks), names(Tagged.Nested.tasks)])
    return results


class Fixed(User):
    fixed_count = 3

    @task(3)
    def a(self): ...

    @task
    def b(self): ...


def ratios():
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for total in (False, True):
            print_task_ratio([Diamond, Base, Fixed], 10, total)
        print_task_ratio_json([Diamond, Base, Fixed], 10)
        print_task_ratio_json([Diamond, Base], 0)
        print_task_ratio_json([Diamond, Base, Fixed], 0)
        print_task_ratio_json([Diamond, Base, Fixed], 2)
    spawned = {"Diamond": 4, "Base": 0, "Fixed": 3}
    return [
        printed.getvalue(),
        get_ratio([Diamond, Base, Fixed], spawned, True),
        get_ratio([Diamond, Fixed], spawned, False),
    ]


def rest():
    """Every kind of response and of block, with both HTTP users: what was sent, parsed and reported."""
    from gevent.pywsgi import WSGIServer

    from locust import FastHttpUser, HttpUser

    trace = []

    def answer(environ, start_response):
        shown = {name: environ.get(name) for name in ("HTTP_ACCEPT", "CONTENT_TYPE", "HTTP_X")}
        query = "stamped" if "_=" in environ["QUERY_STRING"] else ""
        trace.append(["asked", environ["REQUEST_METHOD"], environ["PATH_INFO"], query, shown])
        status, body = {
            "/ok": ("200 OK", b'{"a": 1}'),
            "/error": ("500 Error", b'{"a": 1}'),
            "/error-text": ("500 Error", b"oh no"),
            "/empty": ("200 OK", b""),
            "/none": ("204 No Content", b""),
        }.get(environ["PATH_INFO"], ("200 OK", b"not json " + b"x" * 400))
        start_response(status, [("Content-Type", "application/json")])
        return [body]

    server = WSGIServer(("127.0.0.1", 0), answer, log=None)
    server.start()
    env = Environment()

    @env.events.request.add_listener
    def note(request_type, name, exception, response_length, context, **kwargs):
        text = re.sub(r"[^ ]*users.py:\d+ in rest, ", "", str(exception).replace(str(server.server_port), "PORT"))
        text = re.sub(r"[^ ]*(scenes.py:)\d+", r"\1", text)
        trace.append(["reported", request_type, name, type(exception).__name__, text, response_length, context])

    def raising(exception):
        def act(response):
            raise exception

        return act

    def check(response):
        assert response.js["a"] == 2, "a is wrong"

    def check_silently(response):
        assert response.js["a"] == 2

    def show(response):
        trace.append(["js", response.js])

    for base in (FastHttpUser, HttpUser):
        user = type("Tester", (base,), {"host": f"http://127.0.0.1:{server.server_port}"})(env)
        for method, path, act, options in [
            ("GET", "/ok", show, {}),
            ("GET", "/text", show, {}),
            ("POST", "/error", show, {"json": {"x": 1}}),
            ("POST", "/error-text", show, {"json": {"x": 1}}),
            ("GET", "/empty", show, {}),
            ("GET", "/none", show, {}),
            ("GET", "/ok", show, {"headers": {"X": "y", "Accept": "text/html"}}),
            ("GET", "/ok", show, {"headers": {"content-type": "text/x"}, "name": "mine"}),
            ("GET", "/ok", raising(ValueError("in the block")), {}),
            ("GET", "/ok", check, {}),
            ("GET", "/ok", check_silently, {}),
            ("GET", "/text", lambda response: response.js["a"], {}),
            ("GET", "/ok", raising(RescheduleTask()), {}),
            ("GET", "/ok", raising(StopUser()), {}),
            ("GET", "/ok", raising(InterruptTaskSet()), {}),
            ("GET", "/ok", lambda response: response.failure("mine"), {}),
            ("GET", "/text", lambda response: response.success(), {}),
        ]:
            with user.rest(method, path, **options) as response:
                act(response)
        for path, options in [("/ok?b=1", {}), ("/ok", {}), ("/ok", {"name": "mine"})]:
            with user.rest_("GET", path, **options) as response:
                show(response)
    return trace


def descriptions():
    return [[cls.json(), cls.fullname(), cls.abstract] for cls in (Base, Left, Diamond)]


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]]()))
