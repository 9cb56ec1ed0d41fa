"""A shape and users that do nothing; runs on stock Locust too."""

from locust import LoadTestShape, User, constant, task


class Idle(User):
    wait_time = constant(0.1)

    @task
    def nothing(self):
        pass


class Steady(LoadTestShape):
    use_common_options = True

    def tick(self):
        return 2, 2
