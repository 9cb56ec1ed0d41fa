"""The users whose numbers the simulated workers are told. None of them runs."""

import os

from locust import User, runners, task

if os.environ.get("FLEET_IS_PATIENT"):
    runners.HEARTBEAT_LIVENESS = runners.LAST_REPORT_TIMEOUT = 60


class Visitor(User):
    weight = 9

    @task
    def nothing(self):
        pass


class Buyer(Visitor):
    weight = 1
