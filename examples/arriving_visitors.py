"""Visitors that arrive at a rate, however fast the target answers: an open model."""

from locust import FastHttpUser, task


class Visitor(FastHttpUser):
    arrival_rate = [(10, 50), (600, 50)]  # to 50 per second within 10 s, and ten minutes at that rate
    arrival_distribution = "poisson"  # as independent people come
    max_users = 500  # further arrivals are dropped, and told

    @task
    def visit(self):
        self.client.get("/")
        self.client.get("/search", params={"q": "kettle"}, name="/search")
