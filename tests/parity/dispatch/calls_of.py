"""Prints what a locustfile's own dispatcher class is called with; runs under our own and under stock Locust."""

import gevent

from locust import User, constant, task
from locust.dispatch import UsersDispatcher
from locust.env import Environment


def shown(value):
    if isinstance(value, list):
        return [shown(item) for item in value]
    return getattr(value, "__name__", None) or (
        value if isinstance(value, int | float | None) else type(value).__name__
    )


def told(method):
    def tell(self, *args, **kwargs):
        print("##", method.__name__, shown(list(args)), {name: shown(value) for name, value in kwargs.items()})
        return method(self, *args, **kwargs)

    return tell


class Told(UsersDispatcher):
    __init__ = told(UsersDispatcher.__init__)
    new_dispatch = told(UsersDispatcher.new_dispatch)
    add_worker = told(UsersDispatcher.add_worker)


class First(User):
    wait_time = constant(1)

    @task
    def nothing(self):
        pass


class Second(First):
    pass


def environment():
    made = Environment(user_classes=[First, Second])
    made.dispatcher_class = Told
    return made


def until(condition):
    with gevent.Timeout(60):
        while not condition():
            gevent.sleep(0.02)


def alone():
    runner = environment().create_local_runner()
    for users, classes in ((2, None), (4, [First]), (1, None)):
        runner.start(users, 100, user_classes=classes)
        until(lambda users=users: runner.state == "running" and runner.user_count == users)
    runner.quit()


def distributed():
    master = environment().create_master_runner("127.0.0.1", 0)
    gevent.sleep(0)
    workers = [environment().create_worker_runner("127.0.0.1", master.server.port)]

    def is_spread(*users):
        return master.state == "running" and sorted(worker.user_count for worker in workers) == sorted(users)

    until(lambda: master.clients.ready)
    gevent.spawn(master.start, 6, 100)
    until(lambda: is_spread(6))
    workers.append(environment().create_worker_runner("127.0.0.1", master.server.port))
    until(lambda: is_spread(3, 3))
    master.quit()


alone()
distributed()
