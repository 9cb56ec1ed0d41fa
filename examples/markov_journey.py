"""A journey through a shop: what comes next depends, by weights, on what came before."""

from locust import HttpUser, MarkovTaskSet, constant, transition, transitions


class Journey(MarkovTaskSet):
    @transitions({"search": 3, "view": 1})
    def home(self):
        self.client.get("/")

    @transitions({"search": 1, "view": 4})
    def search(self):
        self.client.get("/search?q=lamp", name="/search")

    @transitions({"search": 2, "buy": 1})
    def view(self):
        self.client.get("/items/7", name="/items/[id]")

    @transition("home")
    def buy(self):
        self.client.post("/cart", json={"item": 7})


class Shopper(HttpUser):
    wait_time = constant(0.5)
    tasks = [Journey]
