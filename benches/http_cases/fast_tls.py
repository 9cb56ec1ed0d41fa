"""`FastHttpUser` over TLS with keep-alive, 1 KiB body."""

from locust import FastHttpUser, task


class Bench(FastHttpUser):
    @task
    def get(self):
        self.client.get("/1k")
