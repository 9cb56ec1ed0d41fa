"""A second locustfile, beside the converted one: its users do not think."""

from locust import constant, events


@events.init.add_listener
def take_no_time(environment, **_kwargs):
    for user_class in environment.user_classes:
        user_class.wait_time = constant(0)
