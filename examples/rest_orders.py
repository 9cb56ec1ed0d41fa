"""A REST API with `FastHttpUser.rest`: bodies are parsed, and what is wrong with an answer becomes a failure."""

from locust import FastHttpUser, constant, task


class Customer(FastHttpUser):
    wait_time = constant(1)

    @task
    def order(self):
        with self.rest("POST", "/orders", json={"article": 17, "pieces": 2}) as response:
            if not response.js:
                return
            if "id" not in response.js:
                response.failure("no id in the answer")
                return
            path = f"/orders/{response.js['id']}"
        with self.rest("GET", path, name="/orders/[id]") as response:
            # A failed assertion is a failure of the request.
            assert response.js["pieces"] == 2, "the order has changed"
        self.client.delete(path, name="/orders/[id]")
