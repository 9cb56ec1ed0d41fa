"""Prints what a dispatcher does for random configurations; runs under locust-rs and under stock Locust."""

import json
import random
import sys

from locust import User
from locust.dispatch import UsersDispatcher, _kl_generator
from locust.runners import WorkerNode

random_of = random.Random(int(sys.argv[1]))


def ramp(dispatcher, target, rate):
    dispatcher.new_dispatch(target, rate)
    dispatcher._wait_between_dispatch = 0
    return list(dispatcher)


def configuration():
    choice = random_of.choice
    classes = []
    for number in range(random_of.randint(1, 6)):
        name = f"U{random_of.randint(0, 9)}{number}"
        weight = choice([1, 1, random_of.randint(1, 9), random_of.randint(1, 100), random_of.uniform(0.1, 3)])
        fixed_count = choice([0, 0, 0, random_of.randint(1, 5)])
        classes.append(type(name, (User,), {"weight": weight, "fixed_count": fixed_count, "abstract": False}))
    if not any(cls.fixed_count == 0 for cls in classes):
        classes[0].fixed_count = 0
    hosts = [f"h{random_of.randint(1, 3)}_{number:x}" for number in range(random_of.randint(1, 9))]
    return classes, hosts


for _ in range(int(sys.argv[2])):
    classes, hosts = configuration()
    dispatcher = UsersDispatcher([WorkerNode(host) for host in hosts], classes)
    up, down, rate = random_of.randint(0, 120), random_of.randint(0, 120), random_of.choice([1, 2, 2.5, 7, 0.4, 50])
    first = ramp(dispatcher, up, rate)
    second = ramp(dispatcher, max(up, down) if random_of.random() < 0.5 else min(up, down), random_of.randint(1, 40))
    turns = _kl_generator([(cls.__name__, cls.weight) for cls in classes])
    print(json.dumps([first, second, [next(turns) for _ in range(100)]], sort_keys=True))
