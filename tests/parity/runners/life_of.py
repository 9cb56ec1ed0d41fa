"""Prints events, states and log lines of a local runner's life; runs under locust-rs and under stock Locust."""

import logging
import sys

import gevent

from locust import LoadTestShape, User, constant, task
from locust.env import Environment

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stdout)


class Plain(User):
    wait_time = constant(0.05)

    @task
    def nothing(self):
        pass


class Fixed(Plain):
    fixed_count = 1


class Failing(User):
    wait_time = constant(60)

    @task
    def fail(self):
        raise RuntimeError("on purpose")


def show(*values):
    print("##", *values, flush=True)


def traced(environment):
    names = ("test_start", "test_stopping", "test_stop", "spawning_complete", "user_error", "quitting")
    for name in names:

        def handler(_name=name, **kwargs):
            runner = environment.runner
            show("event", _name, sorted(kwargs), kwargs.get("user_count"), runner.state, runner.user_count)

        getattr(environment.events, name).add_listener(handler)
    return environment.create_local_runner()


def settle(runner, users):
    with gevent.Timeout(60):
        while not (runner.state == "running" and runner.user_count == users):
            gevent.sleep(0.01)
    show(runner.state, runner.user_count, runner.user_classes_count, runner.target_user_classes_count)


def life():
    runner = traced(Environment(user_classes=[Plain, Fixed]))
    show(runner.state, runner.worker_count, runner.worker_index, runner.user_classes_count)
    runner.start(4, 40)
    show(runner.state, runner.user_count)
    settle(runner, 4)
    runner.start(2, 40)
    gevent.sleep(0.2)
    settle(runner, 2)
    runner.stop()
    show(runner.state, runner.user_count, runner.final_user_classes_count, runner.target_user_count)
    runner.stop()
    runner.start(1, 120)
    gevent.sleep(0.2)
    settle(runner, 1)
    runner.quit()
    show(runner.state, runner.user_count)


def messages():
    runner = traced(Environment(user_classes=[Plain]))
    runner.register_message("known", lambda environment, msg, **kwargs: show(msg.type, msg.data, msg.node_id))
    runner.send_message("known", {"a": 1})
    runner.send_message("unknown")
    runner.quit()


def exceptions():
    logging.getLogger("locust.user.task").disabled = True
    runner = traced(Environment(user_classes=[Failing]))
    runner.start(3, 40)
    settle(runner, 3)
    gevent.sleep(0.1)
    runner.log_exception("a", "first", "same traceback")
    runner.log_exception("b", "second", "same traceback")
    for row in runner.exceptions.values():
        show(row["count"], row["msg"], sorted(row["nodes"]))
    runner.quit()


def shape():
    class Steps(LoadTestShape):
        ticks = iter([(2, 50), (2, 50), (3, 50, [Plain]), (1, 50, None), None])

        def tick(self):
            return next(self.ticks)

    runner = traced(Environment(user_classes=[Plain, Fixed], shape_class=Steps()))
    runner.start_shape()
    runner.start_shape()
    with gevent.Timeout(60):
        while runner.state != "stopped":
            gevent.sleep(0.05)
    show(runner.state, runner.user_count)
    runner.quit()


def turns():
    """A stop that comes after so many turns of the hub."""
    logging.disable(logging.INFO)
    for number in range(4):
        environment = Environment(user_classes=[Plain])
        runner = environment.create_local_runner()
        seen = []
        for name in ("test_start", "test_stopping", "test_stop"):
            getattr(environment.events, name).add_listener(
                lambda _seen=seen, _name=name, **_kwargs: _seen.append(_name)
            )
        runner.start(1, 1)
        for _ in range(number):
            gevent.sleep(0)
        runner.stop()
        show(number, seen, runner.state)
        runner.quit()


{"life": life, "messages": messages, "exceptions": exceptions, "shape": shape, "turns": turns}[sys.argv[1]]()
