"""`HttpUser`, plain GET."""

from locust import HttpUser, task


class Bench(HttpUser):
    @task
    def get(self):
        self.client.get("/")
