"""`FastHttpUser`, plain GET."""

from locust import FastHttpUser, task


class Bench(FastHttpUser):
    @task
    def get(self):
        self.client.get("/")
