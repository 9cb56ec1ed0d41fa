"""The load test of the sample shop, with two kinds of users."""

import random

from locust import FastHttpUser, SequentialTaskSet, between, constant, task


class Purchase(SequentialTaskSet):
    """One purchase, step by step."""

    @task
    def choose(self):
        self.product_id = random.randint(1, 200)
        self.client.get(f"/products/{self.product_id}", name="/products/[id]")

    @task
    def add_to_cart(self):
        self.client.post("/cart", json={"product_id": self.product_id})

    @task
    def pay(self):
        with self.client.post("/checkout", catch_response=True) as response:
            if response.status_code == 201 and response.json()["total"] <= 0:
                response.failure("the total must be above 0")
        self.interrupt()


class Shopper(FastHttpUser):
    """Logs in, browses, and buys something now and then."""

    weight = 9
    wait_time = between(0.02, 0.2)
    tasks = {Purchase: 2}

    def on_start(self):
        self.client.post("/login", json={"username": f"user-{id(self)}", "password": "locust"})

    @task(2)
    def look_at_home(self):
        self.client.get("/")

    @task(5)
    def browse(self):
        page = random.randint(1, 10)
        self.client.get(f"/products?page={page}", name="/products?page=[n]")

    @task(3)
    def search(self):
        word = random.choice(["lantern", "radio", "amber", "copper"])
        with self.client.get(f"/search?q={word}", name="/search?q=[word]", catch_response=True) as response:
            if response.status_code == 200 and response.json()["count"] == 0:
                response.failure("found nothing")

    @task(1)
    def see_recommendations(self):
        self.client.get("/recommendations")


class Analyst(FastHttpUser):
    """Waits for slow reports."""

    weight = 1
    wait_time = constant(1)

    @task
    def read_sales_report(self):
        self.client.get("/reports/sales")
