"""Reads one page of the sample shop; the variable PAGE_PATH stands for what a revision of the shop serves there."""

import os

from locust import FastHttpUser, constant, task


class Reader(FastHttpUser):
    wait_time = constant(0.02)

    @task(3)
    def page(self):
        self.client.get(os.environ["PAGE_PATH"], name="/page")

    @task
    def search(self):
        self.client.get("/search?q=lantern", name="/search")
