"""`HttpUser` over TLS with keep-alive, 1 KiB body."""

from locust import HttpUser, task


class Bench(HttpUser):
    def on_start(self):
        self.client.verify = False

    @task
    def get(self):
        self.client.get("/1k")
