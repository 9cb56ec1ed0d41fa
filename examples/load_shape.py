"""Users in stages: a warm-up, a plateau, a peak, and down again."""

from locust import HttpUser, LoadTestShape, between, task


class Visitor(HttpUser):
    wait_time = between(0.5, 2)

    @task
    def home(self):
        self.client.get("/")


class Stages(LoadTestShape):
    stages = [
        {"until_s": 60, "users": 10, "spawn_rate": 1},
        {"until_s": 180, "users": 100, "spawn_rate": 10},
        {"until_s": 240, "users": 300, "spawn_rate": 50},
        {"until_s": 300, "users": 20, "spawn_rate": 50},
    ]

    def tick(self):
        for stage in self.stages:
            if self.get_run_time() < stage["until_s"]:
                return stage["users"], stage["spawn_rate"]
        return None
